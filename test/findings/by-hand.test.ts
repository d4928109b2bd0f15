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
  const other = { ...collection, site: 1, count: 6, totalNs: 1e8 };
  const sites = [allocates, { ...allocates, position: 1 }];
  const [found, ...more] = findFindings(profileOf(sites, { collections: [own, atEnd, other] }));
  expect(more).toEqual([]);
  expect(found.gainNs).toEqual({ value: 0.8 * (30 / 36) * 4e8, low: 0.5 * 1e8, high: 4e8 });
  expect(found.remedy).toContain('and no cycles of them');
  expect(found.evidence[1]).toBe(
    '200 ms more where no measured operation ran, as at the end; 5,000 objects freed',
  );
});

test('operations that set the collector off in turn are one finding, however long each pass took', () => {
  const long = { ...collection, count: 20, totalNs: 1.5e8 };
  const short = { ...collection, site: 1, count: 22, totalNs: 0.5e8 };
  const made = {
    how: 'new object',
    type: null,
    otherType: null,
    callee: 'app.Row',
    frees: null,
    freed: null,
    ...counters(1000, 1000),
  } as const;
  const makes = { ...allocates, variants: [made] };
  const profile = profileOf([makes, { ...makes, position: 1, name: 'Cell' }], { collections: [long, short] });
  const [found, ...more] = findFindings(profile);
  expect(more).toEqual([]);
  expect(found).toMatchObject({
    rule: 'collections',
    title: 'the garbage collector runs 42 times in Cell and Row',
  });
  expect(found.sites.toSorted()).toEqual([0, 1]);
  // who makes fewer of them does not make them: that is a millisecond
  expect(found.gainNs).toEqual({ value: 0.8 * 2e8, low: 1e8, high: 2e8 + 1e6 });
});

test('collections that strike here and there are nobody’s fault', () => {
  const sites = Array.from({ length: 10 }, (_, position) => ({ ...allocates, position }));
  const collections = sites.map((_, site) => ({ ...collection, site, totalNs: 2e7 }));
  expect(rulesOf(profileOf(sites, { collections }))).toEqual([]);
  expect(rulesOf(profileOf([allocates], { collections: [{ ...collection, site: null }] }))).toEqual([]);
  expect(rulesOf(profileOf([allocates], { collections: [{ ...collection, totalNs: 1e3 }] }))).toEqual([]);
});

/** 10,000 executions of 3 µs, or a little longer, of which so many took 4 ms. */
function searches(preempted: number): Profile {
  const type = {
    how: 'types',
    type: 'str',
    otherType: 'list',
    callee: null,
    frees: null,
    freed: null,
  } as const;
  const histogram = { values: [3000, 4000, 4e6], counts: [9000 - preempted, 1000, preempted] };
  const totalNs = histogram.values.reduce((sum, value, i) => sum + value * histogram.counts[i], 0);
  const all = { ...counters(10_000, 3000), totalNs, selfNs: totalNs, maxNs: 4e6, histogram };
  return profileOf([
    siteStats({ opcode: 'CONTAINS_OP', name: 'in', ...all, variants: [{ ...type, ...all }] }),
  ]);
}

test('what preemptions took is not saved, on a busy machine either', () => {
  const [quiet] = findFindings(searches(0));
  expect(quiet.gainNs.value / 1e6).toBeCloseTo(31 - 0.45, 1);
  for (const preempted of [1, 5, 15, 25]) {
    const [{ gainNs }] = findFindings(searches(preempted));
    expect(gainNs.value / quiet.gainNs.value, `${preempted} of them`).toBeCloseTo(1, 1);
    expect(gainNs.low).toBeLessThan(quiet.gainNs.value);
    expect(gainNs.high).toBeGreaterThan(quiet.gainNs.high);
  }
});

test('the longest executions may be the machine’s fault, so the least gain is without them', () => {
  const slowed = (longNs: number): Profile => {
    const [site] = searches(0).sites;
    const histogram = { values: [3000, longNs], counts: [9900, 100] };
    const totalNs = 9900 * 3000 + 100 * longNs;
    const all = { totalNs, selfNs: totalNs, maxNs: longNs, histogram };
    return profileOf([{ ...site, ...all, variants: [{ ...site.variants[0], ...all }] }]);
  };
  const [[even], [uneven]] = [findFindings(slowed(3000)), findFindings(slowed(30_000))];
  expect(uneven.gainNs.value).toBeGreaterThan(even.gainNs.value);
  expect(uneven.gainNs.low).toBeLessThan(even.gainNs.value);
  const [low, high] = [uneven.gainNs.value - uneven.gainNs.low, uneven.gainNs.high - uneven.gainNs.value];
  expect(low - high).toBeCloseTo(100 * 27_000 + 0.1 * uneven.gainNs.value, -5);
});

const awaited = siteStats({ opcode: 'GET_AWAITABLE', kind: 'await', ...counters(100_000, 300) });

test('an await that never waits is told by its suspensions', () => {
  const never = { ...awaited, suspensions: { count: 0, times: 0, totalNs: 0 } };
  expect(rulesOf(profileOf([never]))).toEqual(['await-never-suspends']);
  const once = { ...awaited, suspensions: { count: 1, times: 1, totalNs: 100 } };
  expect(rulesOf(profileOf([once]))).toEqual([]);
  expect(rulesOf(profileOf([awaited]))).toEqual([]);
});

/** A function that is called twice and looks a name up in a loop, in so many nanoseconds. */
function lookups(eachNs: number, executed = 10_000): Profile {
  const function_ = 'work';
  const call = {
    how: 'python function',
    type: null,
    otherType: null,
    callee: 'app.work',
    frees: null,
    freed: null,
  } as const;
  return profileOf([
    siteStats({
      opcode: 'CALL',
      function: 'main',
      ...counters(2, 1000),
      variants: [{ ...call, ...counters(2, 1000) }],
    }),
    siteStats({
      opcode: 'LOAD_GLOBAL',
      name: 'STEP',
      function: function_,
      position: 1,
      ...counters(executed, eachNs),
    }),
  ]);
}

test('a global in a loop is told where its lookup takes longer than the interpreter’s own', () => {
  const [found] = findFindings(lookups(400));
  expect(found).toMatchObject({ rule: 'looped-global', sites: [1] });
  expect(found.title).toBe('STEP is a global that work looks up 5,000 times for each call');
  const { value, low, high } = found.gainNs;
  expect([low < value, value < high, value / (10_000 * 400)]).toEqual([true, true, expect.closeTo(1, 2)]);
});

test('a global that the interpreter remembers, or finds in a dictionary, is nobody’s fault', () => {
  for (const eachNs of [0, 2, 7, 30, 60]) expect(rulesOf(lookups(eachNs)), `${eachNs} ns`).toEqual([]);
});

test('a global that is looked up once for each call is not in a loop', () => {
  expect(findFindings(lookups(400, 1000), undefined, 0).map(({ rule }) => rule)).toEqual(['looped-global']);
  const [call, load] = lookups(400).sites;
  const often = { ...call, ...counters(10_000, 1000) };
  const profile = profileOf([{ ...often, variants: [{ ...call.variants[0], ...often }] }, load]);
  expect(rulesOf(profile)).toEqual([]);
});

/** `if name in set(names):`, made and tested in so many nanoseconds. */
function madeFor(makingNs: number, testNs: number): Profile {
  const made = {
    how: 'new object',
    type: null,
    otherType: null,
    callee: 'set',
    frees: null,
    freed: null,
  } as const;
  const making = counters(1000, makingNs);
  return profileOf([
    siteStats({
      opcode: 'CALL',
      name: 'set',
      column: 11,
      endColumn: 21,
      ...making,
      variants: [{ ...made, ...making }],
    }),
    siteStats({ opcode: 'CONTAINS_OP', name: 'in', position: 1, ...counters(1000, testNs) }),
  ]);
}

test('a container is a fault only where making it takes longer than asking it', () => {
  const source = (): string[] => ['if name in set(names):'];
  expect(findFindings(madeFor(3000, 100), source).map(({ rule }) => rule)).toEqual(['temporary-container']);
  expect(findFindings(madeFor(90, 100), source)).toEqual([]);
  expect(findFindings(madeFor(3000, 100), () => ['if name in names and set(names):'])).toEqual([]);
  expect(findFindings(madeFor(3000, 100))).toEqual([]);
});

/** `a + b + c`, of two additions of this type. */
function additions(type: string, eachNs: number): Profile {
  const own = { how: 'types', type, otherType: type, callee: null, frees: null, freed: null } as const;
  const one = counters(1000, eachNs);
  const addition = siteStats({ opcode: 'BINARY_OP', name: '+', ...one, variants: [{ ...own, ...one }] });
  return profileOf([addition, { ...addition, endColumn: 9, position: 1 }]);
}

test('a chain of additions is told by its copies, and their time', () => {
  const [found] = findFindings(additions('str', 5000), () => ['a + b + c']);
  expect(found).toMatchObject({ rule: 'concatenation', sites: [0, 1] });
  expect(found.title).toBe('a + b + c copies a temporary of type str');
  expect(found.gainNs.low).toBeLessThan(5000 * 1000);
  expect(found.gainNs.high).toBeLessThan(1.5 * 5000 * 1000);
  expect(rulesOf(additions('str', 60))).toEqual([]);
  expect(rulesOf(additions('float', 5000))).toEqual([]);
});

test('what was sampled is told as what all executions come to', () => {
  const compile = {
    how: 'python function',
    type: null,
    otherType: null,
    callee: 're.compile',
    frees: null,
    freed: null,
  } as const;
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
