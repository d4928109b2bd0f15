/**
 * Programs of others that read our exports; tools/install-consumers.sh installs them. A missing one is a skip that names
 * it; where the environment has CI it is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'vitest';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

/** The Python that has pandas and others. */
export const CONSUMERS_PYTHON: string = join(
  process.env['PYREWRITE_CONSUMERS'] ?? join(PROJECT, '.consumers'),
  'bin/python',
);

/** Kept: matplotlib looks through all fonts of the machine when it finds no list of them. */
const MATPLOTLIB = join(dirname(CONSUMERS_PYTHON), '../matplotlib');

/** Whether a program is there: a path, or a name on PATH. */
export function isThere(program: string): boolean {
  if (program.includes('/')) return existsSync(program);
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

/** A test that needs a program of others; an optional one is skipped in CI, too. */
export function testWith(
  program: string,
  title: string,
  body: () => void | Promise<void>,
  optional = false,
): void {
  if (isThere(program)) test(title, body);
  else if (process.env['CI'] === undefined || optional)
    test.skip(`${title} (${program}: not found)`, () => {});
  else
    test(title, () => {
      throw new Error(`${program} is missing; tools/install-consumers.sh installs it or says why it cannot`);
    });
}

/** Runs a program; gives its standard output. A failure throws with all that it printed. */
export function runConsumer(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, MPLBACKEND: 'Agg', MPLCONFIGDIR: MATPLOTLIB },
  });
  if (status !== 0) throw new Error(`${program} ended with ${status ?? error}:\n${stdout}\n${stderr}`);
  return stdout;
}
