import { expect, test } from 'vitest';
import { findFindings } from '../../src/findings/findings.ts';
import type { CollectionStats, Profile } from '../../src/profile/profile.ts';
import { counters, profileOf, siteStats } from '../support/made-up.ts';

function rulesOf(profile: Profile): string[] {
  return findFindings(profile).map(({ rule }) => rule);
}

const allocates = siteStats({ opcode: 'CALL', name: 'Row', ...counters(1000, 1000) });
const collection: CollectionStats = {
  generation: 2,
  site: 0,
  count: 30,
  collected: 0,
  totalNs: 2e8,
  maxNs: 2e7,
};

test('collections are those of the operation that triggers most of them', () => {
  const [found] = findFindings(profileOf([allocates], { collections: [collection] }));
  expect(found).toMatchObject({ rule: 'collections', sites: [0], line: 1 });
  expect(found.title).toBe('the garbage collector runs 30 times in Row');
  expect(found.evidence[0]).toBe(
    '200 ms of 200 ms of all collections in operations, the longest 20.0 ms; nothing was freed',
  );
  expect(found.remedy).toContain('gc.freeze()');
});

test('fewer objects are fewer collections elsewhere, too, as far as one can say', () => {
  const own = { ...collection, totalNs: 1e8 };
  const atEnd = { ...collection, site: null, count: 1, collected: 5000, totalNs: 2e8 };
  const other = { ...collection, site: 1, totalNs: 1e8 };
  const sites = [allocates, { ...allocates, position: 1 }];
  const [found] = findFindings(profileOf(sites, { collections: [own, atEnd, other] }));
  expect(found.gainNs).toEqual({ value: 0.8 * (1e8 + 2e8 / 2), low: 0.5 * 1e8, high: 4e8 });
  expect(found.evidence[1]).toBe(
    '200 ms more where no measured operation ran, as at the end; 5,000 objects freed',
  );
});

test('collections that strike here and there are nobody’s fault', () => {
  const sites = Array.from({ length: 10 }, (_, position) => ({ ...allocates, position }));
  const collections = sites.map((_, site) => ({ ...collection, site, totalNs: 2e7 }));
  expect(rulesOf(profileOf(sites, { collections }))).toEqual([]);
  expect(rulesOf(profileOf([allocates], { collections: [{ ...collection, site: null }] }))).toEqual([]);
  expect(rulesOf(profileOf([allocates], { collections: [{ ...collection, totalNs: 1e3 }] }))).toEqual([]);
});

const awaited = siteStats({ opcode: 'GET_AWAITABLE', kind: 'await', ...counters(100_000, 300) });

test('an await that never waits is told by its suspensions', () => {
  const never = { ...awaited, suspensions: { count: 0, times: 0, totalNs: 0 } };
  expect(rulesOf(profileOf([never]))).toEqual(['await-never-suspends']);
  const once = { ...awaited, suspensions: { count: 1, times: 1, totalNs: 100 } };
  expect(rulesOf(profileOf([once]))).toEqual([]);
  expect(rulesOf(profileOf([awaited]))).toEqual([]);
});

test('what was sampled is told as what all executions come to', () => {
  const compile = { how: 'python function', type: null, otherType: null, callee: 're.compile' } as const;
  const seen = counters(1000, 1000);
  const interval = (value: number) => ({ value, low: value * 0.8, high: value * 1.2, error: value * 0.1 });
  const percentiles = { p50Ns: null, p90Ns: null, p99Ns: null };
  const estimate = {
    bursts: 50,
    count: interval(100_000),
    totalNs: interval(1e8),
    selfNs: interval(1e8),
    ...percentiles,
  };
  const site = siteStats({
    opcode: 'CALL',
    name: 'compile',
    ...seen,
    estimate,
    variants: [{ ...compile, ...seen }],
  });
  const [found] = findFindings(profileOf([site]));
  expect(found.rule).toBe('regex-compile');
  expect(found.evidence[0]).toMatch(/^100,000 times/);
  expect(found.gainNs.value).toBeGreaterThan(9e7);
  expect(found.gainNs.low).toBeLessThan(8e7);
  expect(found.gainNs.high).toBeGreaterThan(1.1e8);
});
