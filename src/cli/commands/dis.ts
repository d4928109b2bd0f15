import { PyrewriteError } from '../../errors.ts';
import type { Args, Command } from '../command.ts';
import { aboutFile, readInput } from '../input-file.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'shows the instructions of .pyc files, with no Python needed',
  usage: 'pyrewrite dis [OPTIONS] FILE…',
  description: `
Prints the instructions of each code object as Python's dis module does: line, jump target, offset in bytes,
name, operand and what it stands for, then the exception table. Works for .pyc files of every supported version.
In instrumented files each probe is one line that names its site. A dash stands for standard input.`,
  examples: [
    { line: 'pyrewrite dis build/app.pyc', what: 'the whole file' },
    { line: 'pyrewrite dis --function "Point.*" app.pyc', what: 'only the methods of Point' },
  ],
  options: {
    function: { type: 'string', value: 'GLOB', help: 'only code objects with such a qualified name' },
    raw: { type: 'boolean', help: 'show the instructions that probes consist of' },
  },
  run,
};

async function run(args: Args, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new PyrewriteError('usage', 'no FILE given', { remedy: `usage: ${command.usage}` });
  }
  const { disassembleFile } = await import('../dis.ts');
  const glob = args.string('function');
  let shown = 0;
  for (const file of args.positionals) {
    const bytes = readInput(file, io.cwd);
    try {
      for (const text of disassembleFile(bytes, { functions: glob, raw: args.flag('raw') })) {
        io.stdout.write(`${shown++ === 0 ? '' : '\n'}${text}\n`);
      }
    } catch (error) {
      throw aboutFile(error, file);
    }
  }
  if (shown > 0) return 0;
  throw new PyrewriteError('not-found', `no code object is named ${glob}`, {
    remedy: 'leave out --function to see all names',
  });
}
