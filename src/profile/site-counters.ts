import { fieldOffsets, PROFILE_CONSTANTS, SITE } from './format.ts';
import {
  bucketMiddle,
  bucketMiddleOf,
  EMPTY_HISTOGRAM,
  type Histogram,
  histogramCount,
  mergeHistograms,
  percentiles,
} from './histogram.ts';
import { sortVariants } from './merge.ts';
import type { Counters, SiteStats, VariantStats } from './profile.ts';
import { estimateOf, type SampledSource } from './sampled-sites.ts';
import type { SiteTable, TableSite } from './site-table.ts';
import type { StructValues } from './struct-reader.ts';
import { siteTaxes } from './taxes.ts';
import { howOf, isCall } from './variants.ts';

const { OCTAVES, SUB_BUCKETS, BLOCK_UNIT } = PROFILE_CONSTANTS;
const OFFSETS = fieldOffsets(SITE);
const [COUNT, RAISED, TOTAL, SELF, MIN, MAX, LAST, BLOCKS] = [
  'count',
  'raised',
  'total',
  'self',
  'min',
  'max',
  'last',
  'blocks',
].map((name) => OFFSETS.get(name) ?? 0);

/** Where the counters of a process lie and how to read them. */
export interface CounterSource {
  /** The process's profile, from its header to its used size. */
  readonly view: DataView;
  readonly nsPerTick: number;
  /** Step of the clock. */
  readonly stepNs: number;
  /** Overflows of a bucket: `block * 32 + bucket` → times. */
  readonly carries: ReadonlyMap<number, number>;
  /** The latest operation, whose duration is not in its site's histogram yet: offset of the site struct, and ticks. */
  readonly latest: { readonly site: number; readonly ticks: number };
  readonly variants: ReadonlyMap<number, readonly CountedVariant[]>;
  readonly names: readonly string[];
  /** What else is known of a site, by its number. */
  readonly taxes: ReadonlyMap<number, StructValues>;
  /** Whether suspensions of awaits were recorded. */
  readonly suspensions: boolean;
  /** Where the sums of sampled sites are, and what is known of the windows; undefined where nothing is sampled. */
  readonly sampled: SampledSource | undefined;
  /** No duration is missing in the histograms. */
  readonly isComplete: boolean;
  /** Called with a description of what is damaged. */
  readonly note: (what: string) => void;
  /** Room for a histogram that is being read: lists that grow have more room than they need. */
  readonly scratch: { readonly values: number[]; readonly counts: number[] };
  /** A byte for each block, 1 where it was read as a histogram: each is of one octave of one site. */
  readonly claimed: Uint8Array;
}

/** A site table and its counters. */
export interface CountedTable {
  readonly file: string;
  readonly table: SiteTable;
  /** Offset of the first site struct. */
  readonly offset: number;
  /** Number of its first site in the process. */
  readonly firstSite: number;
}

/** Counters of a part of a site's executions: the numbers as they are in the profile. */
export interface CountedVariant {
  readonly how: number;
  /** Numbers of names; 0 for none. */
  readonly left: number;
  readonly right: number;
  /** Offset of its site struct. */
  readonly offset: number;
}

/** Statistics of each site of a table. */
export function tableStats(source: CounterSource, counted: CountedTable): SiteStats[] {
  return counted.table.sites.map((site, position) => siteStats(source, counted, site, position));
}

/** The latest tick at which an operation of these tables ended, or `known` when that is later. */
export function latestTick(view: DataView, tables: readonly CountedTable[], known: bigint): bigint {
  let latest = known;
  for (const { table, offset } of tables) {
    for (let i = 0; i < table.sites.length; i++) {
      const last = view.getBigUint64(offset + i * SITE.size + LAST, true);
      if (last > latest) latest = last;
    }
  }
  return latest;
}

function siteStats(
  source: CounterSource,
  counted: CountedTable,
  site: TableSite,
  position: number,
): SiteStats {
  const at = counted.offset + position * SITE.size;
  const number = counted.firstSite + position;
  const variants = source.variants.get(number) ?? [];
  const counters = readCounters(source, at, (count, histogram) => withLatest(source, at, count, histogram));
  return {
    file: counted.file,
    function: site.function,
    line: site.line,
    endLine: site.endLine,
    column: site.column,
    endColumn: site.endColumn,
    opcode: site.opname,
    name: site.name,
    kind: site.kind,
    ...counters,
    ...siteTaxes(source.taxes.get(number), source.suspensions && site.kind === 'await', source.nsPerTick),
    estimate: estimateOf(source.sampled, counted.offset, position, counters),
    variants: sortVariants(variants.map((variant) => variantStats(source, variant, counters))),
    table: counted.table.id,
    position,
  };
}

function variantStats(
  source: CounterSource,
  { how, left, right, offset }: CountedVariant,
  ofSite: Counters,
): VariantStats {
  const word = howOf(how);
  const name = (number: number): string | null => source.names[number - 1] ?? null;
  return {
    how: word,
    type: isCall(word) ? null : name(left),
    otherType: name(right),
    callee: isCall(word) ? name(left) : null,
    ...readCounters(source, offset, (_count, histogram) => histogram, ofSite),
  };
}

/** @param like counters that may be the same: most sites have one variant */
function readCounters(
  source: CounterSource,
  at: number,
  complete: (count: number, histogram: Histogram) => Histogram,
  like?: Counters,
): Counters {
  const { view, nsPerTick } = source;
  const count = unsigned(view, at + COUNT);
  const histogram =
    count === 0 ? EMPTY_HISTOGRAM : complete(count, readHistogram(source, at, like?.histogram));
  const [p50Ns, p90Ns, p99Ns] =
    histogram === like?.histogram
      ? [like.p50Ns, like.p90Ns, like.p99Ns]
      : percentiles(histogram, [0.5, 0.9, 0.99]);
  const raised = unsigned(view, at + RAISED);
  checkCounters(source, at, count, raised, histogram);
  return {
    count,
    raised: Math.min(raised, count),
    // Sums are signed, so that the noise of short operations averages out; below zero they say "nothing".
    totalNs: Math.max(0, signed(view, at + TOTAL) * nsPerTick),
    selfNs: Math.max(0, signed(view, at + SELF) * nsPerTick),
    minNs: count === 0 ? null : unsigned(view, at + MIN) * nsPerTick,
    maxNs: count === 0 ? null : unsigned(view, at + MAX) * nsPerTick,
    p50Ns,
    p90Ns,
    p99Ns,
    histogram,
  };
}

/**
 * What no process writes. One that is killed between two stores leaves counters that differ by one operation; one that
 * runs while its file is read, by many.
 */
function checkCounters(
  source: CounterSource,
  at: number,
  count: number,
  raised: number,
  seen: Histogram,
): void {
  const { view, isComplete, note } = source;
  const durations = histogramCount(seen);
  const tooFew = isComplete && durations > 0 && durations < count - 1;
  const reversed = count > 0 && view.getBigUint64(at + MIN, true) > view.getBigUint64(at + MAX, true);
  if (raised > count + 1 || durations > count + 1 || tooFew || reversed) {
    note(
      'counters of an operation do not agree: they are damaged, or the profile was read while the program ran',
    );
  }
}

/** @param like is given back when it is the same: then both need the memory of one */
function readHistogram(source: CounterSource, site: number, like?: Histogram): Histogram {
  const { view, nsPerTick, stepNs, carries, scratch } = source;
  const { values, counts } = scratch;
  let length = 0;
  for (let octave = 0; octave < OCTAVES; octave++) {
    const block = view.getUint32(site + BLOCKS + octave * 4, true);
    if (block === 0 || !isUsable(source, block)) continue;
    for (let bucket = 0; bucket < SUB_BUCKETS; bucket++) {
      const count = view.getUint32(block * BLOCK_UNIT + bucket * 4, true);
      const carried = carries.get(block * SUB_BUCKETS + bucket) ?? 0;
      if (count === 0 && carried === 0) continue;
      values[length] = bucketMiddle(octave, bucket) * nsPerTick;
      counts[length++] = count + carried * 2 ** 32;
    }
  }
  if (like !== undefined && isSame(like, scratch, length)) return like;
  return { values: values.slice(0, length), counts: counts.slice(0, length), stepNs };
}

function isSame(histogram: Histogram, { values, counts }: CounterSource['scratch'], length: number): boolean {
  if (histogram.values.length !== length) return false;
  for (let i = 0; i < length; i++) {
    if (histogram.values[i] !== values[i] || histogram.counts[i] !== counts[i]) return false;
  }
  return true;
}

/**
 * In a live profile the histogram may have got it since: then it holds all executions. A process that is killed while it
 * adds the one before leaves a histogram that lacks both.
 */
function withLatest(
  { latest, nsPerTick }: CounterSource,
  site: number,
  count: number,
  histogram: Histogram,
): Histogram {
  const missing = count - histogramCount(histogram);
  if (latest.site !== site || (missing !== 1 && missing !== 2)) return histogram;
  return mergeHistograms([histogram, { values: [bucketMiddleOf(latest.ticks) * nsPerTick], counts: [1] }]);
}

/** Whether a block lies in the profile and is no other's: shared blocks would make much out of few bytes. */
function isUsable(source: CounterSource, block: number): boolean {
  const inside = block * BLOCK_UNIT + SUB_BUCKETS * 4 <= source.view.byteLength;
  if (!inside) source.note('a histogram lies outside of the profile: its percentiles are missing');
  if (inside && source.claimed[block] !== 0) {
    source.note('two histograms lie in one place: the percentiles of one are missing');
    return false;
  }
  source.claimed[block] = 1;
  return inside;
}

function unsigned(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

function signed(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getInt32(at + 4, true) * 2 ** 32;
}
