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
import { mergeCounters, mergeVariants, sortVariants } from './merge.ts';
import type { PagedBytes } from './paged-bytes.ts';
import type { Counters, SiteStats, VariantStats } from './profile.ts';
import { estimateOf, type SampledSource } from './sampled-sites.ts';
import { newSite, newVariant } from './site-stats.ts';
import type { SiteTable, TableSite } from './site-table.ts';
import type { StructValues } from './struct-reader.ts';
import { siteTaxes } from './taxes.ts';
import { FREED } from './variant-structs.ts';
import { freesOf, howOf, isCall } from './variants.ts';

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
  readonly bytes: PagedBytes;
  readonly nsPerTick: number;
  /** Step of the clock. */
  readonly stepNs: number;
  /** Overflows of a bucket: `block * 32 + bucket` → times. */
  readonly carries: ReadonlyMap<number, number>;
  /** The latest operation, whose duration is not in its site's histogram yet: offset of the site struct, and ticks. */
  readonly latest: { readonly site: number; readonly ticks: number };
  readonly variants: ReadonlyMap<number, readonly CountedVariant[]>;
  readonly names: readonly string[];
  /** What else is known of a site, by its number: without a GIL a row for each thread. */
  readonly taxes: ReadonlyMap<number, readonly StructValues[]>;
  /** Whether suspensions of awaits were recorded. */
  readonly suspensions: boolean;
  /** Where the sums of sampled sites are, and what is known of the windows; undefined where nothing is sampled. */
  readonly sampled: SampledSource | undefined;
  /** What self times of sites were below zero, added up while they are read. */
  readonly excess: { ns: number };
  /** No duration is missing in the histograms. */
  readonly isComplete: boolean;
  /** Called with a description of what is damaged. */
  readonly note: (what: string) => void;
  readonly scratch: Scratch;
  /** A byte for each block, 1 where it was read as a histogram: each is of one octave of one site. */
  readonly claimed: Uint8Array;
}

/** Room for what is being read: lists that grow have more room than they need. */
interface Scratch {
  readonly values: number[];
  readonly counts: number[];
  readonly blocks: Uint32Array;
}

/** Room for {@link CounterSource.scratch}. */
export function newScratch(): Scratch {
  return { values: [], counts: [], blocks: new Uint32Array(OCTAVES) };
}

/** A site table and its counters. */
export interface CountedTable {
  readonly file: string;
  readonly table: SiteTable;
  /** Offset of the first site struct. */
  readonly offset: number;
  /** Of those of other threads, where each has its own: without a GIL. */
  readonly more: number[];
  /** Number of its first site in the process. */
  readonly firstSite: number;
}

/** Counters of a part of a site's executions: the numbers as they are in the profile. */
export interface CountedVariant {
  readonly how: number;
  /** Numbers of names; 0 for none. */
  readonly left: number;
  readonly right: number;
  /** See `FREED` of the format. */
  readonly freed: number;
  /** Offset of its site struct. */
  readonly offset: number;
}

/** Statistics of each site of a table. */
export function tableStats(source: CounterSource, counted: CountedTable): SiteStats[] {
  return counted.table.sites.map((site, position) => siteStats(source, counted, site, position));
}

/** The latest tick at which an operation of these tables ended, or `known` when that is later. */
export function latestTick(bytes: PagedBytes, tables: readonly CountedTable[], known: bigint): bigint {
  let latest = known;
  for (const { table, offset, more } of tables) {
    for (const first of [offset, ...more]) {
      for (let i = 0; i < table.sites.length; i++) {
        const at = bytes.locate(first + i * SITE.size);
        const last = bytes.view.getBigUint64(at + LAST, true);
        if (last > latest) latest = last;
      }
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
  const first = readCounters(source, at, (count, histogram) => withLatest(source, at, count, histogram));
  const counters = withOthers(source, first, counted.more, position);
  const suspends = source.suspensions && site.kind === 'await';
  const identity = {
    file: counted.file,
    function: site.function,
    line: site.line,
    endLine: site.endLine,
    column: site.column,
    endColumn: site.endColumn,
    opcode: site.opname,
    name: site.name,
    kind: site.kind,
    table: counted.table.id,
    position,
  };
  return newSite(identity, counters, {
    ...siteTaxes(source.taxes.get(number) ?? [], suspends, source.nsPerTick),
    estimate: estimateOf(source.sampled, counted.offset, position, counters),
    variants: siteVariants(source, number, counters, counted.more.length > 0),
  });
}

/** With what other threads counted at the same site. */
function withOthers(
  source: CounterSource,
  first: Counters,
  more: readonly number[],
  position: number,
): Counters {
  if (more.length === 0) return first;
  const others = more.map((offset) =>
    readCounters(source, offset + position * SITE.size, (_count, histogram) => histogram),
  );
  const seen = [first, ...others].filter(({ count }) => count > 0);
  return seen.length <= 1 ? (seen[0] ?? first) : mergeCounters(seen);
}

/** @param byThread some may be there once for each thread */
function siteVariants(
  source: CounterSource,
  site: number,
  ofSite: Counters,
  byThread: boolean,
): VariantStats[] {
  const rows = source.variants.get(site) ?? [];
  const variants = rows.map((row) => variantStats(source, row, ofSite));
  return byThread ? mergeVariants(variants) : sortVariants(variants);
}

function variantStats(
  source: CounterSource,
  { how, left, right, freed, offset }: CountedVariant,
  ofSite: Counters,
): VariantStats {
  const word = howOf(how);
  const name = (number: number): string | null => source.names[number - 1] ?? null;
  const what = {
    how: word,
    type: isCall(word) ? null : name(left),
    otherType: name(right),
    callee: isCall(word) ? name(left) : null,
    frees: freesOf(word, freed),
    freed: word === 'freed' ? name(left) : name(freed - FREED.NAMELESS),
  };
  return newVariant(
    what,
    readCounters(source, offset, (_count, histogram) => histogram, ofSite),
  );
}

/** @param like counters that may be the same: most sites have one variant */
function readCounters(
  source: CounterSource,
  offset: number,
  complete: (count: number, histogram: Histogram) => Histogram,
  like?: Counters,
): Counters {
  const { bytes, nsPerTick } = source;
  const at = bytes.locate(offset);
  const { view } = bytes;
  const [count, raised] = [unsigned(view, at + COUNT), unsigned(view, at + RAISED)];
  const [min, max] = [unsigned(view, at + MIN), unsigned(view, at + MAX)];
  const [total, self] = [signed(view, at + TOTAL), signed(view, at + SELF)];
  if (like === undefined) source.excess.ns += Math.max(0, -self * nsPerTick);
  // The page of these counters may be gone when the histogram is read.
  const histogram =
    count === 0 ? EMPTY_HISTOGRAM : complete(count, readHistogram(source, offset, like?.histogram));
  const [p50Ns, p90Ns, p99Ns] =
    histogram === like?.histogram
      ? [like.p50Ns, like.p90Ns, like.p99Ns]
      : percentiles(histogram, [0.5, 0.9, 0.99]);
  if (!agree(source, { count, raised, min, max }, histogram)) {
    source.note(
      'counters of an operation do not agree: they are damaged, or the profile was read while the program ran',
    );
  }
  return {
    count,
    raised: Math.min(raised, count),
    // Sums are signed, so that the noise of short operations averages out; below zero they say "nothing". Where the cost of
    // probes inside was estimated too high, the time without them is what is known of the whole.
    totalNs: Math.max(0, total, self) * nsPerTick,
    selfNs: Math.max(0, self) * nsPerTick,
    minNs: count === 0 ? null : min * nsPerTick,
    maxNs: count === 0 ? null : max * nsPerTick,
    p50Ns,
    p90Ns,
    p99Ns,
    histogram,
  };
}

/**
 * What every process writes. One that is killed between two stores leaves counters that differ by one operation; one that
 * runs while its file is read, by many.
 */
function agree(
  { isComplete }: CounterSource,
  { count, raised, min, max }: Readonly<Record<'count' | 'raised' | 'min' | 'max', number>>,
  seen: Histogram,
): boolean {
  const durations = histogramCount(seen);
  const tooFew = isComplete && durations > 0 && durations < count - 1;
  const reversed = count > 0 && min > max;
  return raised <= count + 1 && durations <= count + 1 && !tooFew && !reversed;
}

/** @param like is given back when it is the same: then both need the memory of one */
function readHistogram(source: CounterSource, site: number, like?: Histogram): Histogram {
  const { bytes, nsPerTick, stepNs, carries, scratch } = source;
  const { values, counts, blocks } = scratch;
  const first = bytes.locate(site + BLOCKS);
  for (let octave = 0; octave < OCTAVES; octave++)
    blocks[octave] = bytes.view.getUint32(first + octave * 4, true);
  let length = 0;
  for (let octave = 0; octave < OCTAVES; octave++) {
    const block = blocks[octave];
    if (block === 0 || !isUsable(source, block)) continue;
    const at = bytes.locate(block * BLOCK_UNIT);
    const { view } = bytes;
    for (let bucket = 0; bucket < SUB_BUCKETS; bucket++) {
      const count = view.getUint32(at + bucket * 4, true);
      const carried = carries.size === 0 ? 0 : (carries.get(block * SUB_BUCKETS + bucket) ?? 0);
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
  const inside = block * BLOCK_UNIT + SUB_BUCKETS * 4 <= source.bytes.length;
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
