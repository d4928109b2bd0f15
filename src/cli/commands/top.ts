import { isatty } from 'node:tty';
import { PyrewriteError } from '../../errors.ts';
import { integerOption, secondsOption } from '../args.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'watches running processes, operation by operation',
  usage: 'pyrewrite top [OPTIONS] [PROFILE|PID|FOLDER]…',
  description: `
Shows what the operations of running processes do just now: how often each is executed, how long it takes, and which
part of a CPU that is. It reads the profiles that the processes write anyway; they are not stopped and not slowed
down. Without an operand it shows all processes of the user that record; a folder stands for the processes that
write into it. New ones appear, ended ones stay and are marked. The key h shows what the keys do.

Where the output or the input is no terminal, one snapshot is printed.`,
  examples: [
    { line: 'pyrewrite top', what: 'all processes that record' },
    { line: 'pyrewrite top --filter pricing.py 4711', what: 'one process, and of it one file' },
    {
      line: 'pyrewrite top --batch 60 --json profiles/ > minute.jsonl',
      what: 'a snapshot each second, for programs',
    },
  ],
  options: {
    sort: { type: 'string', value: 'KEY', help: 'time, rate, raised, self, count or max (default: time)' },
    filter: {
      type: 'string',
      value: 'TEXT',
      help: 'only operations whose file, function, opcode or name contains it',
    },
    interval: {
      type: 'string',
      value: 'SECONDS',
      help: 'between two updates (default: 0.1, of snapshots 1)',
    },
    once: { type: 'boolean', help: 'print one snapshot' },
    batch: { type: 'string', value: 'N', help: 'print N snapshots' },
    limit: { type: 'string', value: 'N', help: 'rows of a snapshot; 0 for all (default: 20)' },
    json: { type: 'boolean', help: 'print snapshots as JSON, one on each line' },
  },
  run,
};

const MOST = 1_000_000_000;

async function run(args: Args, io: Io): Promise<number> {
  const { isTopSort, TOP_SORTS } = await import('../../top/table.ts');
  const sort = args.string('sort') ?? 'time';
  if (!isTopSort(sort)) {
    throw new PyrewriteError('usage', `there is no sort key '${sort}'`, {
      remedy: `there are ${TOP_SORTS.join(', ')}`,
    });
  }
  const times = integerOption(args.string('batch') ?? '1', 'batch', 1, MOST);
  const limit = integerOption(args.string('limit') ?? '20', 'limit', 0, MOST);
  const isLive =
    io.stdout.isTerminal &&
    isatty(0) &&
    !args.flag('once') &&
    !args.flag('json') &&
    args.string('batch') === undefined;
  const intervalMs =
    secondsOption(args.string('interval') ?? (isLive ? '0.1' : '1'), 'interval', 0.02, 3600) * 1000;
  const { Watcher } = await import('../top/watcher.ts');
  const watcher = new Watcher(args.positionals, io.cwd);
  const filter = args.string('filter') ?? '';
  try {
    if (isLive) {
      const { interactive } = await import('../top/interactive.ts');
      await interactive(watcher, { sort, filter, intervalMs }, io);
    } else {
      const { batch } = await import('../top/batch.ts');
      await batch(watcher, { sort, filter, intervalMs, times, limit, json: args.flag('json') }, io);
    }
  } finally {
    watcher.close();
  }
  return 0;
}
