import type { Profile } from '../profile/profile.ts';
import { Changes, FALSE_DISCOVERIES, numberOf, type Pairs } from './changes.ts';
import { ComparedPair } from './compared-pair.ts';
import type { ComparedSide, Comparison, TimeChange } from './comparison.ts';
import { type MatchableSite, type MatchOptions, matchSites, type SiteMatch } from './match.ts';
import type { RunNumbers } from './run-numbers.ts';
import { type Side, sideOf } from './side.ts';
import { pValue } from './statistics.ts';
import { differenceOfRuns, draftTime, judgeTime, LEAST_SITES } from './times.ts';

/** How {@link compareRuns} compares. */
export interface CompareOptions extends Pick<MatchOptions, 'textA' | 'textB'> {
  /** What an operation is and works on, where versions of Python differ, which have other words for it; default: opcode and name. */
  readonly acrossVersions?: (site: MatchableSite) => string;
  /** Smallest relative change of a time that counts as one; default 0.05. */
  readonly threshold?: number;
}

const DEFAULT_THRESHOLD = 0.05;

/**
 * Compares two runs, or two sets of runs, site by site. Counts are compared exactly; times by how much the runs of a side
 * differ, or, of single runs, by how much all sites differ. Of the changes found, 5 % are expected to be chance.
 * @param a one profile for each run; no more than one is held at a time
 * @throws PyrewriteError 'bad-profile' when a side has none
 */
export function compareRuns(
  a: Iterable<Profile>,
  b: Iterable<Profile>,
  options: CompareOptions = {},
): Comparison {
  const { threshold = DEFAULT_THRESHOLD, acrossVersions, ...texts } = options;
  const sideA = sideOf(a, acrossVersions);
  const sideB = sideOf(b, acrossVersions);
  const pythons = new Set([...sideA.pythons, ...sideB.pythons]);
  const operation = acrossVersions !== undefined && pythons.size > 1 ? { operation: acrossVersions } : {};
  const roots = { rootsA: sideA.roots, rootsB: sideB.roots };
  const match = matchSites(sideA.sites, sideB.sites, { ...texts, ...operation, ...roots });
  const pairs = pairsOf(match);
  const changes = new Changes(sideA, sideB, pairs, threshold);
  return {
    a: describeSide(sideA),
    b: describeSide(sideB),
    basis: changes.basis,
    threshold,
    self: together(sideA, sideB, pairs, changes.basis, threshold),
    notes: [...scatterNotes(changes.scatter), ...selectionNotes(sideA, sideB)],
    files: match.files,
    functions: match.functions,
    sites: Array.from({ length: pairs.length }, (_, pair) => {
      const [a, b] = [pairs.a[pair], pairs.b[pair]];
      return new ComparedPair(sideA.sites[a] ?? null, sideB.sites[b] ?? null, changes, pair);
    }),
  };
}

function pairsOf({ pairs, onlyA, onlyB }: SiteMatch): Pairs {
  const length = pairs.length + onlyA.length + onlyB.length;
  const [a, b] = [new Int32Array(length).fill(-1), new Int32Array(length).fill(-1)];
  pairs.forEach(([i, j], k) => {
    a[k] = i;
    b[k] = j;
  });
  a.set(onlyA, pairs.length);
  b.set(onlyB, pairs.length + onlyA.length);
  return { length, a, b };
}

/** The self time of all sites that are on both sides, without awaits, in which other code runs. */
function together(
  sideA: Side,
  sideB: Side,
  pairs: Pairs,
  basis: Comparison['basis'],
  threshold: number,
): TimeChange {
  const isOfBoth = (_: number, i: number): boolean =>
    pairs.a[i] >= 0 && pairs.b[i] >= 0 && sideA.sites[pairs.a[i]].kind !== 'await';
  const sums = ({ runs }: Side, sites: Int32Array): number[] => {
    const own = sites.filter(isOfBoth);
    return runs.map((run) => own.reduce((sum, site) => sum + (numberOf(run, site, 'selfNs') ?? 0), 0));
  };
  const [a, b] = [sums(sideA, pairs.a), sums(sideB, pairs.b)];
  const none = (values: readonly number[]): number[] => values.map(() => 0);
  const draft = draftTime({ a, b, floorA: none(a), floorB: none(b) });
  const difference = basis === 'runs' ? differenceOfRuns([draft])(draft) : null;
  const p = difference === null ? null : pValue(difference);
  const isDiscovery = p !== null && p <= FALSE_DISCOVERIES;
  return judgeTime(draft, { difference, q: p, isDiscovery, threshold, usesSlack: false });
}

function describeSide({ runs, sites, pythons }: Side): ComparedSide {
  const sum = (value: (run: RunNumbers) => number): number =>
    runs.reduce((total, run) => total + value(run), 0);
  return {
    runs: runs.length,
    sites: sites.length,
    processes: sum(({ processes }) => processes),
    python: [...pythons].join(', '),
    operations: sum(({ operations }) => operations) / runs.length,
    floorNs: runs.reduce((worst, { floorNs }) => Math.max(worst, floorNs), 0),
    durationNs: sum(({ durationNs }) => durationNs) / runs.length,
  };
}

function scatterNotes(scatter: Changes['scatter']): string[] {
  if (scatter === null) return [];
  const { deviation, sites } = scatter;
  const percent = `${((Math.exp(deviation) - 1) * 100).toFixed(0)} %`;
  const basis =
    sites < LEAST_SITES
      ? `too few sites to see how much two runs differ: a standard deviation of ${percent} is assumed for medians`
      : `medians of ${sites} sites scatter by ${percent} (standard deviation) between the two: a median that differs by far more is shown as changed`;
  return [
    'one run on a side: counts are exact, but how much times differ from run to run is not known; sums of times are not judged. Several runs of each side tell more',
    basis,
  ];
}

/** Opcodes that one side has and the other has not at all were hardly removed: they were not selected. */
function selectionNotes(sideA: Side, sideB: Side): string[] {
  const [a, b] = [sideA, sideB].map(({ sites }) => new Set(sites.map(({ opcode }) => opcode)));
  const note = (only: readonly string[], side: string): string[] =>
    only.length === 0 ? [] : [`measured in ${side} only, nowhere in the other: ${only.join(', ')}`];
  return [
    ...note(
      [...a].filter((opcode) => !b.has(opcode)),
      'A',
    ),
    ...note(
      [...b].filter((opcode) => !a.has(opcode)),
      'B',
    ),
  ];
}
