import { PyrewriteError } from '../../errors.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'takes the probes out again: brings back the caches as they were',
  usage: 'pyrewrite clean [OPTIONS] PATH…',
  description: `
Undoes pyrewrite rewrite below the given files and folders. A cache file that was there before comes back byte
for byte; one that was not there is removed, and Python compiles the source again when it needs it. What
Python has compiled again in the meantime stays. Folders written with --out are simply deleted by hand.`,
  examples: [
    { line: 'pyrewrite clean src/', what: 'no probes remain below src' },
    { line: 'pyrewrite clean --dry-run .', what: 'which files would change' },
  ],
  options: {
    'dry-run': { type: 'boolean', help: 'change nothing, only tell' },
    json: { type: 'boolean', help: 'print the summary as JSON' },
  },
  run,
};

async function run(args: Args, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new PyrewriteError('usage', 'no PATH given', { remedy: `usage: ${command.usage}` });
  }
  const { cleanPaths } = await import('../rewrite/clean.ts');
  const dryRun = args.flag('dry-run');
  const restored = cleanPaths(args.positionals, { cwd: io.cwd, env: io.env, dryRun });
  if (args.flag('json')) {
    io.stdout.write(`${JSON.stringify({ schema: 'pyrewrite-clean/1', dryRun, files: restored })}\n`);
    return 0;
  }
  const verb = dryRun ? 'would be cleaned' : 'cleaned';
  for (const { path, how } of restored) io.stdout.write(`${path}: ${how}\n`);
  io.stdout.write(`${restored.length} instrumented file${restored.length === 1 ? '' : 's'} ${verb}\n`);
  return 0;
}
