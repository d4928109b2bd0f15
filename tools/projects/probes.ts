/** Puts probes into a project, its tests, pytest and all that they need, as a user would, and takes them out again. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Environment } from './environments.ts';

const PYREWRITE = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const LARGEST = 1 << 28;

function pyrewrite(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PYREWRITE, ...args], {
    encoding: 'utf8',
    maxBuffer: LARGEST,
  });
  if (status !== 0) throw new Error(`pyrewrite ${args.join(' ')}: ${status}\n${stderr.slice(-3000)}`);
  return stdout;
}

/** What `pyrewrite rewrite --json` says that it did. */
export interface Rewritten {
  readonly files: number;
  readonly sites: number;
  /** Operations that were asked for and could not be timed. */
  readonly refused: number;
}

interface Summary {
  readonly files: { readonly instrumented: number };
  readonly sites: number;
  readonly refused: Readonly<Record<string, { readonly count: number }>>;
}

export function addProbes({ executable, sitePackages, source }: Environment): Rewritten {
  const options = ['--opcodes', 'all', '--python', executable, '--json'];
  const summary: Summary = JSON.parse(pyrewrite(['rewrite', ...options, sitePackages, source]));
  return {
    files: summary.files.instrumented,
    sites: summary.sites,
    refused: Object.values(summary.refused).reduce((sum, { count }) => sum + count, 0),
  };
}

export function removeProbes({ sitePackages, source }: Environment): void {
  pyrewrite(['clean', '--json', sitePackages, source]);
}

/** The folder for PYTHONPATH. */
export function runtimeFolder({ executable }: Environment): string {
  return pyrewrite(['runtime', '--python', executable]).trim();
}
