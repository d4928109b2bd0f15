import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareRuns } from '../../src/diff/index.ts';
import type { Profile, SiteStats } from '../../src/profile/profile.ts';
import { measured, runOf, siteAt } from './sites.ts';

const NAMES = Array.from({ length: 40 }, (_, i) => `name${i}`);

/** Runs of 40 sites that take 1 µs 1000 times, times what `factor` says of a run and a site. */
function runs(count: number, factor: (run: number, site: number) => number, table = 'A'): Profile[] {
  return Array.from({ length: count }, (_, run) =>
    runOf(
      NAMES.map((name, position) => {
        const middle = 1000 * factor(run, position);
        const durations = [0.98, 0.99, 1, 1.01, 1.02].map((part) => part * middle);
        return siteAt({ name, position, line: position + 1, table, ...measured(durations, 200) });
      }),
    ),
  );
}

/** A number from -1 to 1 that only depends on the three. */
function scatter(seed: number, run: number, site: number): number {
  return (2 * (((Math.sin(seed * 127.1 + run * 311.7 + site * 74.7) * 43758.5453) % 1) + 1)) % 1;
}

const noise =
  (seed: number, size = 0.03) =>
  (run: number, site: number) =>
    1 + size * (2 * scatter(seed, run, site) - 1);

const changed = (sites: readonly { readonly verdict: string }[]) =>
  sites.flatMap((site, i) => (site.verdict === 'changed' ? [i] : []));

const withSite = (profiles: readonly Profile[], index: number, different: Partial<SiteStats>): Profile[] =>
  profiles.map((profile) => ({
    ...profile,
    sites: profile.sites.map((site, i) => (i === index ? { ...site, ...different } : site)),
  }));

describe('several runs of each side', () => {
  test('the same program has no change, with whatever noise', () => {
    let comparisons = 0;
    let found = 0;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 2, max: 4 }), (seed, count) => {
        const { sites, basis } = compareRuns(runs(count, noise(seed)), runs(count, noise(seed + 5_000), 'B'));
        expect(basis).toBe('runs');
        expect(sites).toHaveLength(NAMES.length);
        found += changed(sites).length;
        comparisons++;
      }),
      { numRuns: 30 },
    );
    console.log(`compare: ${comparisons} comparisons of the same, ${found} sites changed`);
    // One in twenty comparisons may show something, and few sites of it.
    expect(found).toBeLessThanOrEqual(3);
    expect(comparisons).toBe(30);
  });

  test('what became slower is found, and nothing else', () => {
    const slower = (run: number, site: number) => noise(2)(run, site) * (site === 7 ? 1.5 : 1);
    const { sites } = compareRuns(runs(4, noise(1)), runs(4, slower, 'B'));
    expect(changed(sites)).toEqual([7]);
    expect(sites[7].self).toMatchObject({ verdict: 'slower' });
    expect(sites[7].p50.verdict).toBe('slower');
    const { ratio } = sites[7].self;
    expect(ratio?.low).toBeLessThan(1.5);
    expect(ratio?.high).toBeGreaterThan(1.5);
  });

  test('a change below the threshold is none, however sure', () => {
    const slower = (run: number, site: number) => noise(2, 0.001)(run, site) * (site === 7 ? 1.08 : 1);
    const [a, b] = [runs(4, noise(1, 0.001)), runs(4, slower, 'B')];
    expect(changed(compareRuns(a, b).sites)).toEqual([7]);
    const { sites } = compareRuns(a, b, { threshold: 0.1 });
    expect(changed(sites)).toEqual([]);
    expect(sites[7].p50.verdict).toBe('same');
  });

  test('counts that vary from run to run are told so, and judged by that', () => {
    const counts = (values: readonly number[], table: string): Profile[] =>
      values.map((count) => runOf([siteAt({ ...measured([1000], count), table })]));
    const verdict = (a: readonly number[], b: readonly number[]) =>
      compareRuns(counts(a, 'A'), counts(b, 'B')).sites[0].count;
    expect(verdict([100, 100], [100, 100])).toMatchObject({ verdict: 'same', exact: true });
    expect(verdict([100, 100], [101, 101]).verdict).toBe('more');
    expect(verdict([100, 110], [105, 95]).verdict).toBe('varies');
    expect(verdict([100, 101, 99], [202, 200, 201]).verdict).toBe('more');
  });

  test('a site that some runs do not have is there with a count of zero', () => {
    const [a, b] = [runs(2, noise(1)), runs(2, noise(2), 'B')];
    const cut = [a[0], { ...a[1], sites: a[1].sites.slice(1) }];
    const { sites } = compareRuns(cut, b);
    expect(sites).toHaveLength(NAMES.length);
    expect(sites[0].count).toMatchObject({ a: { least: 0, most: 1000, mean: 500 }, verdict: 'varies' });
    expect(sites[0].self.verdict).toBe('unknown');
  });
});

describe('one run of each side', () => {
  test('sums are not judged, medians are by the scatter of all sites, and the notes say so', () => {
    const slower = (run: number, site: number) => noise(2)(run, site) * (site === 7 ? 1.7 : 1);
    const { sites, basis, notes } = compareRuns(runs(1, noise(1)), runs(1, slower, 'B'));
    expect(basis).toBe('sites');
    expect(notes.join('\n')).toContain('one run on a side');
    expect(changed(sites)).toEqual([7]);
    expect(sites[7].self).toMatchObject({ verdict: 'unknown', ratio: null });
    expect(sites[7].p50.verdict).toBe('slower');
  });

  test('what probes inside may have added or not is no change', () => {
    const slower = (run: number, site: number) => noise(2)(run, site) * (site === 7 ? 1.7 : 1);
    // 40,000 executions inside 1,000 of 1 µs: 40 ns for each that the cost of a pair is not known by.
    const parent = { selfNs: 1000 };
    const [a] = withSite(runs(1, noise(1)), 7, parent);
    const [b] = withSite(runs(1, slower, 'B'), 7, parent);
    const doubted = (spreadNs: number): Profile[] =>
      [a, b].map((run) => ({ ...run, probe: { ...run.probe, spreadNs } }));
    const verdicts = [1, 20].map((spreadNs) => {
      const [before, after] = doubted(spreadNs);
      return compareRuns([before], [after]).sites[7].p50.verdict;
    });
    expect(verdicts).toEqual(['slower', 'unclear']);
  });

  test('a whole run that is slower is no change of any site', () => {
    const { sites, self } = compareRuns(
      runs(1, noise(1)),
      runs(1, () => 1.6, 'B'),
    );
    expect(changed(sites)).toEqual([]);
    expect((self.b ?? 0) / (self.a ?? 1)).toBeCloseTo(1.6, 1);
    expect(self.verdict).toBe('unknown');
  });

  test('counts are compared exactly', () => {
    const [a] = runs(1, noise(1));
    const [b] = withSite(runs(1, noise(1), 'B'), 3, { count: 1001 });
    const { sites } = compareRuns([a], [b]);
    expect(changed(sites)).toEqual([3]);
    expect(sites[3].count).toMatchObject({ verdict: 'more', exact: true });
  });

  test('what raises more often changed', () => {
    const { sites } = compareRuns(runs(1, noise(1)), withSite(runs(1, noise(1), 'B'), 3, { raised: 5 }));
    expect(changed(sites)).toEqual([3]);
    expect(sites[3].raised.verdict).toBe('more');
  });

  test('times under the floor do not differ', () => {
    const [a, b] = [
      [1, 1, 2],
      [3, 3, 4],
    ].map((durations, i) => runOf([siteAt({ ...measured(durations, 500), table: `${i}` })]));
    const [site] = compareRuns([a], [b]).sites;
    expect(site).toMatchObject({ verdict: 'same', p50: { verdict: 'same' } });
  });

  test('few executions say nothing of a median', () => {
    const [a, b] = [
      [100, 120],
      [900, 950],
    ].map((durations, i) => runOf([siteAt({ ...measured(durations), table: `${i}` })]));
    expect(compareRuns([a], [b]).sites[0].p50.verdict).toBe('unknown');
  });
});

test('sampled counts are estimates: they differ where their intervals let them', () => {
  const estimated = (value: number, table: string): Profile => {
    const interval = (middle: number) => ({
      value: middle,
      error: middle / 20,
      low: middle * 0.9,
      high: middle * 1.1,
    });
    const estimate = {
      bursts: 50,
      count: interval(value),
      totalNs: interval(value * 1000),
      selfNs: interval(value * 1000),
      p50Ns: null,
      p90Ns: null,
      p99Ns: null,
    };
    return runOf([siteAt({ ...measured([1000], 100), table, estimate })], {
      sampling: { budget: 0.03, overhead: 0.02, bursts: 50, cpuNs: 1e9, insideNs: 1e7 },
    });
  };
  const verdict = (a: number, b: number) =>
    compareRuns([estimated(a, 'A')], [estimated(b, 'B')]).sites[0].count;
  expect(verdict(10_000, 10_500)).toMatchObject({ verdict: 'varies', exact: false });
  expect(verdict(10_000, 20_000)).toMatchObject({ verdict: 'more', exact: false });
});

test('what is on one side only is new or gone; opcodes that were not selected are told', () => {
  const ran = measured([1000], 10);
  const a = runOf([siteAt({ ...ran, name: 'stays' }), siteAt({ ...ran, name: 'goes', position: 1 })]);
  const b = runOf([
    siteAt({ ...ran, name: 'stays', table: 'B' }),
    siteAt({ ...ran, name: 'comes', opcode: 'CALL', position: 1, table: 'B' }),
  ]);
  const { sites, notes } = compareRuns([a], [b]);
  expect(sites.map(({ name, verdict }) => [name, verdict])).toEqual([
    // One site does not tell how much runs differ.
    ['stays', 'unclear'],
    ['goes', 'gone'],
    ['comes', 'new'],
  ]);
  expect(notes).toContain('measured in B only, nowhere in the other: CALL');
});

test('runs of one side with different tables of the same file are lined up', () => {
  const [first] = runs(1, noise(1), 'A');
  const [second] = runs(1, noise(2), 'edited');
  const { a, sites } = compareRuns([first, second], runs(2, noise(3), 'B'));
  expect(a.sites).toBe(NAMES.length);
  expect(sites).toHaveLength(NAMES.length);
  expect(changed(sites)).toEqual([]);
});

test('a side without a run is an error', () => {
  expect(() => compareRuns([], runs(1, noise(1)))).toThrow('no profile to compare');
});
