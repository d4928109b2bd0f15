/**
 * cli/start: how long the command line takes to start, beyond node's own start; and cli/first-insight: how long
 * `pyrewrite run` on a program of 0.4 s takes to print its report, beyond the program's own time, with the runtime built
 * and nothing else in the cache (cold), then again (warm). Wall time, in turn, medians.
 *
 *   npx tsx bench/cli-start.ts [--rounds 7]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { median } from '../src/diff/statistics.ts';
import { builtMain } from '../test/cli/built.ts';
import { PYTHONS, type Python } from '../test/support/pythons.ts';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '7' } } });
const rounds = Number(values.rounds);
const main = builtMain();
const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-bench-'));
const cache = join(folder, 'cache');
const env = { ...process.env, PYREWRITE_CACHE: cache };

const PROGRAM = `import time
class P:
    def __init__(self): self._x = 1
    @property
    def x(self): return self._x
p, t, end = P(), 0, time.perf_counter() + 0.4
while time.perf_counter() < end:
    for _ in range(100): t += p.x
`;

/** Milliseconds of a process from start to end. */
function wall(command: string, args: readonly string[], status: number): number {
  const start = performance.now();
  const result = spawnSync(command, args, { cwd: folder, env, encoding: 'utf8' });
  const ms = performance.now() - start;
  if (result.status !== status) throw new Error(`${command} ${args.join(' ')}: ${result.stderr}`);
  return ms;
}

/** Medians of several measurements, taken in turn so that a busy machine disturbs all alike. */
function medians(measures: Readonly<Record<string, () => number>>): Record<string, number> {
  const times: Record<string, number[]> = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, measure] of Object.entries(measures)) {
      times[name] ??= [];
      times[name].push(measure());
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, list]) => [name, median(list)]));
}

function benchStart(): void {
  const cli = (...args: string[]) => wall(process.execPath, [main, ...args], 0);
  const result = medians({
    node: () => wall(process.execPath, ['-e', '0'], 0),
    '--version': () => cli('--version'),
    '--help': () => cli('--help'),
    'report --help': () => cli('report', '--help'),
    'opcodes --python-version 3.12': () => cli('opcodes', '--python-version', '3.12'),
  });
  const { node } = result;
  for (const [name, ms] of Object.entries(result)) {
    const beyond = name === 'node' ? '' : `, ${(ms - node).toFixed(0)} ms beyond node's own`;
    console.log(`cli/start/${name}: ${ms.toFixed(0)} ms${beyond}`);
  }
}

function benchFirstInsight(python: Python): void {
  const run = (): number => wall(process.execPath, [main, 'run', '--python', python.path, 'program.py'], 0);
  const forget = (): void => {
    for (const name of ['interpreters', 'modules', 'hook'])
      rmSync(join(cache, name), { recursive: true, force: true });
  };
  const result = medians({
    plain: () => wall(python.path, ['program.py'], 0),
    cold: () => {
      forget();
      return run();
    },
    warm: run,
  });
  const { plain } = result;
  const beyond = (name: string): string => `${name} ${(result[name] - plain).toFixed(0)} ms`;
  console.log(
    `cli/first-insight/${python.label}: beyond the program's own time: ${beyond('cold')}, ${beyond('warm')}`,
  );
}

try {
  writeFileSync(join(folder, 'program.py'), PROGRAM);
  wall(process.execPath, [main, 'runtime'], 0);
  benchStart();
  for (const python of PYTHONS.filter(({ debug }) => !debug)) benchFirstInsight(python);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
