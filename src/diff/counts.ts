import type { CountChange, CountRange } from './comparison.ts';
import { pValue, sampleOf, welch } from './statistics.ts';

/** A count in each run of a side, and its standard error where it is an estimate. */
export interface CountOfRun {
  readonly value: number;
  readonly error: number;
}

/** A change whose verdict waits for the false discovery rate of all tests. */
export interface CountDraft {
  readonly change: Omit<CountChange, 'verdict'>;
  /** Null where no test is needed, or none is possible. */
  readonly p: number | null;
}

/** Freedom of errors that were estimated from many bursts. */
const MANY = 1e6;

/** Compares the counts of two sides: exactly where they are exact and the same in all runs of a side. */
export function draftCount(a: readonly CountOfRun[], b: readonly CountOfRun[]): CountDraft {
  const [rangeA, rangeB] = [rangeOf(a), rangeOf(b)];
  const exact = a.every(isExact) && b.every(isExact);
  const change = { a: rangeA, b: rangeB, exact };
  const steady = rangeA.least === rangeA.most && rangeB.least === rangeB.most;
  if (exact && steady) return { change, p: null };
  if (a.length > 1 && b.length > 1) return { change, p: pValue(welch(valuesOf(a), valuesOf(b))) };
  if (exact) return { change, p: null };
  const error = Math.hypot(meanError(a), meanError(b));
  return { change, p: pValue({ value: rangeB.mean - rangeA.mean, error, freedom: MANY }) };
}

/** The change with its verdict. */
export function judgeCount({ change, p }: CountDraft, isDiscovery: boolean): CountChange {
  const { a, b, exact } = change;
  return { a, b, exact, verdict: verdictOf(change, p, isDiscovery) };
}

function verdictOf({ a, b }: CountDraft['change'], p: number | null, isDiscovery: boolean) {
  const direction = b.mean > a.mean ? 'more' : 'fewer';
  if (p !== null) return isDiscovery ? direction : 'varies';
  if (a.least === b.least && a.most === b.most) return 'same';
  // Some runs on one side differ, and there is one run on the other: it may be one more such run, unless it lies outside.
  if (b.least > a.most || b.most < a.least) return direction;
  return 'varies';
}

function isExact({ error }: CountOfRun): boolean {
  return error === 0;
}

function valuesOf(runs: readonly CountOfRun[]) {
  return sampleOf(runs.map(({ value }) => value));
}

function meanError(runs: readonly CountOfRun[]): number {
  return Math.hypot(...runs.map(({ error }) => error)) / runs.length;
}

function rangeOf(runs: readonly CountOfRun[]): CountRange {
  let [least, most, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const { value } of runs) {
    least = Math.min(least, value);
    most = Math.max(most, value);
    sum += value;
  }
  return { least, most, mean: sum / runs.length };
}
