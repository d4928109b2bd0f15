/** The statistics of bench/sampling.ts. */
import { median } from '../../src/diff/statistics.ts';

import { student } from '../../src/profile/estimates.ts';

export interface Range {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

/** The mean with a 95 % interval, of independent observations. */
export function meanRange(numbers: readonly number[]): Range & { readonly error: number } {
  const value = mean(numbers);
  const squares = numbers.reduce((sum, one) => sum + (one - value) ** 2, 0);
  const error =
    numbers.length > 1
      ? Math.sqrt(squares / (numbers.length - 1) / numbers.length)
      : Number.POSITIVE_INFINITY;
  const half = student(numbers.length) * error;
  return { value, error, low: value - half, high: value + half };
}

/** Numbers from 0 to below 1, the same for the same seed. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Of several programs, each measured in several rounds. */
export interface Costs {
  /** Geometric mean of the programs' medians. */
  readonly all: Range;
  /** Of each program, in order. */
  readonly each: readonly Range[];
}

const RESAMPLES = 2000;

/**
 * Medians of ratios and their 95 % intervals: by a bootstrap that draws what rounds differ from their program's median by,
 * of all programs together, since few rounds alone say little about noise.
 * @param ratios by program, then by round
 */
export function summarize(ratios: readonly (readonly number[])[], seed = 1): Costs {
  const logs = ratios.map((rounds) => rounds.map(Math.log));
  const medians = logs.map(median);
  const rest = logs.flatMap((rounds, p) => {
    const wider = Math.sqrt(rounds.length / Math.max(1, rounds.length - 1));
    return rounds.map((value) => (value - medians[p]) * wider);
  });
  const random = generator(seed);
  const draw = (): number => rest[Math.floor(random() * rest.length)];
  const drawn = Array.from({ length: RESAMPLES }, () =>
    logs.map((rounds, p) => medians[p] + median(rounds.map(draw))),
  );
  return {
    all: rangeOf(mean(medians), drawn.map(mean)),
    each: medians.map((value, p) =>
      rangeOf(
        value,
        drawn.map((programs) => programs[p]),
      ),
    ),
  };
}

function rangeOf(value: number, drawn: readonly number[]): Range {
  const sorted = drawn.toSorted((a, b) => a - b);
  const at = (part: number): number => Math.exp(sorted[Math.round(part * (sorted.length - 1))]);
  return { value: Math.exp(value), low: at(0.025), high: at(0.975) };
}

/** Kendall's tau (b) of two rankings of the same things. */
export function kendallTau(a: readonly number[], b: readonly number[]): number {
  let [agree, inA, inB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    for (let k = 0; k < i; k++) {
      const [first, second] = [Math.sign(a[i] - a[k]), Math.sign(b[i] - b[k])];
      agree += first * second;
      inA += Math.abs(first);
      inB += Math.abs(second);
    }
  }
  return inA === 0 || inB === 0 ? Number.NaN : agree / Math.sqrt(inA * inB);
}

/** A number of mean 0 and variance 1, nearly normal: the sum of twelve uniform ones. */
export function normal(random: () => number): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random();
  return sum;
}

const DRAWINGS = 400;

/**
 * Kendall's tau that a ranking by estimates is expected to have with the ranking by true values if the estimates are off by their
 * standard errors and by nothing else.
 */
export function expectedTau(truths: readonly number[], errors: readonly number[]): number {
  const random = generator(1);
  const taus = Array.from({ length: DRAWINGS }, () =>
    kendallTau(
      truths,
      truths.map((truth, i) => truth + errors[i] * normal(random)),
    ),
  );
  return mean(taus);
}

/** What came true of what was tried in one cluster, e.g. in one run: its trials are not independent of each other. */
export interface Trials {
  readonly hits: number;
  readonly tried: number;
}

/** The part of all trials that came true, with its standard error by clusters. */
export function clusteredPart(clusters: readonly Trials[]): {
  readonly value: number;
  readonly error: number;
} {
  const hits = clusters.reduce((sum, one) => sum + one.hits, 0);
  const tried = clusters.reduce((sum, one) => sum + one.tried, 0);
  const value = hits / tried;
  const squares = clusters.reduce((sum, one) => sum + (one.hits - value * one.tried) ** 2, 0);
  const correction = clusters.length / Math.max(1, clusters.length - 1);
  return { value, error: Math.sqrt(squares * correction) / tried };
}
