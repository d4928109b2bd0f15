import { PyrewriteError } from '../errors.ts';
import { mergeHistograms, percentiles } from '../profile/histogram.ts';
import type { Counters, Profile, SiteStats } from '../profile/profile.ts';
import { type Budget, budgetName, isTime, type Limit, type Metric } from './budget.ts';
import { SiteIndex } from './select.ts';

/** A site and what it adds to a limit. */
export interface Contribution {
  readonly site: Pick<SiteStats, 'file' | 'function' | 'line' | 'column' | 'opcode' | 'name'>;
  readonly value: number;
}

/** What became of one limit. */
export interface LimitResult {
  readonly name: string;
  readonly metric: Metric;
  readonly most: number;
  /** Executions or nanoseconds; null where nothing was executed. */
  readonly actual: number | null;
  /** `idle`: a time of what was never executed is no time. */
  readonly verdict: 'within' | 'exceeded' | 'idle';
  /** Sites that the budget is about. */
  readonly sites: number;
  /** Those that add most, at most three. */
  readonly worst: readonly Contribution[];
  /** Of sampled profiles: counts and sums are estimates, exceeded where the low end of their interval is. */
  readonly estimated: boolean;
}

const MOST_SHOWN = 3;

/**
 * Compares what was measured with budgets. The sites of a budget are taken together: counts and sums are added, percentiles are
 * those of all their executions. What lies under the floor exceeds nothing.
 * @param cwd folder that globs beginning with `./` are relative to
 * @throws PyrewriteError 'bad-budget' for a budget that is about no site: a check that checks nothing is none
 */
export function evaluate(budgets: readonly Budget[], profile: Profile, cwd: string): LimitResult[] {
  const index = new SiteIndex(profile, cwd);
  return budgets.flatMap((budget) => {
    const sites = index.sitesOf(budget);
    if (sites.length === 0) {
      if (budget.optional) return [];
      throw new PyrewriteError(
        'bad-budget',
        `line ${budget.at}: no site fits the budget '${budgetName(budget)}'`,
        {
          remedy:
            'check file, function, opcodes and name, and what was instrumented; or allow it with optional = true',
        },
      );
    }
    const parts = sites.map((site) => ({ site, counters: countersOf(budget, site) }));
    if (
      budget.how !== null &&
      sites.some(({ count }) => count > 0) &&
      sites.every(({ variants }) => variants.length === 0)
    ) {
      throw new PyrewriteError(
        'bad-budget',
        `line ${budget.at}: the profile does not say how operations were done`,
        {
          remedy: 'record it with --types',
        },
      );
    }
    return budget.limits.map((limit) => evaluateLimit(budget, limit, parts, profile));
  });
}

interface Part {
  readonly site: SiteStats;
  readonly counters: readonly Counters[];
}

/** Of the whole site, or of the executions that were done in a way. */
function countersOf({ how }: Budget, site: SiteStats): readonly Counters[] {
  return how === null ? [site] : site.variants.filter((variant) => variant.how === how);
}

function evaluateLimit(budget: Budget, limit: Limit, parts: readonly Part[], profile: Profile): LimitResult {
  const { metric, most } = limit;
  const all = parts.flatMap(({ counters }) => counters);
  const count = all.reduce((sum, counters) => sum + counters.count, 0);
  const estimated = budget.how === null && parts.some(({ site }) => site.estimate !== null);
  const actual = count === 0 && isTime(metric) ? null : amountOf(metric, all);
  // Sampling is sure of the low end of the interval only.
  const certain = estimated && !isPercentile(metric) ? leastOf(metric, parts) : (actual ?? 0);
  const floor = profile.probe.floorNs * (isPercentile(metric) ? 1 : count);
  const exceeds = certain > most && !(isTime(metric) && certain <= floor);
  return {
    name: budgetName(budget),
    metric,
    most,
    actual,
    verdict: exceeds ? 'exceeded' : actual === null && !budget.optional ? 'idle' : 'within',
    sites: parts.length,
    worst: worstOf(metric, parts),
    estimated,
  };
}

function isPercentile(metric: Metric): boolean {
  return metric === 'p50' || metric === 'p99' || metric === 'max';
}

function amountOf(metric: Metric, all: readonly Counters[]): number {
  const sum = (pick: (counters: Counters) => number): number =>
    all.reduce((total, counters) => total + pick(counters), 0);
  switch (metric) {
    case 'count':
      return sum((counters) => estimateOf(counters)?.count.value ?? counters.count);
    case 'raised':
      return sum(({ raised }) => raised);
    case 'self':
      return sum((counters) => estimateOf(counters)?.selfNs.value ?? counters.selfNs);
    case 'total':
      return sum((counters) => estimateOf(counters)?.totalNs.value ?? counters.totalNs);
    case 'max':
      return all.reduce((most, { maxNs }) => Math.max(most, maxNs ?? 0), 0);
    default:
      return percentile(all, metric === 'p50' ? 0.5 : 0.99);
  }
}

function estimateOf(counters: Counters): SiteStats['estimate'] {
  return 'estimate' in counters ? (counters as SiteStats).estimate : null;
}

function percentile(all: readonly Counters[], fraction: number): number {
  const [value] = percentiles(mergeHistograms(all.map(({ histogram }) => histogram)), [fraction]);
  return value ?? 0;
}

function leastOf(metric: Metric, parts: readonly Part[]): number {
  return parts.reduce((sum, { site }) => {
    const { estimate } = site;
    if (estimate === null || metric === 'raised') return sum + amountOf(metric, [site]);
    return (
      sum + (metric === 'count' ? estimate.count : metric === 'self' ? estimate.selfNs : estimate.totalNs).low
    );
  }, 0);
}

function worstOf(metric: Metric, parts: readonly Part[]): Contribution[] {
  return parts
    .filter(({ counters }) => counters.some(({ count }) => count > 0))
    .map(({ site, counters }) => ({ site: placeOf(site), value: amountOf(metric, counters) }))
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST_SHOWN);
}

function placeOf({
  file,
  function: name,
  line,
  column,
  opcode,
  name: operand,
}: SiteStats): Contribution['site'] {
  return { file, function: name, line, column, opcode, name: operand };
}
