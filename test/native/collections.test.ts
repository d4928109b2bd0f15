/** Garbage collections are recorded exactly, by where they strike, and the program sees nothing of it. */
import { expect, test } from 'vitest';
import type { CollectionStats, Profile } from '../../src/profile/profile.ts';
import { describePythons, type Python } from '../support/pythons.ts';
import { nativeRuntime, pythonRuntime, runScript } from './runtime.ts';

/** What a scenario of collections_of.py says: collections and freed objects by generation; those in P0 and in P1. */
interface Truth {
  readonly counts: Readonly<Record<string, number>>;
  readonly collected: Readonly<Record<string, number>>;
  readonly struck?: readonly [number, number];
  /** Collections of its children, which have profiles of their own. */
  readonly children?: Readonly<Record<string, number>>;
}

function run(python: Python, name: string): { truth: Truth; profile: Profile } {
  const { status, stdout, stderr, profile } = runScript(python, ['collections_of.py', name], {
    runtime: nativeRuntime(),
  });
  if (status !== 0 || profile === undefined) throw new Error(`${name} ended with ${status}: ${stderr}`);
  expect(stderr).toBe('');
  expect(profile.notes).toEqual([]);
  return { truth: JSON.parse(stdout) as Truth, profile };
}

/** Sums by generation. */
function sums(
  rows: readonly CollectionStats[],
  pick: (row: CollectionStats) => number,
): Record<string, number> {
  const found: Record<string, number> = {};
  for (const row of rows) found[row.generation] = (found[row.generation] ?? 0) + pick(row);
  return found;
}

function struckIn({ sites, collections }: Profile, name: string): number {
  const rows = collections.filter(({ site }) => site !== null && sites[site].name === name);
  return rows.reduce((sum, { count }) => sum + count, 0);
}

describePythons(
  'garbage collections',
  (python) => {
    test.each(['counts', 'frozen', 'finalizers', 'threads', 'fork'])('%s', (name) => {
      const { truth, profile } = run(python, name);
      const expected = { ...truth.counts };
      for (const [generation, count] of Object.entries(truth.children ?? {}))
        expected[generation] = (expected[generation] ?? 0) + count;
      expect(sums(profile.collections, ({ count }) => count)).toEqual(expected);
      if (truth.children === undefined)
        expect(sums(profile.collections, ({ collected }) => collected)).toEqual(truth.collected);
      const [inStrike, inAround] = truth.struck ?? [struckIn(profile, 'P0'), 0];
      expect([struckIn(profile, 'P0'), struckIn(profile, 'P1')]).toEqual([inStrike, inAround]);
      // One that has nothing to do can be shorter than a step of the clock.
      expect(profile.collections.some(({ maxNs }) => maxNs > 0)).toBe(true);
      for (const { count, totalNs, maxNs } of profile.collections) {
        expect(totalNs).toBeGreaterThanOrEqual(maxNs);
        expect(totalNs).toBeLessThanOrEqual(maxNs * count * (1 + 1e-9));
      }
    });

    test('their time is in no operation', () => {
      const { profile } = run(python, 'large');
      const inside = profile.collections.find(
        ({ site }) => site !== null && profile.sites[site].name === 'P1',
      );
      const [site] = profile.sites.filter(({ name }) => name === 'P1');
      expect(inside?.count).toBe(20);
      expect(inside?.totalNs).toBeGreaterThan(5e6);
      expect(site.p50Ns).toBeLessThan((inside?.totalNs ?? 0) / 20 / 4);
    });

    test.each(['visible', 'deep'])('nothing is seen of it: %s', (name) => {
      run(python, name);
    });

    test('without being asked for, none is recorded', () => {
      expect(run(python, 'unasked').profile.collections).toEqual([]);
    });
  },
  { debug: true },
);

describePythons('garbage collections and the recorder in Python', (python) => {
  test('are not recorded', () => {
    const { status, profile } = runScript(python, ['collections_of.py', 'counts'], {
      runtime: pythonRuntime(),
    });
    expect(status).toBe(0);
    expect(profile?.collections).toEqual([]);
  });
});
