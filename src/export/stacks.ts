import type { Profile, SiteStats, VariantStats } from '../profile/profile.ts';
import type { MetricName } from './format.ts';
import { type Frame, Frames } from './frames.ts';
import { operationRows } from './operation-rows.ts';

/** What a stack stands for. Every execution of a profile is counted in one stack. */
export interface StackCost {
  readonly count: number;
  readonly raised: number;
  /** Time of operations, nanoseconds. */
  readonly selfNs: number;
  /** Time between begin and end of awaits, in which other code ran. */
  readonly awaitNs: number;
  readonly gcCount: number;
  readonly gcNs: number;
  readonly offCpuNs: number;
  readonly suspendedNs: number;
}

/** An operation with what is around it. */
export interface Stack extends StackCost {
  /** The outermost first. */
  readonly frames: readonly Frame[];
  readonly site: SiteStats | null;
  readonly variant: VariantStats | null;
}

/**
 * Stacks of a profile by calling contexts where they were recorded, else by file and function. A frame that is in several
 * stacks of one walk is one object.
 */
export function* stacksOf(profile: Profile): Generator<Stack> {
  const frames = new Frames();
  const seen = profile.contexts.length > 0 ? contextCounts(profile) : null;
  if (seen !== null) yield* contextStacks(profile, frames);
  for (const { site, index, variant, counters } of operationRows(profile)) {
    if (seen === null) {
      const around = site.variants.length > 0 ? frames.operands(site, variant) : frames.place(site);
      yield stack(around, site, variant, timed(site, counters));
    } else if (seen.has(index)) {
      const rest = contextRest(site, seen.get(index));
      if (rest !== null) {
        const around = [frames.root('(context not recorded)'), ...frames.place(site)];
        yield stack(around, site, null, rest);
      }
      seen.delete(index);
    }
  }
  yield* wholeSiteStacks(profile, frames);
  yield* collectionStacks(profile, frames);
}

/** What each metric is, in words, and its unit. */
export const METRICS: Readonly<
  Record<
    MetricName,
    {
      readonly about: string;
      readonly unit: 'nanoseconds' | 'none';
      readonly of: (cost: StackCost) => number;
    }
  >
> = {
  self: { about: 'time of operations', unit: 'nanoseconds', of: ({ selfNs }) => selfNs },
  await: {
    about: 'time in awaits, in which other code ran',
    unit: 'nanoseconds',
    of: ({ awaitNs }) => awaitNs,
  },
  count: { about: 'executions', unit: 'none', of: ({ count }) => count },
  raised: { about: 'exceptions', unit: 'none', of: ({ raised }) => raised },
  gc: { about: 'garbage collections', unit: 'nanoseconds', of: ({ gcNs }) => gcNs },
  'off-cpu': { about: 'time off the CPU, at most', unit: 'nanoseconds', of: ({ offCpuNs }) => offCpuNs },
  suspended: { about: 'suspended time of awaits', unit: 'nanoseconds', of: ({ suspendedNs }) => suspendedNs },
};

/** Every {@link MetricName}. */
export const METRIC_NAMES: readonly MetricName[] = Object.keys(METRICS) as MetricName[];

/** Field by field: an object that is spread into another takes several times the room. */
function stack(
  frames: readonly Frame[],
  site: SiteStats | null,
  variant: VariantStats | null,
  cost: Partial<StackCost>,
): Stack {
  return {
    count: cost.count ?? 0,
    raised: cost.raised ?? 0,
    selfNs: cost.selfNs ?? 0,
    awaitNs: cost.awaitNs ?? 0,
    gcCount: cost.gcCount ?? 0,
    gcNs: cost.gcNs ?? 0,
    offCpuNs: cost.offCpuNs ?? 0,
    suspendedNs: cost.suspendedNs ?? 0,
    frames,
    site,
    variant,
  };
}

/** An await's own time is the time until it ended: it is kept apart from work. */
function timed(
  site: SiteStats,
  { count, raised, selfNs }: Pick<StackCost, 'count' | 'raised' | 'selfNs'>,
): Pick<StackCost, 'count' | 'raised' | 'selfNs' | 'awaitNs'> {
  const isAwait = site.kind === 'await';
  return { count, raised, selfNs: isAwait ? 0 : selfNs, awaitNs: isAwait ? selfNs : 0 };
}

/** Which of the executions of each site that ran are in contexts. */
function contextCounts(profile: Profile): Map<number, ContextSum> {
  const sums = new Map<number, ContextSum>();
  profile.sites.forEach(({ count }, index) => {
    if (count > 0) sums.set(index, { count: 0, raised: 0, selfNs: 0 });
  });
  for (const { site, count, raised, selfNs } of profile.contexts) {
    const sum = sums.get(site);
    if (sum === undefined) continue;
    sum.count += count;
    sum.raised += raised;
    sum.selfNs += selfNs;
  }
  return sums;
}

interface ContextSum {
  count: number;
  raised: number;
  selfNs: number;
}

function contextRest(site: SiteStats, sum: ContextSum | undefined): ReturnType<typeof timed> | null {
  const count = Math.max(0, site.count - (sum?.count ?? 0));
  const raised = Math.max(0, site.raised - (sum?.raised ?? 0));
  if (count === 0 && raised === 0) return null;
  return timed(site, { count, raised, selfNs: Math.max(0, site.selfNs - (sum?.selfNs ?? 0)) });
}

function* contextStacks({ contexts, sites }: Profile, known: Frames): Generator<Stack> {
  const paths: (readonly Frame[])[] = [];
  for (const context of contexts) {
    const outer = context.parent < 0 ? [] : (paths[context.parent] ?? []);
    const frames = [...outer, ...known.context(context, sites)];
    paths.push(frames);
    const site = sites[context.site];
    if (site === undefined) continue;
    const [only] = site.variants;
    const variant = only?.count === site.count ? only : null;
    yield stack(frames, site, variant, timed(site, context));
  }
}

/** What is known of sites and not of their variants or contexts. */
function* wholeSiteStacks({ sites }: Profile, frames: Frames): Generator<Stack> {
  for (const site of sites) {
    const [offCpuNs, suspendedNs] = [site.offCpu?.totalNs ?? 0, site.suspensions?.totalNs ?? 0];
    if (offCpuNs > 0 || suspendedNs > 0) {
      yield stack(frames.place(site), site, null, { offCpuNs, suspendedNs });
    }
  }
}

function* collectionStacks({ collections, sites }: Profile, known: Frames): Generator<Stack> {
  for (const { generation, site, count, totalNs } of collections) {
    const around = site === null ? undefined : sites[site];
    const frames = [...(around === undefined ? [] : known.place(around)), known.collection(generation)];
    yield stack(frames, around ?? null, null, { gcCount: count, gcNs: totalNs });
  }
}
