/** How often each text occurs. */
export type Bag = ReadonlyMap<string, number>;

/** Counts texts. */
export function bagOf(texts: Iterable<string>): Bag {
  const bag = new Map<string, number>();
  for (const text of texts) bag.set(text, (bag.get(text) ?? 0) + 1);
  return bag;
}

/** Part of two bags that they have in common, from 0 to 1. */
export function similarity(a: Bag, b: Bag): number {
  let common = 0;
  let sizeA = 0;
  let sizeB = 0;
  for (const [text, count] of a) {
    sizeA += count;
    common += Math.min(count, b.get(text) ?? 0);
  }
  for (const count of b.values()) sizeB += count;
  const together = sizeA + sizeB - common;
  return together === 0 ? 0 : common / together;
}

/** Two things that were found to belong together, and how alike they are. */
interface Candidate {
  readonly a: number;
  readonly b: number;
  readonly alike: number;
}

/** More are not compared with each other: what has been renamed in such a heap is not evident. */
const MOST_COMPARED = 1_000_000;

/**
 * Pairs what is most alike first, each at most once; pairs that are less alike than `least`, or for which there are two
 * equally good partners, are left alone.
 */
export function pairAlike(bagsA: readonly Bag[], bagsB: readonly Bag[], least: number): [number, number][] {
  if (bagsA.length * bagsB.length > MOST_COMPARED) return [];
  const candidates: Candidate[] = [];
  bagsA.forEach((bagA, a) => {
    bagsB.forEach((bagB, b) => {
      const alike = similarity(bagA, bagB);
      if (alike >= least) candidates.push({ a, b, alike });
    });
  });
  const takenA = new Set<number>();
  const takenB = new Set<number>();
  const pairs: [number, number][] = [];
  for (const equal of equallyAlike(candidates)) {
    const free = equal.filter(({ a, b }) => !takenA.has(a) && !takenB.has(b));
    const partnersA = bagOf(free.map(({ a }) => String(a)));
    const partnersB = bagOf(free.map(({ b }) => String(b)));
    for (const { a, b } of free) {
      if (partnersA.get(String(a)) !== 1 || partnersB.get(String(b)) !== 1) continue;
      takenA.add(a);
      takenB.add(b);
      pairs.push([a, b]);
    }
  }
  return pairs;
}

/** Those that are equally alike together, the most alike first. */
function equallyAlike(candidates: readonly Candidate[]): Candidate[][] {
  const groups = new Map<number, Candidate[]>();
  for (const candidate of candidates) {
    const group = groups.get(candidate.alike);
    if (group === undefined) groups.set(candidate.alike, [candidate]);
    else group.push(candidate);
  }
  return [...groups].sort(([x], [y]) => y - x).map(([, group]) => group);
}
