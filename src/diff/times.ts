import { type Histogram, histogramCount, percentiles } from '../profile/histogram.ts';
import type { TimeChange, TimeVerdict } from './comparison.ts';
import { type Difference, median, pValue, type Sample, sampleOf, tQuantile, welch } from './statistics.ts';

/** A time of each run of both sides, as it was and as it is compared: nothing is shorter than what can be told from zero. */
export interface TimesOfRuns {
  readonly a: readonly (number | null)[];
  readonly b: readonly (number | null)[];
  /** Least time that can be told from zero, by run. */
  readonly floorA: readonly number[];
  readonly floorB: readonly number[];
  /** Standard error of the logarithm within a run; for comparisons of single runs. */
  readonly errorA?: number | null;
  readonly errorB?: number | null;
}

/** A change whose verdict waits for the scatter of all sites and the false discovery rate of all tests. */
export interface TimeDraft {
  readonly a: number | null;
  readonly b: number | null;
  /** Of logarithms; null where there is nothing to compare, and under the floor. */
  readonly samples: readonly [Sample, Sample] | null;
  /** Both sides are under the floor in all runs. */
  readonly isUnderFloor: boolean;
  /** Difference of the means that the floor may explain, nanoseconds. */
  readonly slack: number;
  /** Null where it cannot be known. */
  readonly errorWithin: number | null;
}

const CONFIDENCE = 0.95;
const NORMAL_QUANTILE = 1.96;
/** With fewer executions, the order of durations says nothing of where the median lies. */
const LEAST_EXECUTIONS = 8;
/** Runs are never taken to agree better than this: standard deviation of the logarithm of a time. */
const LEAST_DEVIATION = 0.01;
/** Of medians of two single runs. */
const LEAST_DEVIATION_OF_SITES = 0.03;
/** What is assumed of two single runs with too few sites to see how much they differ. */
const ASSUMED_DEVIATION = 0.2;
/** Fewer sites do not show how much two runs differ. */
export const LEAST_SITES = 10;
/** Sites scatter with longer tails than a normal distribution has. */
const FREEDOM_OF_SITES = 5;

/**
 * Prepares one time of one site.
 * @param isTested false where times are shown and not compared
 */
export function draftTime(times: TimesOfRuns, isTested = true): TimeDraft {
  const [a, b] = [meanOf(times.a), meanOf(times.b)];
  const { errorA = null, errorB = null } = times;
  const isUnderFloor =
    a !== null && b !== null && isUnder(times.a, times.floorA) && isUnder(times.b, times.floorB);
  const slack = Math.max(0, ...times.floorA) + Math.max(0, ...times.floorB);
  return {
    a,
    b,
    samples: isTested && !isUnderFloor ? samplesOf(times) : null,
    isUnderFloor,
    slack,
    errorWithin: errorA === null || errorB === null ? null : Math.hypot(errorA, errorB),
  };
}

function samplesOf(times: TimesOfRuns): TimeDraft['samples'] {
  const [a, b] = [raised(times.a, times.floorA), raised(times.b, times.floorB)];
  return a === null || b === null ? null : [logsOf(a), logsOf(b)];
}

/** Standard error of the logarithm of a percentile, from the order of the durations; null where there are too few. */
export function percentileError(histogram: Histogram, fraction: number, floorNs: number): number | null {
  const count = histogramCount(histogram);
  const half = NORMAL_QUANTILE * Math.sqrt((fraction * (1 - fraction)) / count);
  if (count < LEAST_EXECUTIONS || fraction + half >= 1 || fraction - half <= 0) return null;
  const [low, high] = percentiles(histogram, [fraction - half, fraction + half]);
  if (low === null || high === null) return null;
  const least = Math.max(floorNs, 1e-3);
  return Math.log(Math.max(high, least) / Math.max(low, least)) / (2 * NORMAL_QUANTILE);
}

/** By what the two sides differ; null where there is nothing to compare. */
export type DifferenceOf = (draft: TimeDraft) => Difference | null;

/** Compares times by how much the runs of each side differ, and of all drafts together. */
export function differenceOfRuns(drafts: Iterable<TimeDraft>): DifferenceOf {
  const scatters: number[] = [];
  for (const { samples } of drafts) if (samples !== null) scatters.push(pooled(samples));
  // Two runs that agree by chance are no proof: no site is taken to scatter less than half of them do.
  const least = Math.max(LEAST_DEVIATION ** 2, scatters.length > 0 ? median(scatters) : 0);
  return ({ samples }) => (samples === null ? null : welch(samples[0], samples[1], least));
}

function pooled([a, b]: readonly [Sample, Sample]): number {
  const freedom = a.count + b.count - 2;
  return freedom === 0 ? 0 : (a.variance * (a.count - 1) + b.variance * (b.count - 1)) / freedom;
}

/**
 * Compares times of single runs by how much all sites differ: most are taken to have no change, so that their scatter, and what
 * they have in common, is what two runs differ by.
 */
export function differenceOfSites(drafts: Iterable<TimeDraft>): {
  readonly differenceOf: DifferenceOf;
  readonly deviation: number;
  readonly sites: number;
} {
  const shifts: number[] = [];
  for (const { samples, errorWithin } of drafts) {
    if (samples !== null && errorWithin !== null) shifts.push(shiftOf(samples));
  }
  const deviation = shifts.length < LEAST_SITES ? ASSUMED_DEVIATION : deviationOf(shifts);
  const differenceOf: DifferenceOf = ({ samples, errorWithin }) => {
    if (samples === null || errorWithin === null) return null;
    const error = Math.hypot(deviation, errorWithin);
    return { value: shiftOf(samples), error, freedom: FREEDOM_OF_SITES };
  };
  return { differenceOf, deviation, sites: shifts.length };
}

function shiftOf([a, b]: readonly [Sample, Sample]): number {
  return b.mean - a.mean;
}

/** By what nine of ten sites differ at most, if that is more than half of them let expect: scatter has long tails. */
function deviationOf(shifts: readonly number[]): number {
  const sizes = shifts.map(Math.abs).sort((a, b) => a - b);
  const scatter = 1.4826 * median(sizes);
  const tail = sizes[Math.ceil(sizes.length * 0.9) - 1] / 1.645;
  return Math.max(LEAST_DEVIATION_OF_SITES, scatter, tail);
}

/** What {@link judgeTime} goes by. */
export interface Judgement {
  readonly difference: Difference | null;
  readonly q: number | null;
  readonly isDiscovery: boolean;
  readonly threshold: number;
  /** Differences up to the sum of both floors are no change, however sure they are. */
  readonly usesSlack: boolean;
}

/** The change with its interval and verdict. */
export function judgeTime(draft: TimeDraft, judgement: Judgement): TimeChange {
  const { a, b } = draft;
  const { difference, q } = judgement;
  if (draft.isUnderFloor) return { a, b, ratio: null, p: null, q: null, verdict: 'same' };
  if (difference === null) return { a, b, ratio: null, p: null, q: null, verdict: 'unknown' };
  const reach = confidenceT(difference.freedom) * difference.error;
  const [value, low, high] = [0, -reach, reach].map((shift) => Math.exp(difference.value + shift));
  const ratio = { value, low, high };
  return { a, b, ratio, p: pValue(difference), q, verdict: verdictOf(draft, ratio, judgement) };
}

const QUANTILES = new Map<number, number>();

/** Half the width of the interval in standard errors. Freedom is rounded down, to the safe side, to compute few of them. */
function confidenceT(freedom: number): number {
  const rounded = Math.max(1, Math.floor(Math.min(freedom, 200) * 4) / 4);
  const known = QUANTILES.get(rounded) ?? tQuantile(1 - CONFIDENCE, rounded);
  QUANTILES.set(rounded, known);
  return known;
}

function verdictOf(
  { a, b, slack }: TimeDraft,
  { value, low, high }: { readonly value: number; readonly low: number; readonly high: number },
  { isDiscovery, threshold, usesSlack }: Judgement,
): TimeVerdict {
  const isLarge = value > 1 + threshold || value < 1 / (1 + threshold);
  const isTold = !usesSlack || Math.abs((b ?? 0) - (a ?? 0)) > slack;
  if (isDiscovery && isLarge && isTold) return value > 1 ? 'slower' : 'faster';
  // Where the whole interval is this narrow, a change is excluded.
  const bound = 1 + 2 * threshold;
  return high <= bound && low >= 1 / bound ? 'same' : 'unclear';
}

function meanOf(values: readonly (number | null)[]): number | null {
  let [sum, known] = [0, 0];
  for (const value of values) {
    if (value === null) continue;
    sum += value;
    known++;
  }
  return known === 0 ? null : sum / known;
}

/** Values raised to the floor; null where one is missing. */
function raised(values: readonly (number | null)[], floors: readonly number[]): number[] | null {
  if (values.length === 0) return null;
  const all: number[] = [];
  for (const [i, value] of values.entries()) {
    if (value === null) return null;
    all.push(Math.max(value, floors[i], 1e-3));
  }
  return all;
}

function isUnder(values: readonly (number | null)[], floors: readonly number[]): boolean {
  return values.every((value, i) => value !== null && value <= floors[i]);
}

function logsOf(values: readonly number[]): Sample {
  return sampleOf(values.map((value) => Math.log(value)));
}
