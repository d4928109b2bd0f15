/** A profile with everything that a profile can have, and what its exports must add up to. */
import { mergeHistograms, percentiles } from '../../src/profile/histogram.ts';
import type { Counters, Profile, SiteStats, VariantStats } from '../../src/profile/profile.ts';
import { NEVER, processInfo, profileOf, siteStats, variant as variantStats } from '../support/made-up.ts';

/** Counters of `count` executions of about `ns` nanoseconds. */
export function counters(count: number, ns: number, different: Partial<Counters> = {}): Counters {
  const values = [ns * 0.9, ns, ns * 3];
  const counts = [Math.floor(count / 4), count - Math.floor(count / 4) - 1, 1];
  const seen = values
    .map((value, i) => ({ values: [value], counts: [counts[i]] }))
    .filter((one) => one.counts[0] > 0);
  const histogram = { ...mergeHistograms(seen), stepNs: 1 };
  const [p50Ns, p90Ns, p99Ns] = percentiles(histogram, [0.5, 0.9, 0.99]);
  return {
    count,
    raised: 0,
    totalNs: count * ns * 1.25,
    selfNs: count * ns,
    minNs: ns * 0.9,
    maxNs: ns * 3,
    p50Ns,
    p90Ns,
    p99Ns,
    histogram,
    ...different,
  };
}

function site(position: number, different: Partial<SiteStats>): SiteStats {
  return siteStats({
    ...{ file: '/srv/app/main.py', function: 'main', line: 10 + position, endLine: 10 + position },
    ...{ column: 4, endColumn: 12, name: 'value', table: '0123456789abcdef', position },
    ...counters(100, 50.25),
    ...different,
  });
}

function variant(part: Counters, different: Partial<VariantStats>): VariantStats {
  return { ...variantStats('types', part.count, 0), ...part, ...different };
}

const HARD_TEXT = 'a "quoted", b;c\\d\u00e9\u{1f600}';

const sites: readonly SiteStats[] = [
  // Operands: what was seen is less than all.
  site(0, {
    ...counters(1000, 120.5, { raised: 30 }),
    name: 'price',
    variants: [
      variant(counters(600, 100, { raised: 10 }), { how: 'property', type: 'shop.Item' }),
      variant(counters(390, 150, { raised: 20 }), { how: 'instance', type: 'shop.Cheap' }),
    ],
  }),
  site(1, {
    ...counters(50, 20_000),
    opcode: 'CALL',
    name: 'work',
    variants: [variant(counters(50, 20_000), { how: 'python function', callee: 'app.work' })],
    offCpu: { count: 5, totalNs: 4000, leastNs: 3000, gilNs: 1000 },
    swallowed: 6,
  }),
  site(2, { ...counters(7, 3), function: 'work', opcode: 'BINARY_OP', name: '+', line: 30 }),
  // Another operation at the same place and of the same name, in a version without columns.
  site(3, { ...counters(9, 4), function: 'work', opcode: 'BINARY_OP', name: '+', line: 30, column: null }),
  site(4, {
    ...counters(12, 5_000_000),
    kind: 'await',
    opcode: 'SEND',
    name: null,
    function: 'Server.<locals>.run',
    suspensions: { count: 10, times: 14, totalNs: 40_000_000 },
  }),
  site(5, { ...NEVER, function: 'never', file: '/srv/app/other file.py' }),
  site(6, { ...counters(3, 70), file: '/srv/app/other file.py', name: HARD_TEXT, function: HARD_TEXT }),
  site(7, { ...counters(5, 10), line: null, endLine: null, column: null, endColumn: null, name: null }),
];

/** Two processes, operands, awaits, collections, time off the CPU; no calling contexts. */
export const FLAT: Profile = profileOf(sites, {
  clock: { source: 'tsc', ticksPerSecond: 2.4e9 },
  probe: { pairNs: 14, floorNs: 4, spreadNs: 1, innerNs: 5, looksNs: 3, excessNs: 0 },
  processes: [4711, 4712].map((pid, i) =>
    processInfo({
      pid,
      parentPid: 1,
      command: ['python3', 'app.py', HARD_TEXT],
      cwd: '/srv/app',
      host: 'web-1',
      startUnixNs: 1_795_000_000_000_000_000 + i * 1e9,
      durationNs: 2e9,
      threads: 2,
      finished: i === 0,
    }),
  ),
  durationNs: 3e9,
  collections: [
    { generation: 0, site: 0, count: 4, collected: 20, totalNs: 8000, maxNs: 3000 },
    { generation: 2, site: null, count: 1, collected: 900, totalNs: 90_000, maxNs: 90_000 },
  ],
});

/** The same with calling contexts, of which a part is not known. */
export const NESTED: Profile = {
  ...FLAT,
  contexts: [
    { parent: -1, site: -1, label: 'MainThread', count: 0, raised: 0, totalNs: 0, selfNs: 0 },
    { parent: 0, site: 1, label: null, count: 50, raised: 0, totalNs: 1_250_000, selfNs: 1_000_000 },
    { parent: 1, site: 0, label: null, count: 800, raised: 30, totalNs: 100_000, selfNs: 96_400 },
    { parent: 1, site: 2, label: null, count: 7, raised: 0, totalNs: 26, selfNs: 21 },
    // Recursion.
    { parent: 2, site: 1, label: null, count: 0, raised: 0, totalNs: 0, selfNs: 0 },
    { parent: 4, site: 3, label: null, count: 9, raised: 0, totalNs: 45, selfNs: 36 },
    { parent: -1, site: -1, label: 'Task-1', count: 0, raised: 0, totalNs: 0, selfNs: 0 },
    { parent: 6, site: 4, label: null, count: 12, raised: 0, totalNs: 75e6, selfNs: 60e6 },
  ],
};

/** What all exports of a profile add up to. */
export interface Sums {
  readonly count: number;
  readonly raised: number;
  readonly operationNs: number;
  readonly awaitNs: number;
  readonly gcNs: number;
}

/** From the report's own numbers. */
export function sumsOf(profile: Profile): Sums {
  const sum = (pick: (site: SiteStats) => number): number =>
    profile.sites.reduce((total, one) => total + pick(one), 0);
  return {
    count: sum(({ count }) => count),
    raised: sum(({ raised }) => raised),
    operationNs: sum(({ kind, selfNs }) => (kind === 'await' ? 0 : selfNs)),
    awaitNs: sum(({ kind, selfNs }) => (kind === 'await' ? selfNs : 0)),
    gcNs: profile.collections.reduce((total, { totalNs }) => total + totalNs, 0),
  };
}

/** Rounding to whole nanoseconds, one row at a time. */
export const ROUNDING_NS = 0.5 * 20;

/** An export as one piece of bytes. */
export function bytesOf(chunks: Iterable<string | Uint8Array>): Buffer {
  return Buffer.concat([...chunks].map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)));
}
