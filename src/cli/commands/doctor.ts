import type { Args, Command } from '../command.ts';
import type { Check } from '../doctor/checks.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'tells which interpreters, compiler and clock it finds, and what is wrong',
  usage: 'pyrewrite doctor [OPTIONS]',
  description: `
Looks for everything that recording needs, and records a tiny program to see that all of it works together:
interpreters, C compiler, runtime, clock and calibration, folders and sockets. What is wrong comes with its remedy.`,
  examples: [
    { line: 'pyrewrite doctor', what: 'the default interpreter and all others on PATH' },
    { line: 'pyrewrite doctor --python .venv --json', what: 'one interpreter, for programs' },
  ],
  options: {
    python: {
      type: 'string',
      value: 'PY',
      help: 'the interpreter to examine\n(default: $VIRTUAL_ENV, then python3)',
    },
    json: { type: 'boolean', help: 'print the findings as JSON' },
  },
  exitStatus: '1 also when something is wrong that keeps pyrewrite from recording',
  run,
};

const MARKS = { ok: 'ok  ', note: 'note', wrong: 'BAD ' } as const;

function format({ status, name, text, remedy }: Check, width: number): string {
  const indent = ' '.repeat(width + 8);
  const advice = remedy === undefined ? '' : `\n${indent}${remedy}`;
  return `${MARKS[status]}  ${name.padEnd(width)}  ${text.replaceAll('\n', `\n${indent}`)}${advice}\n`;
}

async function run(args: Args, io: Io): Promise<number> {
  const { examine } = await import('../doctor/checks.ts');
  const checks = await examine(args.string('python'), io);
  const healthy = checks.every(({ status }) => status !== 'wrong');
  if (args.flag('json'))
    io.stdout.write(`${JSON.stringify({ schema: 'pyrewrite-doctor/1', healthy, checks })}\n`);
  else {
    const width = Math.max(...checks.map(({ name }) => name.length));
    for (const check of checks) io.stdout.write(format(check, width));
  }
  return healthy ? 0 : 1;
}
