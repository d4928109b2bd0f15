import { resolve } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'adds up the profiles of many processes into one small file',
  usage: 'pyrewrite merge [OPTIONS] -o OUT PROFILE…',
  description: `
Writes one profile that every command reads as it reads the PROFILEs together: the same counts, times, percentiles
and processes. Its size depends on the operations and not on the number of processes. Memory is needed for the sum
only, so thousands of processes can be merged, and merged profiles merged again. A folder stands for the .prof files
in it, a dash for standard input. OUT is there in full or not at all.`,
  examples: [
    { line: 'pyrewrite merge -o day.prof worker-*.prof', what: 'one profile of all workers' },
    { line: 'pyrewrite merge -o week.prof monday.prof tuesday.prof', what: 'merged profiles are profiles' },
    { line: 'pyrewrite merge -o all.prof profiles/', what: 'all .prof files in a folder' },
  ],
  options: {
    output: { type: 'string', short: 'o', value: 'OUT', help: 'the file to write (required)' },
    json: { type: 'boolean', help: 'print what was merged as JSON' },
  },
  run,
};

async function run(args: Args, io: Io): Promise<number> {
  const output = args.string('output');
  if (args.positionals.length === 0 || output === undefined) {
    const what = output === undefined ? 'no -o OUT given' : 'no PROFILE given';
    throw new PyrewriteError('usage', what, { remedy: `usage: ${command.usage}` });
  }
  const { readProfileFiles } = await import('../profile-files.ts');
  const { encodeMerged } = await import('../../profile/merged-writer.ts');
  const { writeChunksAtomically } = await import('../rewrite/atomic.ts');
  const profile = readProfileFiles(args.positionals, io.cwd);
  const chunks = encodeMerged(profile);
  writeChunksAtomically(resolve(io.cwd, output), chunks);
  const bytes = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const { processes, sites, notes } = profile;
  if (args.flag('json')) {
    const summary = { output, processes: processes.length, sites: sites.length, bytes, notes };
    io.stdout.write(`${JSON.stringify({ schema: 'pyrewrite-merge/1', ...summary })}\n`);
    return 0;
  }
  const { formatCount, plural } = await import('../../report/units.ts');
  const { printable } = await import('../../report/text-table.ts');
  const merged = `${plural(processes.length, 'process', 'processes')}, ${plural(sites.length, 'site')}`;
  io.stderr.write(`${output}: ${merged}, ${formatCount(Math.ceil(bytes / 1024))} KiB\n`);
  for (const note of notes) io.stderr.write(`${printable(note)}\n`);
  return 0;
}
