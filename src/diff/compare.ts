import type { Interval, Profile, SiteStats } from '../profile/profile.ts';
import type { ComparedSide, ComparedSite, Comparison, CountChange, Place, TimeChange } from './comparison.ts';
import { type CountDraft, type CountOfRun, draftCount, judgeCount } from './counts.ts';
import { type MatchOptions, matchSites, type SiteMatch } from './match.ts';
import { type Side, type SideSite, sideOf } from './side.ts';
import { type Difference, falseDiscoveryRates, pValue } from './statistics.ts';
import {
  differencesOfRuns,
  differencesOfSites,
  draftTime,
  judgeTime,
  LEAST_SITES,
  percentileError,
  type TimeDraft,
} from './times.ts';

/** How {@link compareRuns} compares. */
export interface CompareOptions extends Omit<MatchOptions, 'rootsA' | 'rootsB'> {
  /** Smallest relative change of a time that counts as one; default 0.05. */
  readonly threshold?: number;
}

const DEFAULT_THRESHOLD = 0.05;
/** Part of chance that is accepted among the changes found. */
const FALSE_DISCOVERIES = 0.05;
const NORMAL_WIDTH = 2 * 1.96;

type Metric = 'self' | 'total' | 'p50' | 'p99';

const NO_SITE: SideSite['runs'] = [];

interface Pair {
  readonly a: SideSite | null;
  readonly b: SideSite | null;
}

/**
 * Compares two runs, or two sets of runs, site by site. Counts are compared exactly; times by how much the runs of a side
 * differ, or, of single runs, by how much all sites differ. Of the changes found, 5 % are expected to be chance.
 * @param a one profile for each run
 * @throws PyrewriteError 'bad-profile' when a side has none
 */
export function compareRuns(
  a: readonly Profile[],
  b: readonly Profile[],
  options: CompareOptions = {},
): Comparison {
  const [sideA, sideB] = [sideOf(a, options), sideOf(b, options)];
  const match = matchSites(
    sideA.sites.map(({ site }) => site),
    sideB.sites.map(({ site }) => site),
    { ...options, rootsA: sideA.roots, rootsB: sideB.roots },
  );
  const pairs: Pair[] = [
    ...match.pairs.map(([i, j]) => ({ a: sideA.sites[i], b: sideB.sites[j] })),
    ...match.onlyA.map((i) => ({ a: sideA.sites[i], b: null })),
    ...match.onlyB.map((j) => ({ a: null, b: sideB.sites[j] })),
  ];
  return new Comparer(sideA, sideB, pairs, options.threshold ?? DEFAULT_THRESHOLD).compare(match);
}

class Comparer {
  readonly #a: Side;
  readonly #b: Side;
  readonly #pairs: readonly Pair[];
  readonly #threshold: number;
  readonly #basis: 'runs' | 'sites';
  readonly #notes: string[] = [];

  constructor(a: Side, b: Side, pairs: readonly Pair[], threshold: number) {
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
    const sites = this.#pairs.map((pair, i) =>
      comparedSite(pair, {
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
      notes: [...this.#notes, ...selectionNotes(this.#pairs)],
      files: match.files,
      functions: match.functions,
      sites,
    };
  }

  #draft({ a, b }: Pair, metric: Metric): TimeDraft {
    const [runsA, runsB] = [a?.runs ?? NO_SITE, b?.runs ?? NO_SITE];
    const isSum = metric === 'self' || metric === 'total';
    const floors = (side: Side, runs: SideSite['runs']): number[] =>
      runs.map((site, i) => side.runs[i].probe.floorNs * (isSum ? (site?.count ?? 0) : 1));
    const [floorA, floorB] = [floors(this.#a, runsA), floors(this.#b, runsB)];
    const isOfSites = this.#basis === 'sites' && !isSum;
    const times = {
      a: runsA.map((site) => timeOf(site, metric)),
      b: runsB.map((site) => timeOf(site, metric)),
      floorA,
      floorB,
      errorA: isOfSites ? errorWithin(runsA, metric, floorA) : null,
      errorB: isOfSites ? errorWithin(runsB, metric, floorB) : null,
    };
    return draftTime(times, this.#basis === 'runs' || isOfSites);
  }

  /** The metrics of a family share one false discovery rate. */
  #judge(metrics: readonly Metric[]): TimeChange[][] {
    const family = metrics.map((metric) => this.#pairs.map((pair) => this.#draft(pair, metric)));
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
      this.#pairs.map(({ a, b }) => draftCount(countsOf(a, this.#a, what), countsOf(b, this.#b, what))),
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
    const pairs = this.#pairs.filter(({ a, b }) => a !== null && b !== null && a.site.kind !== 'await');
    const sums = (side: Side, of: (pair: Pair) => SideSite | null): number[] =>
      side.runs.map((_, run) =>
        pairs.reduce((sum, pair) => sum + (timeOf(of(pair)?.runs[run] ?? null, 'self') ?? 0), 0),
      );
    const [a, b] = [sums(this.#a, (pair) => pair.a), sums(this.#b, (pair) => pair.b)];
    const none = (values: readonly number[]): number[] => values.map(() => 0);
    const draft = draftTime({ a, b, floorA: none(a), floorB: none(b) });
    const [difference] = this.#basis === 'runs' ? differencesOfRuns([draft]) : [null];
    const p = difference === null ? null : pValue(difference);
    const isDiscovery = p !== null && p <= FALSE_DISCOVERIES;
    return judgeTime(draft, { difference, q: p, isDiscovery, threshold: this.#threshold, usesSlack: false });
  }
}

/** False discovery rates of those that were tested. */
function ratesOf(ps: readonly (number | null)[]): (number | null)[] {
  const tested = ps.flatMap((p, i) => (p === null ? [] : [{ p, i }]));
  const rates = falseDiscoveryRates(tested.map(({ p }) => p));
  const all = new Array<number | null>(ps.length).fill(null);
  tested.forEach(({ i }, k) => {
    all[i] = rates[k];
  });
  return all;
}

/** Of sampled profiles, sums are estimates for all executions. */
function timeOf(site: SiteStats | null, metric: Metric): number | null {
  if (site === null || site.count === 0) return null;
  switch (metric) {
    case 'self':
      return site.estimate?.selfNs.value ?? site.selfNs;
    case 'total':
      return site.estimate?.totalNs.value ?? site.totalNs;
    case 'p50':
      return site.p50Ns;
    case 'p99':
      return site.p99Ns;
  }
}

function errorWithin(
  runs: SideSite['runs'],
  metric: 'p50' | 'p99',
  floors: readonly number[],
): number | null {
  const errors = runs.map((site, i) =>
    site === null ? null : percentileError(site.histogram, metric === 'p50' ? 0.5 : 0.99, floors[i]),
  );
  const known = errors.flatMap((error) => (error === null ? [] : [error]));
  if (known.length < errors.length || known.length === 0) return null;
  return Math.hypot(...known) / known.length;
}

function countsOf(site: SideSite | null, side: Side, what: 'count' | 'raised'): CountOfRun[] {
  if (site === null) return side.runs.map(() => ({ value: 0, error: 0 }));
  return site.runs.map((run) => {
    if (run === null) return { value: 0, error: 0 };
    if (what === 'count' && run.estimate !== null) return estimated(run.estimate.count);
    return { value: run[what], error: 0 };
  });
}

function estimated({ value, low, high }: Interval): CountOfRun {
  return { value, error: (high - low) / NORMAL_WIDTH };
}

type Changes = Pick<ComparedSite, 'count' | 'raised' | 'self' | 'total' | 'p50' | 'p99'>;

function comparedSite({ a, b }: Pair, changes: Changes): ComparedSite {
  const site = b?.site ?? a?.site;
  return {
    opcode: site?.opcode ?? '',
    name: site?.name ?? null,
    kind: site?.kind ?? 'operation',
    a: a === null ? null : placeOf(a.site),
    b: b === null ? null : placeOf(b.site),
    count: changes.count,
    raised: changes.raised,
    self: changes.self,
    total: changes.total,
    p50: changes.p50,
    p99: changes.p99,
    verdict: verdictOf(a, b, changes),
  };
}

function placeOf({ file, function: name, line, endLine, column, endColumn }: SiteStats): Place {
  return { file, function: name, line, endLine, column, endColumn };
}

function verdictOf(a: SideSite | null, b: SideSite | null, changes: Changes): ComparedSite['verdict'] {
  const { count, raised, self, p50 } = changes;
  if (count.a.most === 0 && count.b.most === 0) return 'idle';
  if (a === null) return 'new';
  if (b === null) return 'gone';
  const verdicts = [count.verdict, raised.verdict, self.verdict, p50.verdict];
  if (['more', 'fewer', 'slower', 'faster'].some((word) => verdicts.some((verdict) => verdict === word)))
    return 'changed';
  return verdicts.some((verdict) => verdict === 'unclear' || verdict === 'varies') ? 'unclear' : 'same';
}

function describeSide({ runs, sites }: Side): ComparedSide {
  const processes = runs.flatMap((run) => run.processes);
  const counts = runs.map((run) =>
    run.sites.reduce((sum, site) => sum + (site.estimate?.count.value ?? site.count), 0),
  );
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / runs.length;
  return {
    runs: runs.length,
    sites: sites.length,
    processes: processes.length,
    python: [...new Set(runs.flatMap(({ python }) => python.split(', ')))].join(', '),
    operations: mean(counts),
    floorNs: runs.reduce((worst, { probe }) => Math.max(worst, probe.floorNs), 0),
    durationNs: mean(runs.map(({ durationNs }) => durationNs)),
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
function selectionNotes(pairs: readonly Pair[]): string[] {
  const opcodes = (side: 'a' | 'b'): Set<string> =>
    new Set(pairs.flatMap((pair) => (pair[side] === null ? [] : [pair[side].site.opcode])));
  const [a, b] = [opcodes('a'), opcodes('b')];
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
