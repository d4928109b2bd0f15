import { PyrewriteError } from '../../errors.ts';
import { secondsOption } from '../args.ts';
import type { Args, Command } from '../command.ts';
import type { Recording } from '../control/running-profile.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'switches the recording of running processes on and off',
  usage: 'pyrewrite control on|off|status [OPTIONS] PID|PROFILE|FOLDER…',
  description: `
Tells running processes to record, or not to, through their profiles: a process looks there at its next
operations, and where its code is sampled, at its next window. While recording is off, a program costs what
its closed probes or gates cost, and what begins is not counted; what had begun before is counted when it
ends. A folder stands for the processes that write into it. \`status\` without an operand shows all
processes of the user that record.`,
  examples: [
    { line: 'pyrewrite control off 4711', what: 'one process stops recording' },
    { line: 'pyrewrite control on profiles/', what: 'all that write into a folder record again' },
    { line: 'pyrewrite control status --json', what: 'what all processes do, for programs' },
  ],
  options: {
    all: { type: 'boolean', help: 'on and off: all running processes of the user that record' },
    wait: { type: 'string', value: 'SECONDS', help: 'wait so long until they have obeyed (default: 1)' },
    json: { type: 'boolean', help: 'print JSON' },
  },
  run,
};

/** Version of the JSON interface; docs/how-to/sample-in-production.md has its fields. */
const CONTROL_SCHEMA = 'pyrewrite-control/1';

const WISHES = ['on', 'off', 'status'] as const;

async function run(args: Args, io: Io): Promise<number> {
  const [wish, ...targets] = args.positionals;
  const asked = WISHES.find((name) => name === wish);
  if (asked === undefined) {
    const what = wish === undefined ? 'nothing was asked for' : `'${wish}' cannot be asked for`;
    throw new PyrewriteError('usage', what, { remedy: 'say on, off or status, and then which processes' });
  }
  if (asked !== 'status' && targets.length === 0 && !args.flag('all')) {
    throw new PyrewriteError('usage', `which processes shall switch recording ${asked}?`, {
      remedy: 'name process ids, profiles or folders, or say --all',
    });
  }
  const waitMs = secondsOption(args.string('wait') ?? '1', 'wait', 0, 3600) * 1000;
  const { runningRecordings } = await import('../control/targets.ts');
  const { askAndWait } = await import('../control/running-profile.ts');
  const running = runningRecordings(targets, io.cwd);
  const recordings =
    asked === 'status'
      ? running
      : await Promise.all(running.map(({ file }) => askAndWait(file, asked, waitMs)));
  if (args.flag('json'))
    io.stdout.write(`${JSON.stringify({ schema: CONTROL_SCHEMA, processes: recordings })}\n`);
  else io.stdout.write(await textOf(recordings));
  return 0;
}

async function textOf(recordings: readonly Recording[]): Promise<string> {
  const { formatColumns, printable } = await import('../../report/text-table.ts');
  const { formatDuration } = await import('../../report/units.ts');
  const columns = [
    { title: 'pid', align: 'right', cell: ({ pid }: Recording) => String(pid) },
    { title: 'recording', align: 'left', cell: stateOf },
    {
      title: 'off',
      align: 'right',
      cell: ({ offNs }: Recording) => (offNs > 0 ? formatDuration(offNs) : ''),
    },
    { title: 'profile', align: 'left', cell: ({ file }: Recording) => file },
    { title: 'command', align: 'left', cell: ({ command }: Recording) => command.join(' ') },
  ] as const;
  const { lines } = formatColumns(columns, recordings, { width: Number.POSITIVE_INFINITY });
  return `${lines.map((line) => printable(line.trimEnd())).join('\n')}\n`;
}

function stateOf({ state, pending }: Recording): string {
  return pending === null || pending === state ? state : `${state}, ${pending} at its next operation`;
}
