import { resolve } from 'node:path';
import type { Interpreter } from '../../python/interpreter.ts';
import type { Answerer } from '../../service/answers.ts';
import type { Args, Command } from '../command.ts';
import { HTML_OPTIONS } from '../html-options.ts';
import { ClosedPipe, type Io } from '../io.ts';
import type { Ended } from '../run/child.ts';
import type { RunFolder } from '../run/environment.ts';
import type { Program } from '../run/program.ts';
import {
  checkSelection,
  listOption,
  opcodesOption,
  opcodesSpec,
  overheadOption,
  RUN_OPCODES,
  SELECTION_OPTIONS,
} from '../selection-options.ts';

export const command: Command = {
  summary: 'runs a program with its own modules instrumented, then prints the report',
  usage: 'pyrewrite run [OPTIONS] (SCRIPT | -m MODULE | -c CODE) [ARGS…]',
  description: `
Runs the program as python would: the same sys.argv, __main__, sys.path, standard input and output, signals,
tracebacks and exit status. The operations chosen with --opcodes are timed in the program's own files: the
script, its folder's tree and the current folder's when the script lies in it; not in installed packages and
the standard library, unless --include asks for them. Children that are started with the same Python are
recorded too. No file of the program is changed.

At the end the report goes to standard error, and the profile to a file that pyrewrite report shows again.`,
  examples: [
    {
      line: 'pyrewrite run app.py --port 8000',
      what: 'app.py and its modules, with what its report can explain',
    },
    {
      line: 'pyrewrite run --opcodes all -o app.prof app.py',
      what: 'every operation; the profile goes to app.prof',
    },
    {
      line: 'pyrewrite run --types --html app.html app.py',
      what: 'the report as a page for the browser, too',
    },
    {
      line: 'pyrewrite run --opcodes call --include json -m json.tool data.json',
      what: 'calls in the package json of the standard library',
    },
    {
      line: 'pyrewrite run --opcodes all --sample --overhead 2% app.py',
      what: 'every operation, estimated from a sample that costs two percent',
    },
    {
      line: 'pyrewrite run --python .venv --python-flags "-O -W error" app.py',
      what: 'another Python, with its own flags',
    },
  ],
  options: {
    ...SELECTION_OPTIONS,
    opcodes: opcodesSpec(RUN_OPCODES),
    types: { type: 'boolean', help: 'look at operands, too (the default)' },
    'no-types': {
      type: 'boolean',
      help: 'do not look at operands: their types, how attributes are found,\nwhat is called; costs less, and finds less',
    },
    'no-gc': {
      type: 'boolean',
      help: 'do not record garbage collections: their time stays in the\noperations in which they strike',
    },
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'the profile (default: NAME.prof in the current folder)',
    },
    include: {
      type: 'string',
      multiple: true,
      value: 'MODULE|GLOB',
      help: 'also instrument these modules (json, asyncio.*) or\nfiles (a glob with a slash or .py); may be repeated',
    },
    exclude: {
      type: 'string',
      multiple: true,
      value: 'MODULE|GLOB',
      help: 'never instrument these; may be repeated',
    },
    'python-flags': { type: 'string', value: 'FLAGS', help: 'options for python itself, e.g. "-O -W error"' },
    json: { type: 'boolean', help: 'print the report as JSON, also on standard error' },
    ...HTML_OPTIONS,
  },
  operandsEndOptions: true,
  exitStatus:
    "otherwise the program's own status; a program that dies by a signal ends pyrewrite by the same signal",
  run,
};

async function run(args: Args, io: Io): Promise<number> {
  const { parseProgram } = await import('../run/program.ts');
  const { parsePythonFlags } = await import('../run/python-flags.ts');
  const { findInterpreter } = await import('../../python/discover.ts');
  const program = parseProgram(args.positionals, io.cwd);
  const flags = parsePythonFlags(args.string('python-flags'));
  const python = await findInterpreter(args.string('python'), io.env, io.cwd);
  await checkSelection(opcodesOption(args, RUN_OPCODES), python.release);
  const overhead = overheadOption(args);
  const { makeRunFolder } = await import('../run/environment.ts');
  const { endLike } = await import('../run/child.ts');
  const folder = makeRunFolder();
  let ended: Ended;
  try {
    ended = await runRecorded({ args, io, program, flags, python, folder, overhead });
  } finally {
    folder.remove();
  }
  return await endLike(ended);
}

interface Run {
  readonly args: Args;
  readonly io: Io;
  readonly program: Program;
  readonly flags: readonly string[];
  readonly python: Interpreter;
  readonly folder: RunFolder;
  /** Part of the time that sampling may cost; undefined: the runtime's default. */
  readonly overhead: number | undefined;
}

async function runRecorded(run: Run): Promise<Ended> {
  const { args, io, program, flags, python } = run;
  const { hookBlocker } = await import('../run/python-flags.ts');
  const { runChild } = await import('../run/child.ts');
  const blocker = hookBlocker(flags, io.env);
  if (blocker !== undefined) {
    const ended = await runChild(python.command, [...flags, ...program.plain], io.env);
    io.stderr.write(
      `pyrewrite: nothing was recorded: with ${blocker} python runs no startup hook\n` +
        '  leave it out, or instrument the tree with pyrewrite rewrite and install the runtime\n',
    );
    return ended;
  }
  const { startRecording } = await import('../run/recording.ts');
  const recording = await startRecording({
    selection: {
      opcodes: [opcodesOption(args, RUN_OPCODES)],
      functions: listOption(args, 'functions'),
      types: looksAtOperands(args, python),
      gc: !args.flag('no-gc'),
      callers: args.flag('callers'),
      sample: args.flag('sample'),
    },
    patterns: { include: listOption(args, 'include'), exclude: listOption(args, 'exclude') },
    ...run,
  });
  try {
    const budget = run.overhead === undefined ? {} : { PYREWRITE_OVERHEAD: String(run.overhead) };
    const ended = await runChild(python.command, recording.argv, { ...recording.env, ...budget });
    await report(run, recording.answerer);
    return ended;
  } finally {
    await recording.stop();
  }
}

/** By default, where it can be done: without a GIL only who asks for it is told that it cannot. */
function looksAtOperands(args: Args, python: Interpreter): boolean {
  return !args.flag('no-types') && (args.flag('types') || !python.freeThreaded);
}

/** Whatever goes wrong with the report: the program has ended, and its exit status counts. */
async function report({ args, io, program, folder, python }: Run, answerer: Answerer): Promise<void> {
  const { reportRun } = await import('../run/report-run.ts');
  const output = resolve(io.cwd, args.string('output') ?? `${program.name}.prof`);
  try {
    const file = args.string('html');
    const html = file === undefined ? {} : { html: { file, withSource: !args.flag('no-source'), python } };
    await reportRun({ io, folder, answerer, output, json: args.flag('json'), ...html });
  } catch (error) {
    if (error instanceof ClosedPipe) return;
    const { errorText } = await import('../error-text.ts');
    io.stderr.write(errorText(error));
  }
}
