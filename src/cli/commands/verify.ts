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
In folders all .pyc files are checked, those in __pycache__ too.`,
  examples: [
    { line: 'pyrewrite verify __pycache__', what: 'all cache files of a folder' },
    {
      line: 'pyrewrite verify --json build | python3 -m json.tool',
      what: 'counts and violations for programs',
    },
  ],
  options: {
    json: { type: 'boolean', help: 'print counts and violations as JSON' },
  },
  exitStatus: '1 also when a file breaks a rule',
  run,
};

const MOST_SHOWN = 50;

async function run(args: Args, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new PyrewriteError('usage', 'no FILE given', { remedy: `usage: ${command.usage}` });
  }
  const { pycFiles, verifyFile } = await import('../verify.ts');
  const { Progress } = await import('../progress.ts');
  const progress = new Progress(io.stderr);
  const totals = { files: 0, codeObjects: 0, instructions: 0, stackSizeEqual: 0, instrumented: 0 };
  const problems: { file: string; where: string; what: string }[] = [];
  for (const file of pycFiles(args.positionals, io.cwd)) {
    const result = verifyFile(file);
    totals.files++;
    totals.codeObjects += result.codeObjects;
    totals.instructions += result.instructions;
    totals.stackSizeEqual += result.stackSizeEqual;
    totals.instrumented += result.instrumented ? 1 : 0;
    problems.push(...result.problems.map((problem) => ({ file, ...problem })));
    progress.show(() => `${totals.files} files, ${problems.length} problems  ${file}`);
  }
  progress.end();
  if (args.flag('json'))
    io.stdout.write(`${JSON.stringify({ schema: 'pyrewrite-verify/1', ...totals, problems })}\n`);
  else printText(io, totals, problems);
  if (totals.files === 0) {
    throw new PyrewriteError('not-found', 'there is no .pyc file', {
      remedy: 'python3 -m compileall makes some',
    });
  }
  return problems.length > 0 ? 1 : 0;
}

function printText(
  io: Io,
  totals: Readonly<
    Record<'files' | 'codeObjects' | 'instructions' | 'stackSizeEqual' | 'instrumented', number>
  >,
  problems: readonly { readonly file: string; readonly where: string; readonly what: string }[],
): void {
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
}
