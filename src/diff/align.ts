/**
 * How well two items go together: 0 or less for not at all. The scale is that of {@link GAP_OPEN} and
 * {@link GAP_EXTEND}.
 */
export type Score = (a: number, b: number) => number;

/** What it costs to leave out the first item of a stretch, and each of the others. */
const GAP_OPEN = 20;
const GAP_EXTEND = 1;

/** Most cells of the alignment's tables; larger problems are cut at items that occur once. */
const MOST_CELLS = 4_000_000;

/** What is aligned. */
export interface Sequences {
  readonly lengthA: number;
  readonly lengthB: number;
  readonly score: Score;
  /** Texts that are the same where two items are evidently the same, and a coarser one of items that may be. */
  readonly exactA: readonly string[];
  readonly exactB: readonly string[];
  readonly keysA: readonly string[];
  readonly keysB: readonly string[];
}

interface Part {
  readonly fromA: number;
  readonly toA: number;
  readonly fromB: number;
  readonly toB: number;
}

/** Pairs of two sequences, in the order of both, so that the sum of their scores less the gaps is greatest. */
export function align(sequences: Sequences): [number, number][] {
  const pairs: [number, number][] = [];
  const all = { fromA: 0, toA: sequences.lengthA, fromB: 0, toB: sequences.lengthB };
  alignPart(sequences, all, pairs);
  return pairs.sort((x, y) => x[0] - y[0]);
}

function alignPart(sequences: Sequences, part: Part, pairs: [number, number][]): void {
  const rest = trimEnd(sequences, trimStart(sequences, part, pairs), pairs);
  const rows = rest.toA - rest.fromA;
  const columns = rest.toB - rest.fromB;
  if (rows === 0 || columns === 0) return;
  if ((rows + 1) * (columns + 1) <= MOST_CELLS) {
    alignSmall(sequences.score, rest, pairs);
    return;
  }
  const anchors = anchorsOf(sequences, rest);
  if (anchors.length === 0) {
    pairInOrder(sequences, rest, pairs);
    return;
  }
  let { fromA, fromB } = rest;
  for (const [a, b] of anchors) {
    alignPart(sequences, { fromA, toA: a, fromB, toB: b }, pairs);
    pairs.push([a, b]);
    fromA = a + 1;
    fromB = b + 1;
  }
  alignPart(sequences, { fromA, toA: rest.toA, fromB, toB: rest.toB }, pairs);
}

function trimStart({ exactA, exactB }: Sequences, part: Part, pairs: [number, number][]): Part {
  let { fromA, fromB } = part;
  while (fromA < part.toA && fromB < part.toB && exactA[fromA] === exactB[fromB])
    pairs.push([fromA++, fromB++]);
  return { ...part, fromA, fromB };
}

function trimEnd({ exactA, exactB }: Sequences, part: Part, pairs: [number, number][]): Part {
  let { toA, toB } = part;
  while (toA > part.fromA && toB > part.fromB && exactA[toA - 1] === exactB[toB - 1])
    pairs.push([--toA, --toB]);
  return { ...part, toA, toB };
}

const STEP_PAIR = 0;
const STEP_SKIP_A = 1;
const STEP_SKIP_B = 2;

/** Gotoh's algorithm: the best sum that ends in a pair, in a gap of A, or in a gap of B, for each two prefixes. */
function alignSmall(score: Score, part: Part, pairs: [number, number][]): void {
  const rows = part.toA - part.fromA;
  const columns = part.toB - part.fromB;
  const width = columns + 1;
  const cells = (rows + 1) * width;
  const best = [0, 1, 2].map(() => new Int32Array(cells).fill(-1_000_000_000));
  const from = [0, 1, 2].map(() => new Uint8Array(cells));
  best[STEP_PAIR][0] = 0;
  for (let row = 0; row <= rows; row++) {
    for (let column = 0; column <= columns; column++) {
      const at = row * width + column;
      if (row > 0) skip(best, from, STEP_SKIP_A, at, at - width);
      if (column > 0) skip(best, from, STEP_SKIP_B, at, at - 1);
      if (row === 0 || column === 0) continue;
      const value = score(part.fromA + row - 1, part.fromB + column - 1);
      if (value > 0) pairUp(best, from, at, at - width - 1, value);
    }
  }
  walkBack(best, from, part, width, pairs);
}

function pairUp(
  best: readonly Int32Array[],
  from: readonly Uint8Array[],
  at: number,
  before: number,
  value: number,
): void {
  const step = greatest(best, before);
  best[STEP_PAIR][at] = best[step][before] + value;
  from[STEP_PAIR][at] = step;
}

function skip(
  best: readonly Int32Array[],
  from: readonly Uint8Array[],
  step: number,
  at: number,
  before: number,
): void {
  const opened = greatest(best, before);
  const open = best[opened][before] - GAP_OPEN;
  const extend = best[step][before] - GAP_EXTEND;
  best[step][at] = Math.max(open, extend);
  from[step][at] = extend > open ? step : opened;
}

function greatest(best: readonly Int32Array[], at: number): number {
  let step = STEP_PAIR;
  if (best[STEP_SKIP_A][at] > best[step][at]) step = STEP_SKIP_A;
  if (best[STEP_SKIP_B][at] > best[step][at]) step = STEP_SKIP_B;
  return step;
}

function walkBack(
  best: readonly Int32Array[],
  from: readonly Uint8Array[],
  part: Part,
  width: number,
  pairs: [number, number][],
): void {
  let row = part.toA - part.fromA;
  let column = part.toB - part.fromB;
  let step = greatest(best, row * width + column);
  while (row > 0 || column > 0) {
    const before = from[step][row * width + column];
    if (step === STEP_PAIR) pairs.push([part.fromA + --row, part.fromB + --column]);
    else if (step === STEP_SKIP_A) row--;
    else column--;
    step = before;
  }
}

/** Items that are evidently the same and occur once on each side, the longest chain of them in the order of both. */
function anchorsOf({ exactA, exactB }: Sequences, part: Part): [number, number][] {
  const onceA = occurringOnce(exactA, part.fromA, part.toA);
  const onceB = occurringOnce(exactB, part.fromB, part.toB);
  const both: [number, number][] = [];
  for (const [text, a] of onceA) {
    const b = onceB.get(text);
    if (b !== undefined) both.push([a, b]);
  }
  return longestRise(both.sort((x, y) => x[0] - y[0]));
}

function occurringOnce(texts: readonly string[], from: number, to: number): Map<string, number> {
  const places = new Map<string, number>();
  const repeated = new Set<string>();
  for (let i = from; i < to; i++) {
    if (places.has(texts[i])) repeated.add(texts[i]);
    places.set(texts[i], i);
  }
  for (const text of repeated) places.delete(text);
  return places;
}

/** The longest part of the pairs whose second numbers rise, by patience sorting. */
function longestRise(pairs: readonly [number, number][]): [number, number][] {
  const tops: number[] = [];
  const before: number[] = [];
  for (let i = 0; i < pairs.length; i++) {
    let low = 0;
    for (let high = tops.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (pairs[tops[middle]][1] < pairs[i][1]) low = middle + 1;
      else high = middle;
    }
    before.push(low > 0 ? tops[low - 1] : -1);
    tops[low] = i;
  }
  const chain: [number, number][] = [];
  for (let i = tops.at(-1) ?? -1; i >= 0; i = before[i]) chain.push(pairs[i]);
  return chain.reverse();
}

/** The n-th item of a key with the n-th of the same key, as long as both sequences keep their order. */
function pairInOrder({ keysA, keysB }: Sequences, part: Part, pairs: [number, number][]): void {
  const waiting = new Map<string, number[]>();
  for (let b = part.toB - 1; b >= part.fromB; b--) {
    const same = waiting.get(keysB[b]);
    if (same === undefined) waiting.set(keysB[b], [b]);
    else same.push(b);
  }
  const found: [number, number][] = [];
  for (let a = part.fromA; a < part.toA; a++) {
    const b = waiting.get(keysA[a])?.pop();
    if (b !== undefined) found.push([a, b]);
  }
  pairs.push(...longestRise(found));
}
