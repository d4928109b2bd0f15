import { resolve } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'checks that .pyc files survive reading and writing, and every rule of their code',
  usage: 'pyrewrite verify [OPTIONS] FILE…',
  description: `
Reads each .pyc file and writes it again: the bytes must be the same. Takes each code object apart and puts it
together again: code, line table and exception table must be the same, and the stack size large enough. Then
checks every rule that the interpreter relies on and does not check by itself: operands in range, jumps to
instructions, exception ranges in order, a consistent stack. Instrumented files are checked like any other.
In folders all .pyc files are checked, those in __pycache__ too.

With --original each file is also compared with the one that it was made from: a file without probes must be the
same bytes, and in the others each code object without a probe must be the same in every field.`,
  examples: [
    { line: 'pyrewrite verify __pycache__', what: 'all cache files of a folder' },
    {
      line: 'pyrewrite verify --json build | python3 -m json.tool',
      what: 'counts and violations for programs',
    },
    {
      line: 'pyrewrite verify --original plain/ probed/',
      what: 'proves that what was not selected is as it was',
    },
  ],
  options: {
    original: {
      type: 'string',
      value: 'PATH',
      help: 'the file or folder before it was instrumented: what has no probe must be the same',
    },
    json: { type: 'boolean', help: 'print counts and violations as JSON' },
  },
  exitStatus: '1 also when a file breaks a rule',
  run,
};

const MOST_SHOWN = 50;

/** Sums over files; the last three only with --original. */
interface Totals {
  files: number;
  codeObjects: number;
  instructions: number;
  stackSizeEqual: number;
  instrumented: number;
  identicalFiles: number;
  unchangedCodeObjects: number;
  probedCodeObjects: number;
}

interface Found {
  readonly file: string;
  readonly where: string;
  readonly what: string;
}

async function run(args: Args, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new PyrewriteError('usage', 'no FILE given', { remedy: `usage: ${command.usage}` });
  }
  const given = args.string('original');
  const original = given === undefined ? undefined : resolve(io.cwd, given);
  const { totals, problems } = await examine(args.positionals, original, io);
  if (totals.files === 0) {
    throw new PyrewriteError('not-found', 'there is no .pyc file', {
      remedy: 'python3 -m compileall makes some',
    });
  }
  if (args.flag('json')) {
    const { identicalFiles, unchangedCodeObjects, probedCodeObjects, ...always } = totals;
    const compared = { identicalFiles, unchangedCodeObjects, probedCodeObjects };
    const result = original === undefined ? always : { ...always, original: compared };
    io.stdout.write(`${JSON.stringify({ schema: 'pyrewrite-verify/1', ...result, problems })}\n`);
  } else printText(io, totals, problems, original !== undefined);
  return problems.length > 0 ? 1 : 0;
}

async function examine(
  paths: readonly string[],
  original: string | undefined,
  io: Io,
): Promise<{ totals: Totals; problems: readonly Found[] }> {
  const { compareWithOriginal, pycFiles, verifyFile } = await import('../verify.ts');
  const { Progress } = await import('../progress.ts');
  const progress = new Progress(io.stderr);
  const totals: Totals = {
    ...{ files: 0, codeObjects: 0, instructions: 0, stackSizeEqual: 0, instrumented: 0 },
    ...{ identicalFiles: 0, unchangedCodeObjects: 0, probedCodeObjects: 0 },
  };
  const problems: Found[] = [];
  for (const given of pycFiles(paths, io.cwd)) {
    const { file } = given;
    const result = verifyFile(file);
    totals.files++;
    totals.codeObjects += result.codeObjects;
    totals.instructions += result.instructions;
    totals.stackSizeEqual += result.stackSizeEqual;
    totals.instrumented += result.instrumented ? 1 : 0;
    problems.push(...result.problems.map((problem) => ({ file, ...problem })));
    if (original !== undefined) {
      const { identical, unchanged, probed, changed } = compareWithOriginal(given, original);
      totals.identicalFiles += identical ? 1 : 0;
      totals.unchangedCodeObjects += unchanged;
      totals.probedCodeObjects += probed;
      for (const { function: where, fields } of changed)
        problems.push({
          file,
          where,
          what: `has no probe, and another ${fields.join(', ')} than the original`,
        });
    }
    progress.show(() => `${totals.files} files, ${problems.length} problems  ${file}`);
  }
  progress.end();
  return { totals, problems };
}

function printText(io: Io, totals: Totals, problems: readonly Found[], compared: boolean): void {
  for (const { file, where, what } of problems.slice(0, MOST_SHOWN))
    io.stdout.write(`${file}: ${where}: ${what}\n`);
  if (problems.length > MOST_SHOWN)
    io.stdout.write(`and ${problems.length - MOST_SHOWN} more (--json lists all)\n`);
  const { files, codeObjects, instructions, stackSizeEqual, instrumented } = totals;
  const verdict = problems.length === 0 ? 'all sound, byte for byte' : `${problems.length} problems`;
  io.stdout.write(
    `${files} files (${instrumented} instrumented), ${codeObjects} code objects, ${instructions} instructions: ${verdict}; ` +
      `stack size as stored in ${stackSizeEqual}, smaller in ${codeObjects - stackSizeEqual}\n`,
  );
  if (!compared) return;
  const { identicalFiles, unchangedCodeObjects, probedCodeObjects } = totals;
  io.stdout.write(
    `compared with the original: ${identicalFiles} files are the same bytes, ${unchangedCodeObjects} code objects ` +
      `without probes are the same, ${probedCodeObjects} have probes\n`,
  );
}
