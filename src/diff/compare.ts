import type { Profile } from '../profile/profile.ts';
import type { ComparedSide, ComparedSite, Comparison, CountChange, Place, TimeChange } from './comparison.ts';
import { type CountDraft, type CountOfRun, draftCount, judgeCount } from './counts.ts';
import { type MatchableSite, type MatchOptions, matchSites, type SiteMatch } from './match.ts';
import type { RunNumbers } from './run-numbers.ts';
import { type Side, sideOf } from './side.ts';
import { type Difference, falseDiscoveryRates, pValue } from './statistics.ts';
import {
  differencesOfRuns,
  differencesOfSites,
  draftTime,
  judgeTime,
  LEAST_SITES,
  type TimeDraft,
} from './times.ts';

/** How {@link compareRuns} compares. */
export interface CompareOptions extends Pick<MatchOptions, 'textA' | 'textB'> {
  /** What an operation is and works on, where versions of Python differ, which have other words for it; default: opcode and name. */
  readonly acrossVersions?: (site: MatchableSite) => string;
  /** Smallest relative change of a time that counts as one; default 0.05. */
  readonly threshold?: number;
}

const DEFAULT_THRESHOLD = 0.05;
/** Part of chance that is accepted among the changes found. */
const FALSE_DISCOVERIES = 0.05;

type Metric = 'self' | 'total' | 'p50' | 'p99';

const COLUMNS = { self: 'selfNs', total: 'totalNs', p50: 'p50Ns', p99: 'p99Ns' } as const;

/** Numbers of the site on both sides; -1 where it is on one of them. */
interface Pairs {
  readonly length: number;
  readonly a: Int32Array;
  readonly b: Int32Array;
}

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
  return new Comparer(sideA, sideB, pairsOf(match), threshold).compare(match);
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

class Comparer {
  readonly #a: Side;
  readonly #b: Side;
  readonly #pairs: Pairs;
  readonly #threshold: number;
  readonly #basis: 'runs' | 'sites';
  readonly #notes: string[] = [];

  constructor(a: Side, b: Side, pairs: Pairs, threshold: number) {
    this.#a = a;
    this.#b = b;
    this.#pairs = pairs;
    this.#threshold = threshold;
    this.#basis = a.runs.length > 1 && b.runs.length > 1 ? 'runs' : 'sites';
  }

  compare(match: SiteMatch): Comparison {
    const [self, p50] = this.#judge(['self', 'p50']);
    const [total] = this.#judge(['total']);
    const [p99] = this.#judge(['p99']);
    const [count, raised] = this.#counts();
    const sites = this.#each((i) =>
      this.#comparedSite(i, {
        count: count[i],
        raised: raised[i],
        self: self[i],
        total: total[i],
        p50: p50[i],
        p99: p99[i],
      }),
    );
    return {
      a: describeSide(this.#a),
      b: describeSide(this.#b),
      basis: this.#basis,
      threshold: this.#threshold,
      self: this.#together(),
      notes: [...this.#notes, ...selectionNotes(this.#a, this.#b)],
      files: match.files,
      functions: match.functions,
      sites,
    };
  }

  #each<T>(make: (pair: number) => T): T[] {
    return Array.from({ length: this.#pairs.length }, (_, i) => make(i));
  }

  #draft(pair: number, metric: Metric): TimeDraft {
    const [siteA, siteB] = [this.#pairs.a[pair], this.#pairs.b[pair]];
    const [runsA, runsB] = [siteA < 0 ? [] : this.#a.runs, siteB < 0 ? [] : this.#b.runs];
    const isOfSites = this.#basis === 'sites' && (metric === 'p50' || metric === 'p99');
    const times = {
      a: runsA.map((run) => numberOf(run, siteA, COLUMNS[metric])),
      b: runsB.map((run) => numberOf(run, siteB, COLUMNS[metric])),
      floorA: runsA.map((run) => floorOf(run, siteA, metric)),
      floorB: runsB.map((run) => floorOf(run, siteB, metric)),
      errorA: isOfSites ? errorWithin(runsA, siteA, metric) : null,
      errorB: isOfSites ? errorWithin(runsB, siteB, metric) : null,
    };
    return draftTime(times, this.#basis === 'runs' || isOfSites);
  }

  /** The metrics of a family share one false discovery rate. */
  #judge(metrics: readonly Metric[]): TimeChange[][] {
    const family = metrics.map((metric) => this.#each((pair) => this.#draft(pair, metric)));
    const differences = family.map((drafts, i) => this.#differences(drafts, metrics[i]));
    const tested = differences.flat().map((one) => (one === null ? null : pValue(one)));
    const rates = ratesOf(tested);
    let at = 0;
    return family.map((drafts, i) =>
      drafts.map((draft, j) => {
        const q = rates[at++];
        const isDiscovery = q !== null && q <= FALSE_DISCOVERIES;
        const usesSlack = this.#basis === 'sites';
        const difference = differences[i][j];
        return judgeTime(draft, { difference, q, isDiscovery, threshold: this.#threshold, usesSlack });
      }),
    );
  }

  #differences(drafts: readonly TimeDraft[], metric: Metric): (Difference | null)[] {
    if (this.#basis === 'runs') return differencesOfRuns(drafts);
    if (metric === 'self' || metric === 'total') return drafts.map(() => null);
    const { differences, deviation, sites } = differencesOfSites(drafts);
    if (metric === 'p50') this.#notes.push(...singleRunNotes(deviation, sites));
    return differences;
  }

  #counts(): [CountChange[], CountChange[]] {
    const drafts = (['count', 'raised'] as const).map((what) =>
      this.#each((i) =>
        draftCount(countsOf(this.#a, this.#pairs.a[i], what), countsOf(this.#b, this.#pairs.b[i], what)),
      ),
    );
    const rates = ratesOf(drafts.flat().map(({ p }) => p));
    const [count, raised] = drafts.map((list, part) =>
      list.map((draft: CountDraft, i) => {
        const q = rates[part * this.#pairs.length + i];
        return judgeCount(draft, q !== null && q <= FALSE_DISCOVERIES);
      }),
    );
    return [count, raised];
  }

  /** The self time of all sites that are on both sides, without awaits, in which other code runs. */
  #together(): TimeChange {
    const { a: sitesA, b: sitesB } = this.#pairs;
    const isOfBoth = (_: number, i: number): boolean =>
      sitesA[i] >= 0 && sitesB[i] >= 0 && this.#a.sites[sitesA[i]].kind !== 'await';
    const sums = (side: Side, sites: Int32Array): number[] => {
      const own = sites.filter(isOfBoth);
      return side.runs.map((run) => own.reduce((sum, site) => sum + (numberOf(run, site, 'selfNs') ?? 0), 0));
    };
    const [a, b] = [sums(this.#a, sitesA), sums(this.#b, sitesB)];
    const none = (values: readonly number[]): number[] => values.map(() => 0);
    const draft = draftTime({ a, b, floorA: none(a), floorB: none(b) });
    const [difference] = this.#basis === 'runs' ? differencesOfRuns([draft]) : [null];
    const p = difference === null ? null : pValue(difference);
    const isDiscovery = p !== null && p <= FALSE_DISCOVERIES;
    return judgeTime(draft, { difference, q: p, isDiscovery, threshold: this.#threshold, usesSlack: false });
  }

  #comparedSite(pair: number, changes: Changes): ComparedSite {
    const [i, j] = [this.#pairs.a[pair], this.#pairs.b[pair]];
    const [a, b] = [i < 0 ? null : this.#a.sites[i], j < 0 ? null : this.#b.sites[j]];
    const site = b ?? a;
    return {
      opcode: site?.opcode ?? '',
      name: site?.name ?? null,
      kind: site?.kind ?? 'operation',
      a: a && placeOf(a),
      b: b && placeOf(b),
      count: changes.count,
      raised: changes.raised,
      self: changes.self,
      total: changes.total,
      p50: changes.p50,
      p99: changes.p99,
      verdict: verdictOf(a !== null, b !== null, changes),
    };
  }
}

/** False discovery rates of those that were tested. */
function ratesOf(ps: readonly (number | null)[]): (number | null)[] {
  const rates = falseDiscoveryRates(ps.filter((p) => p !== null));
  let at = 0;
  return ps.map((p) => (p === null ? null : rates[at++]));
}

/** A number of a site in a run; null where there is none. */
function numberOf({ columns }: RunNumbers, site: number, name: keyof RunNumbers['columns']): number | null {
  const value = columns[name][site];
  // Runs do not know the sites that came with later ones.
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** Time that cannot be told from zero. */
function floorOf(run: RunNumbers, site: number, metric: Metric): number {
  return run.floorNs * (metric === 'self' || metric === 'total' ? (numberOf(run, site, 'timed') ?? 0) : 1);
}

function errorWithin(runs: readonly RunNumbers[], site: number, metric: 'p50' | 'p99'): number | null {
  const errors = runs.map((run) => numberOf(run, site, metric === 'p50' ? 'p50Error' : 'p99Error'));
  const known = errors.filter((error) => error !== null);
  if (known.length < errors.length || known.length === 0) return null;
  return Math.hypot(...known) / known.length;
}

function countsOf({ runs }: Side, site: number, what: 'count' | 'raised'): CountOfRun[] {
  return runs.map((run) => ({
    value: numberOf(run, site, what) ?? 0,
    error: what === 'count' ? (numberOf(run, site, 'countError') ?? 0) : 0,
  }));
}

type Changes = Pick<ComparedSite, 'count' | 'raised' | 'self' | 'total' | 'p50' | 'p99'>;

function placeOf({ file, function: name, line, endLine, column, endColumn }: MatchableSite): Place {
  return { file, function: name, line, endLine, column, endColumn };
}

function verdictOf(isInA: boolean, isInB: boolean, changes: Changes): ComparedSite['verdict'] {
  const { count, raised, self, p50 } = changes;
  if (count.a.most === 0 && count.b.most === 0) return 'idle';
  if (!isInA) return 'new';
  if (!isInB) return 'gone';
  const verdicts = [count.verdict, raised.verdict, self.verdict, p50.verdict];
  if (['more', 'fewer', 'slower', 'faster'].some((word) => verdicts.some((verdict) => verdict === word)))
    return 'changed';
  return verdicts.some((verdict) => verdict === 'unclear' || verdict === 'varies') ? 'unclear' : 'same';
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

function singleRunNotes(deviation: number, sites: number): string[] {
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
