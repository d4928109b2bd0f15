/** Intervals of sampled profiles: what each is estimated from is its own. */
import { expect, test } from 'vitest';
import {
  fieldOffsets,
  HEADER,
  PROFILE_CONSTANTS,
  RECORD_TYPES,
  SITE,
  SITES,
} from '../../src/profile/format.ts';
import { bucketMiddle } from '../../src/profile/histogram.ts';
import { hasDurations, takeInterval } from '../../src/profile/interval.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { GATES, WINDOW_SITE, WINDOWS } from '../../src/profile/window-structs.ts';
import { buildProfile, encodeRecord, encodeStruct, type MadeProcess } from './build-profile.ts';

const LENGTH = 100_000;

/** So many windows, each standing for 10 ms of a program that executes its site a thousand times in them. */
interface Span {
  readonly windows: number;
  /** Passages of gates in second parts, of those in first parts. */
  readonly passed: number;
}

const STANDS_FOR = 10_000_000;
const PER_WINDOW = 1000;

function copyAfter(spans: readonly Span[]): Buffer {
  const all = { windows: 0, x: 0, passed: 0, counted: 0, seen: 0, sum: 0 };
  for (const { windows, passed } of spans) {
    const seen = (windows * PER_WINDOW * passed * LENGTH) / STANDS_FOR;
    all.windows += windows;
    all.x += windows * STANDS_FOR;
    all.counted += windows * 1e6;
    all.passed += windows * 1e6 * passed;
    all.seen += seen;
    all.sum += (seen * STANDS_FOR) / LENGTH;
  }
  const process: MadeProcess = {
    sites: [{ name: 'x', count: Math.round(all.seen), total: 0, self: 0 }],
    header: {
      gate: GATES.WINDOWS,
      windows: BigInt(all.windows),
      window_sum: all.x,
      window_counted: all.counted,
      window_passed: all.passed,
      window_squares: all.windows * STANDS_FOR ** 2,
      sampled_cpu_ns: all.x,
    },
  };
  const sums = encodeStruct(WINDOW_SITE, { windows: BigInt(all.windows), count_sum: all.sum });
  const windows = encodeRecord(
    RECORD_TYPES.WINDOWS,
    encodeStruct(WINDOWS, { sites: sitesOffset(buildProfile(process)), site_count: 1 }),
    sums,
  );
  return buildProfile({ ...process, records: [windows] });
}

function sitesOffset(file: Buffer): number {
  return recordOffset(file, RECORD_TYPES.SITES);
}

function recordOffset(file: Buffer, type: number): number {
  let at = HEADER.size;
  while (file.readUInt32LE(at) !== type) at += Number(file.readBigUInt64LE(at + 8));
  return at;
}

test('how much of the program windows stand for is told by the passages of the same interval', () => {
  const spans = [
    { windows: 10, passed: 1.6 },
    { windows: 100, passed: 0.8 },
    { windows: 30, passed: 1 },
  ];
  let told: Uint8Array = new Uint8Array(0);
  const clock = (i: number) => ({ ticks: BigInt(i + 1) * 1_000_000n, ns: BigInt(i + 1) * 1_000_000n });
  const executions = spans.map((_, i) => {
    const copy = Uint8Array.from(copyAfter(spans.slice(0, i + 1)));
    told = takeInterval(copy, told, i === 0 ? null : clock(i - 1), clock(i));
    const { sites, sampling } = readProfile(copy);
    expect(sampling?.bursts).toBe(spans[i].windows);
    return sites[0].estimate?.count.value ?? 0;
  });
  executions.forEach((count, i) => {
    expect(count / (spans[i].windows * PER_WINDOW)).toBeCloseTo(1, 4);
  });
});

test('an execution whose duration is nowhere yet is told, unless it is the latest, or lost', () => {
  const sites = [{ name: 'x', count: 1, total: 5, self: 5, min: 5, max: 5 }];
  const none = buildProfile({ sites });
  const site = sitesOffset(none) + SITES.size;
  const told = (header: NonNullable<MadeProcess['header']>): boolean =>
    hasDurations(buildProfile({ sites, header }));
  expect(hasDurations(none)).toBe(false);
  expect(told({ latest_site: site, latest_duration: 5 })).toBe(true);
  expect(told({ latest_site: site + 256, latest_duration: 5 })).toBe(false);
  expect(told({ unrecorded_durations: 1 })).toBe(true);
  expect(hasDurations(buildProfile({ sites: [{ name: 'x' }] }))).toBe(true);
});

const CLOCK = (i: number) => ({ ticks: BigInt(i) * 1_000_000n, ns: BigInt(i) * 1_000_000n });

/** What the second of two copies of a site's profile adds to the first. */
function second(first: Buffer, both: Buffer) {
  const told = takeInterval(Uint8Array.from(first), new Uint8Array(0), null, CLOCK(1));
  const copy = Uint8Array.from(both);
  takeInterval(copy, told, CLOCK(1), CLOCK(2));
  const { sites, notes } = readProfile(copy);
  const [{ count, minNs, maxNs }] = sites;
  return { count, minNs, maxNs, notes };
}

test('an interval of one execution whose duration is in no histogram yet has sound extremes', () => {
  const copyOf = (count: number, header: NonNullable<MadeProcess['header']>): Buffer =>
    buildProfile({ sites: [{ name: 'x', count, total: 900, self: 900, min: 5, max: 500 }], header });
  const site = sitesOffset(copyOf(1, {})) + SITES.size;
  const latest = (duration: number) => ({ latest_site: site, latest_duration: duration });
  const first = copyOf(1, latest(500));
  expect(second(first, copyOf(2, latest(100)))).toEqual({ count: 1, minNs: 100, maxNs: 100, notes: [] });
  // Of another site: nothing is known of this one's.
  const other = { latest_site: site + SITE.size, latest_duration: 7 };
  expect(second(first, copyOf(2, other))).toEqual({ count: 1, minNs: 5, maxNs: 500, notes: [] });
});

test('an interval whose executions are in one bucket with the shortest of all has sound extremes', () => {
  const { BLOCK_UNIT, SUB_BUCKETS } = PROFILE_CONSTANTS;
  // From 992 to 1007 ticks.
  const [octave, bucket] = [5, 30];
  const shortest = 1007;
  expect(bucketMiddle(octave, bucket)).toBeLessThan(shortest);
  const copyOf = (count: number): Buffer => {
    const room = encodeRecord(RECORD_TYPES.BLOCKS, Buffer.alloc(SITES.size + BLOCK_UNIT + SUB_BUCKETS * 4));
    const file = buildProfile({
      sites: [{ name: 'x', count, total: 5000, self: 5000, min: shortest, max: 2000 }],
      records: [room],
    });
    const block = Math.ceil((recordOffset(file, RECORD_TYPES.BLOCKS) + SITES.size) / BLOCK_UNIT);
    const blocks = sitesOffset(file) + SITES.size + (fieldOffsets(SITE).get('blocks') ?? 0);
    file.writeUInt32LE(block, blocks + octave * 4);
    file.writeUInt32LE(count, block * BLOCK_UNIT + bucket * 4);
    return file;
  };
  const { minNs, maxNs, ...rest } = second(copyOf(1), copyOf(3));
  expect(rest).toEqual({ count: 2, notes: [] });
  expect([minNs, maxNs]).toEqual([shortest, shortest]);
});
