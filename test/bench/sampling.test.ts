/** That bench/sampling.ts measures what it says: small runs of some of its programs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepare, programs, run, sizeOf } from '../../bench/sampling/programs.ts';
import { nativeRuntime } from '../native/runtime.ts';
import { describePythons } from '../support/pythons.ts';

test('there are programs enough, the example among them', () => {
  const names = programs().map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(16);
  expect(names).toContain('sensors');
});

const OPEN = { PYREWRITE_GATE: 'open' };

describePythons(
  'programs of the bench',
  (python) => {
    test('say the same with all gates open', () => {
      const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-bench-'));
      const machine = { label: python.label, python, env: {} };
      let executions = 0;
      try {
        for (const program of programs()) {
          const places = (['plain', 'sampled'] as const).map((body) =>
            prepare(python, program, body, folder),
          );
          const outcomes = places.map((place) => run(machine, program, place, 1, nativeRuntime(), OPEN));
          const results = outcomes.map(({ result }) => result);
          expect(new Set(results).size, `${program.name}: ${results.join(' / ')}`).toBe(1);
          expect(outcomes[0].profile, program.name).toBeUndefined();

          executions += outcomes[1].profile?.sites.reduce((sum, { count }) => sum + count, 0) ?? 0;
        }
        const [first] = programs();
        expect(sizeOf(machine, first, prepare(python, first, 'plain', folder), 0.02)).toBeGreaterThan(0);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
      console.log(`${python.label}: ${programs().length} programs, ${executions} operations timed`);
      expect(executions).toBeGreaterThan(10_000);
    });
  },
  { names: ['3.14'] },
);
