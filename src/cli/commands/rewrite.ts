import { relative, resolve } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import type { Interpreter } from '../../python/interpreter.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';
import type { TreeFile } from '../rewrite/collect.ts';
import type { FileOutcome } from '../rewrite/engine.ts';
import type { Summary } from '../rewrite/summary.ts';
import {
  checkSelection,
  listOption,
  opcodesOption,
  overheadOption,
  SELECTION_OPTIONS,
} from '../selection-options.ts';

export const command: Command = {
  summary: 'instruments files and folders, to be run later (the default command)',
  usage: 'pyrewrite [rewrite] [OPTIONS] PATH…',
  description: `
Compiles .py files with the interpreter that will run them, puts probes around the chosen operations, and
writes the result where that interpreter loads it: into __pycache__, or into a copy of the tree with --out.
A .pyc file is rewritten itself, whatever version it is of. The sources are not touched. Without the runtime
on the module path an instrumented file runs as the original; pyrewrite runtime tells how to put it there.

Python compiles an edited source again by itself, so stale code never runs; the new code has no probes, and
the runtime says so when the program ends. pyrewrite clean takes all probes out again.

Hidden folders, virtual environments and node_modules inside a given folder are left alone.`,
  examples: [
    { line: 'pyrewrite --opcodes LOAD_ATTR src/', what: 'attribute loads of all modules below src' },
    {
      line: 'pyrewrite rewrite --out build --opcodes attr,call app/',
      what: 'an instrumented copy of app in build',
    },
    {
      line: "pyrewrite rewrite --functions 'Order.*' --dry-run shop.py",
      what: 'how much there would be to time',
    },
    {
      line: 'PYTHONPATH=$(pyrewrite runtime) python3 main.py',
      what: 'runs the instrumented modules, recording',
    },
  ],
  options: {
    ...SELECTION_OPTIONS,
    out: { type: 'string', value: 'DIR', help: 'write a copy of the tree there instead of __pycache__ here' },
    sourceless: { type: 'boolean', help: 'with --out: x.pyc in place of x.py' },
    optimize: { type: 'string', value: '0|1|2', help: 'as python itself, with -O, or with -OO (default: 0)' },
    include: {
      type: 'string',
      multiple: true,
      value: 'GLOB',
      help: 'only these files of a folder; may be repeated',
    },
    exclude: { type: 'string', multiple: true, value: 'GLOB', help: 'not these files; may be repeated' },
    jobs: {
      type: 'string',
      value: 'N',
      help: 'threads, each with an interpreter of its own\n(default: by the number of files and processors)',
    },
    gc: {
      type: 'boolean',
      help: 'let the instrumented modules record garbage collections, too:\ntheir time, and in which operations they strike',
    },
    'dry-run': { type: 'boolean', help: 'write nothing, only tell' },
    json: { type: 'boolean', help: 'print the summary as JSON' },
  },
  run,
};

async function run(args: Args, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new PyrewriteError('usage', 'no PATH given', { remedy: `usage: ${command.usage}` });
  }
  const started = performance.now();
  const out = args.string('out') === undefined ? undefined : resolve(io.cwd, args.string('out') ?? '');
  checkPlaces(args, out, io);
  const { findInterpreter } = await import('../../python/discover.ts');
  const python = await findInterpreter(args.string('python'), io.env, io.cwd);
  overheadOption(args);
  await checkSelection(opcodesOption(args), python.release);
  const { collectFiles } = await import('../rewrite/collect.ts');
  const collected = collectFiles(args.positionals, {
    include: listOption(args, 'include'),
    exclude: listOption(args, 'exclude'),
    cwd: io.cwd,
    avoid: out === undefined ? [] : [out],
  });
  checkConflicts(collected.files, out);
  const summary = emptySummary(args, python, out, collected.skippedFolders);
  const { rewriteAll } = await import('../rewrite/rewrite-all.ts');
  const outcomes = await rewriteAll(collected.files, args, io, { python, out, summary });
  summary.seconds = (performance.now() - started) / 1000;
  return await tell(summary, outcomes, args, io);
}

function checkPlaces(args: Args, out: string | undefined, io: Io): void {
  if (out === undefined) {
    if (args.flag('sourceless')) {
      throw new PyrewriteError('usage', '--sourceless needs --out', {
        remedy: 'name a folder with --out DIR',
      });
    }
    return;
  }
  for (const path of args.positionals) {
    if (!relative(out, resolve(io.cwd, path)).startsWith('..')) {
      throw new PyrewriteError('usage', `--out ${out} would replace ${path}`, {
        remedy: 'name another folder',
      });
    }
  }
}

/** Two files for one place below --out. */
function checkConflicts(files: readonly TreeFile[], out: string | undefined): void {
  if (out === undefined) return;
  const taken = new Map<string, string>();
  for (const { relative: place, path } of files) {
    const other = taken.get(place);
    if (other !== undefined) {
      throw new PyrewriteError('usage', `${other} and ${path} would both be ${place} below --out`, {
        remedy: 'write them with two commands, to two folders',
      });
    }
    taken.set(place, path);
  }
}

function emptySummary(
  args: Args,
  python: Interpreter,
  out: string | undefined,
  skippedFolders: Summary['skippedFolders'],
): Summary {
  return {
    schema: 'pyrewrite-rewrite/1',
    python: python.version,
    opcodes: [opcodesOption(args)],
    out: out ?? null,
    dryRun: args.flag('dry-run'),
    files: { instrumented: 0, unchanged: 0, excluded: 0, skipped: [] },
    skippedFolders,
    codeObjects: 0,
    instrumentedCodeObjects: 0,
    sites: 0,
    sitesByOpcode: {},
    refused: {},
    seconds: 0,
  };
}

/** Prints the summary; nothing to time, or a file that was named and failed, is no success. */
async function tell(summary: Summary, named: readonly FileOutcome[], args: Args, io: Io): Promise<number> {
  const { formatSummary } = await import('../rewrite/summary.ts');
  const { INTERNAL_ERROR } = await import('../rewrite/engine.ts');
  io.stdout.write(args.flag('json') ? `${JSON.stringify(summary)}\n` : formatSummary(summary, io.cwd));
  const failed = named.find(({ status }) => status === 'skipped');
  const mistake = summary.files.skipped.some(({ reason }) => reason.startsWith(INTERNAL_ERROR));
  if (failed !== undefined)
    io.stderr.write(`pyrewrite: ${failed.path} was not instrumented: ${failed.reason}\n`);
  if (summary.sites === 0) {
    const { instrumented, unchanged, excluded, skipped } = summary.files;
    const all = instrumented + unchanged + excluded + skipped.length;
    const what = all === 0 ? 'there is no Python file' : `none of the ${all} files holds a chosen operation`;
    io.stderr.write(
      `pyrewrite: nothing was instrumented: ${what}\n` +
        '  choose others with --opcodes, or widen --functions, --include and --exclude\n',
    );
  }
  return summary.sites === 0 || failed !== undefined || mistake ? 1 : 0;
}
