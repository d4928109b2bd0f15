import { PyrewriteError } from '../../errors.ts';
import { integerOption, secondsOption } from '../args.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'writes what running processes record, interval by interval',
  usage: 'pyrewrite snapshot [OPTIONS] [PID|PROFILE|FOLDER]…',
  description: `
Copies the profiles of running processes and writes what they recorded as profiles of their own: all of it, or with
--every what each interval added. The intervals of a process add up to its whole profile (\`pyrewrite merge\`). The
processes notice nothing and cost nothing more. Each interval is one file, named after its end, with all processes in
it; --keep removes the oldest. Without an operand it takes all processes of the user that record; with --every it goes
on until all have ended, and at an interrupt it writes what is left.`,
  examples: [
    { line: 'pyrewrite snapshot -o now/ 4711', what: 'what a process recorded until now' },
    {
      line: 'pyrewrite snapshot --every 60 --keep 1440 -o minutes/ profiles/',
      what: 'a file each minute, those of the last day',
    },
  ],
  options: {
    every: { type: 'string', value: 'SECONDS', help: 'write an interval after each so many seconds' },
    count: { type: 'string', value: 'N', help: 'with --every: end after N intervals' },
    keep: { type: 'string', value: 'N', help: 'with --every: keep the latest N files' },
    output: { type: 'string', short: 'o', value: 'FOLDER', help: 'where the files go (default: .)' },
  },
  run,
};

const MOST = 1_000_000_000;

async function run(args: Args, io: Io): Promise<number> {
  const every = args.string('every');
  const count = args.string('count');
  const keep = args.string('keep');
  if (every === undefined && (count ?? keep) !== undefined)
    throw new PyrewriteError('usage', '--count and --keep need --every');
  const { snapshots } = await import('../snapshot/snapshots.ts');
  await snapshots(
    {
      targets: args.positionals,
      folder: args.string('output') ?? '.',
      everyMs:
        every === undefined
          ? undefined
          : secondsOption(every.replace(/(?<=\d)s$/, ''), 'every', 0.05, 86_400) * 1000,
      count: count === undefined ? Number.POSITIVE_INFINITY : integerOption(count, 'count', 1, MOST),
      keep: keep === undefined ? Number.POSITIVE_INFINITY : integerOption(keep, 'keep', 1, MOST),
    },
    io,
  );
  return 0;
}
