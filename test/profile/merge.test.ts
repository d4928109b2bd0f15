import { describe, expect, test } from 'vitest';
import { mergeProfiles } from '../../src/profile/merge.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { buildProfile, type MadeProcess } from './build-profile.ts';

const SITE = { name: 'x', count: 10, raised: 2, total: 1000, self: 900, min: 50, max: 200 };

function profileOf(process: Partial<MadeProcess>): ReturnType<typeof readProfile> {
  return readProfile(buildProfile({ sites: [SITE], ...process }));
}

describe('mergeProfiles', () => {
  test('adds up the same site of several processes', () => {
    const quick = { name: 'x', count: 1, raised: 0, total: 10, self: 10, min: 10, max: 10 };
    const merged = mergeProfiles([profileOf({ pid: 1 }), profileOf({ pid: 2, sites: [quick] })]);
    expect(merged.sites).toMatchObject([
      { name: 'x', count: 11, raised: 2, totalNs: 1010, selfNs: 910, minNs: 10, maxNs: 200 },
    ]);
    expect(merged.processes.map(({ pid }) => pid)).toEqual([1, 2]);
  });

  test('a site that one of them did not run keeps the numbers of the other', () => {
    const merged = mergeProfiles([profileOf({ sites: [{ name: 'x' }] }), profileOf({})]);
    expect(merged.sites).toMatchObject([{ count: 10, minNs: 50 }]);
    expect(mergeProfiles([profileOf({ sites: [{ name: 'x' }] })]).sites).toMatchObject([
      { count: 0, minNs: null },
    ]);
  });

  test('a window of executions that are in another profile counts', () => {
    const one = profileOf({});
    const [site] = one.sites;
    const interval = (value: number) => ({ value, error: 1, low: value - 1, high: value + 1 });
    const times = { totalNs: interval(100), selfNs: interval(100), p50Ns: null, p90Ns: null, p99Ns: null };
    const estimated = (count: number, bursts: number) => ({
      ...one,
      sites: [{ ...site, count, estimate: { bursts, count: interval(50), ...times } }],
    });
    const bursts = (counts: readonly number[]): number | undefined =>
      mergeProfiles(counts.map((count) => estimated(count, 1))).sites[0].estimate?.bursts;
    expect([bursts([10, 0]), bursts([0, 10]), bursts([0, 0])]).toEqual([2, 2, 2]);
    expect(mergeProfiles([estimated(10, 1), estimated(0, 0)]).sites[0].estimate?.count.value).toBe(50);
  });

  test('keeps apart what lies in other files or has another table', () => {
    const other = { name: 'y', count: 1 };
    const profiles = [profileOf({}), profileOf({ filename: '/other/app.py' }), profileOf({ sites: [other] })];
    expect(mergeProfiles(profiles).sites).toHaveLength(3);
    expect(
      mergeProfiles([profileOf({}), profileOf({ cwd: '/', filename: 'work/app.py' })]).sites,
    ).toHaveLength(1);
  });

  test('reaches from the first start to the last end', () => {
    const late = profileOf({ header: { start_unix_ns: 1_000_000_000_000 + 5e9 } });
    expect(mergeProfiles([late, profileOf({})]).durationNs).toBe(7e9);
  });

  test('states the worst probes and says when clocks differ', () => {
    const slow = profileOf({
      header: { pair_ticks: 90, floor_ticks: 12, clock: 4, lost_spans: 3, flags: 4 },
    });
    const quick = profileOf({ header: { pair_ticks: 20, floor_ticks: 15, lost_spans: 1 } });
    const merged = mergeProfiles([slow, quick]);
    expect(merged).toMatchObject({ probe: { pairNs: 90, floorNs: 15 }, clock: { source: 'mixed' } });
    expect(merged.lost.spans).toBe(4);
    expect(merged.processes.map(({ coarse, finished }) => [coarse, finished])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test('refuses nothing', () => {
    expect(() => mergeProfiles([])).toThrow('there is no profile');
  });
});
