import type { CountChange, TimeChange } from './comparison.ts';
import { type CountOfRun, draftCount, judgeCount } from './counts.ts';
import type { RunNumbers } from './run-numbers.ts';
import type { Side } from './side.ts';
import { falseDiscoveryRates, pValue } from './statistics.ts';
import {
  type DifferenceOf,
  differenceOfRuns,
  differenceOfSites,
  draftTime,
  judgeTime,
  type TimeDraft,
} from './times.ts';

/** A time that is compared. */
export type TimeMetric = 'self' | 'total' | 'p50' | 'p99';

/** A number that is compared. */
export type CountMetric = 'count' | 'raised';

/** Part of chance that is accepted among the changes found. */
export const FALSE_DISCOVERIES = 0.05;

const COLUMNS = { self: 'selfNs', total: 'totalNs', p50: 'p50Ns', p99: 'p99Ns' } as const;

/** Metrics that share one false discovery rate: what verdicts on sites are made of, and the others. */
const FAMILIES: readonly (readonly TimeMetric[])[] = [['self', 'p50'], ['total'], ['p99']];

/** Which sites are compared: their numbers on both sides, -1 where the other side has none. */
export interface Pairs {
  readonly length: number;
  readonly a: Int32Array;
  readonly b: Int32Array;
}

/**
 * What became of each number of each pair of sites. Made when it is asked for: what is kept is columns of numbers, which take
 * a tenth of the memory.
 */
export class Changes {
  readonly basis: 'runs' | 'sites';
  /** How much medians scatter between all sites of two single runs: standard deviation of logarithms; null for several runs. */
  readonly scatter: { readonly deviation: number; readonly sites: number } | null;
  readonly #a: Side;
  readonly #b: Side;
  readonly #pairs: Pairs;
  readonly #threshold: number;
  readonly #differences = new Map<TimeMetric, DifferenceOf>();
  /** False discovery rates of a metric; NaN where nothing was tested. */
  readonly #rates = new Map<TimeMetric | CountMetric, Float64Array>();

  constructor(a: Side, b: Side, pairs: Pairs, threshold: number) {
    this.#a = a;
    this.#b = b;
    this.#pairs = pairs;
    this.#threshold = threshold;
    this.basis = a.runs.length > 1 && b.runs.length > 1 ? 'runs' : 'sites';
    this.scatter = this.#findDifferences();
    for (const metrics of FAMILIES)
      this.#rate(metrics, (metric, pair) => this.#timeProbability(metric, pair));
    this.#rate(['count', 'raised'], (metric, pair) => this.#countDraft(metric, pair).p);
  }

  /** What became of a time of a pair. */
  time(metric: TimeMetric, pair: number): TimeChange {
    const draft = this.#timeDraft(metric, pair);
    const q = this.#rateOf(metric, pair);
    return judgeTime(draft, {
      difference: this.#differences.get(metric)?.(draft) ?? null,
      q,
      isDiscovery: q !== null && q <= FALSE_DISCOVERIES,
      threshold: this.#threshold,
      usesSlack: this.basis === 'sites',
    });
  }

  /** What became of a count of a pair. */
  count(metric: CountMetric, pair: number): CountChange {
    const q = this.#rateOf(metric, pair);
    return judgeCount(this.#countDraft(metric, pair), q !== null && q <= FALSE_DISCOVERIES);
  }

  #findDifferences(): Changes['scatter'] {
    if (this.basis === 'runs') {
      for (const metric of FAMILIES.flat())
        this.#differences.set(metric, differenceOfRuns(this.#drafts(metric)));
      return null;
    }
    // How much sums of single runs differ by chance is not known.
    const [p50, p99] = (['p50', 'p99'] as const).map((metric) => differenceOfSites(this.#drafts(metric)));
    this.#differences.set('p50', p50.differenceOf).set('p99', p99.differenceOf);
    return { deviation: p50.deviation, sites: p50.sites };
  }

  *#drafts(metric: TimeMetric): Generator<TimeDraft> {
    for (let pair = 0; pair < this.#pairs.length; pair++) yield this.#timeDraft(metric, pair);
  }

  #timeDraft(metric: TimeMetric, pair: number): TimeDraft {
    const [siteA, siteB] = [this.#pairs.a[pair], this.#pairs.b[pair]];
    const [runsA, runsB] = [siteA < 0 ? [] : this.#a.runs, siteB < 0 ? [] : this.#b.runs];
    const isOfSites = this.basis === 'sites' && (metric === 'p50' || metric === 'p99');
    const times = {
      a: runsA.map((run) => numberOf(run, siteA, COLUMNS[metric])),
      b: runsB.map((run) => numberOf(run, siteB, COLUMNS[metric])),
      floorA: runsA.map((run) => floorOf(run, siteA, metric)),
      floorB: runsB.map((run) => floorOf(run, siteB, metric)),
      errorA: isOfSites ? errorWithin(runsA, siteA, metric) : null,
      errorB: isOfSites ? errorWithin(runsB, siteB, metric) : null,
    };
    return draftTime(times, this.basis === 'runs' || isOfSites);
  }

  #timeProbability(metric: TimeMetric, pair: number): number | null {
    const differenceOf = this.#differences.get(metric);
    const difference = differenceOf?.(this.#timeDraft(metric, pair)) ?? null;
    return difference === null ? null : pValue(difference);
  }

  #countDraft(metric: CountMetric, pair: number) {
    const { a, b } = this.#pairs;
    return draftCount(countsOf(this.#a, a[pair], metric), countsOf(this.#b, b[pair], metric));
  }

  /** Gives the tests of these metrics their false discovery rates. */
  #rate<Metric extends TimeMetric | CountMetric>(
    metrics: readonly Metric[],
    probability: (metric: Metric, pair: number) => number | null,
  ): void {
    const tested: number[] = [];
    for (const metric of metrics) {
      const column = Float64Array.from(
        { length: this.#pairs.length },
        (_, pair) => probability(metric, pair) ?? Number.NaN,
      );
      this.#rates.set(metric, column);
      for (const p of column) if (!Number.isNaN(p)) tested.push(p);
    }
    const rates = falseDiscoveryRates(tested);
    let at = 0;
    for (const metric of metrics) {
      const column = this.#rates.get(metric) ?? [];
      for (let pair = 0; pair < column.length; pair++) {
        if (!Number.isNaN(column[pair])) column[pair] = rates[at++];
      }
    }
  }

  #rateOf(metric: TimeMetric | CountMetric, pair: number): number | null {
    const q = this.#rates.get(metric)?.[pair] ?? Number.NaN;
    return Number.isNaN(q) ? null : q;
  }
}

/** A number of a site in a run; null where there is none. */
export function numberOf(
  { columns }: RunNumbers,
  site: number,
  name: keyof RunNumbers['columns'],
): number | null {
  const value = columns[name][site];
  // Runs do not know the sites that came with later ones.
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** Time that cannot be told from zero. */
function floorOf(run: RunNumbers, site: number, metric: TimeMetric): number {
  return run.floorNs * (metric === 'self' || metric === 'total' ? (numberOf(run, site, 'timed') ?? 0) : 1);
}

function errorWithin(runs: readonly RunNumbers[], site: number, metric: 'p50' | 'p99'): number | null {
  const errors = runs.map((run) => numberOf(run, site, metric === 'p50' ? 'p50Error' : 'p99Error'));
  const known = errors.filter((error) => error !== null);
  if (known.length < errors.length || known.length === 0) return null;
  return Math.hypot(...known) / known.length;
}

function countsOf({ runs }: Side, site: number, metric: CountMetric): CountOfRun[] {
  return runs.map((run) => ({
    value: numberOf(run, site, metric) ?? 0,
    error: metric === 'count' ? (numberOf(run, site, 'countError') ?? 0) : 0,
  }));
}
