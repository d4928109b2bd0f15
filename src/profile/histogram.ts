import { PROFILE_CONSTANTS } from './format.ts';

const { OCTAVES, SUB_BUCKETS } = PROFILE_CONSTANTS;

/** Four for each bucket of the narrowest, which are 1/64 of their values wide. */
const CELLS_PER_OCTAVE = 256;

/** How often durations were seen. Values rise; each is the middle of a bucket at most 1/32 of it wide. */
export interface Histogram {
  /** Durations, nanoseconds. */
  readonly values: readonly number[];
  /** Executions, one entry per value. */
  readonly counts: readonly number[];
  /** Step of the clock that they were measured with, nanoseconds, where it is known. */
  readonly stepNs?: number;
}

/** No execution seen. */
export const EMPTY_HISTOGRAM: Histogram = { values: [], counts: [] };

/** Middle of a bucket in ticks: octave 0 is linear, octave k ≥ 1 has 32 buckets of 2^(k-1) ticks from 2^(k+4) on. */
export function bucketMiddle(octave: number, bucket: number): number {
  if (octave === 0) return bucket;
  const width = 2 ** (octave - 1);
  return (SUB_BUCKETS + bucket) * width + (width - 1) / 2;
}

/** Middle of the bucket that a duration of this many ticks falls into. */
export function bucketMiddleOf(ticks: number): number {
  const exponent = Math.floor(Math.log2(Math.max(1, ticks)));
  const octave = Math.min(Math.max(0, exponent - 4), OCTAVES - 1);
  const bucket = octave === 0 ? ticks : Math.floor(ticks / 2 ** (octave - 1)) - SUB_BUCKETS;
  return bucketMiddle(octave, Math.min(bucket, SUB_BUCKETS - 1));
}

/**
 * Several histograms as one. Each process measures its clock's frequency itself, so the buckets of two processes differ
 * in the last digits: values closer than a quarter of the narrowest bucket are one, the smaller, whatever the order.
 */
export function mergeHistograms(histograms: readonly Histogram[]): Histogram {
  const filled = histograms.filter((histogram) => histogram.values.length > 0);
  if (filled.length <= 1) return filled[0] ?? EMPTY_HISTOGRAM;
  const sums = new Map<number, [value: number, count: number]>();
  for (const { values, counts } of filled) {
    values.forEach((value, i) => {
      const cell = value > 0 ? Math.round(Math.log2(value) * CELLS_PER_OCTAVE) : Number.NEGATIVE_INFINITY;
      const sum = sums.get(cell);
      if (sum === undefined) sums.set(cell, [value, counts[i]]);
      else {
        sum[0] = Math.min(sum[0], value);
        sum[1] += counts[i];
      }
    });
  }
  const sorted = [...sums.values()].sort((a, b) => a[0] - b[0]);
  const stepNs = filled.reduce((widest, histogram) => Math.max(widest, histogram.stepNs ?? 0), 0);
  return { values: sorted.map(([value]) => value), counts: sorted.map(([, count]) => count), stepNs };
}

/** Executions that the histogram saw. */
export function histogramCount(histogram: Histogram): number {
  return histogram.counts.reduce((sum, count) => sum + count, 0);
}

/**
 * The durations below which these fractions of the executions lie, in nanoseconds; null when empty. The executions of a
 * value are taken as spread evenly over its bucket, or over a step of the clock where that is wider: a duration of
 * 23 ns, which a clock of 10 ns steps shows as 20 in seven of ten executions and as 30 in three, has a median near 23.
 * @param fractions rising, each from 0 to 1
 */
export function percentiles(histogram: Histogram, fractions: readonly number[]): (number | null)[] {
  const { values, counts } = histogram;
  if (values.length === 0) return fractions.map(() => null);
  const total = histogramCount(histogram);
  let before = 0;
  let at = 0;
  return fractions.map((fraction) => {
    const rank = fraction * total;
    while (before + counts[at] < rank && at + 1 < values.length) before += counts[at++];
    return Math.min(values[values.length - 1], Math.max(values[0], refine(histogram, at, rank - before)));
  });
}

/** Half the width that a value's executions are spread over, nanoseconds. */
function reach({ stepNs = 0 }: Histogram, value: number): number {
  return Math.max(stepNs, value / SUB_BUCKETS) / 2;
}

/** The place near a value below which `rank` executions lie more than there are of smaller values. */
function refine(histogram: Histogram, at: number, rank: number): number {
  const value = histogram.values[at];
  let low = Math.max(0, value - reach(histogram, value));
  let high = value + reach(histogram, value);
  // To a thousandth of the width; counted, since numbers of a damaged profile can be too small to be halved.
  for (let i = 0; i < 10; i++) {
    const middle = (low + high) / 2;
    if (countBelow(histogram, at, middle) < rank) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Executions below a place near the value `at`, less all of smaller values. */
function countBelow(histogram: Histogram, at: number, place: number): number {
  const { values, counts } = histogram;
  const part = (i: number): number => {
    const half = reach(histogram, values[i]);
    return Math.min(1, Math.max(0, (place - values[i] + half) / (2 * half)));
  };
  let count = 0;
  for (let i = at; i < values.length && part(i) > 0; i++) count += counts[i] * part(i);
  for (let i = at - 1; i >= 0 && part(i) < 1; i--) count -= counts[i] * (1 - part(i));
  return count;
}
