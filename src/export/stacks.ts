import type { ContextStats, Profile, SiteStats, VariantStats } from '../profile/profile.ts';
import { variantLabel } from '../profile/variants.ts';
import type { MetricName } from './format.ts';
import { operationRows } from './operation-rows.ts';

/** A box of a flame graph. Boxes with the same key are the same function or operation. */
export interface Frame {
  readonly key: string;
  readonly kind: 'root' | 'file' | 'function' | 'operation' | 'operands' | 'collection';
  readonly name: string;
  readonly file: string;
  /** 1-based; null where it is not known. */
  readonly line: number | null;
  /** 0-based. */
  readonly column: number | null;
}

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

/** Stacks of a profile by calling contexts where they were recorded, else by file and function. */
export function* stacksOf(profile: Profile): Generator<Stack> {
  const seen = profile.contexts.length > 0 ? contextCounts(profile) : null;
  if (seen !== null) yield* contextStacks(profile);
  for (const { site, index, variant, counters } of operationRows(profile)) {
    if (seen === null) {
      const operands = site.variants.length > 0 ? [operandsFrame(site, variant)] : [];
      yield {
        ...NOTHING,
        ...timed(site, counters),
        frames: [...placeFrames(site), ...operands],
        site,
        variant,
      };
    } else if (seen.has(index)) {
      const rest = contextRest(site, seen.get(index));
      if (rest !== null) {
        yield { ...NOTHING, ...rest, frames: [NO_CONTEXT, ...placeFrames(site)], site, variant: null };
      }
      seen.delete(index);
    }
  }
  yield* wholeSiteStacks(profile);
  yield* collectionStacks(profile);
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

const NOTHING: StackCost = {
  count: 0,
  raised: 0,
  selfNs: 0,
  awaitNs: 0,
  gcCount: 0,
  gcNs: 0,
  offCpuNs: 0,
  suspendedNs: 0,
};

const NO_CONTEXT = root('(context not recorded)');

/** An await's own time is the time until it ended: it is kept apart from work. */
function timed(
  site: SiteStats,
  { count, raised, selfNs }: Pick<StackCost, 'count' | 'raised' | 'selfNs'>,
): Pick<StackCost, 'count' | 'raised' | 'selfNs' | 'awaitNs'> {
  const isAwait = site.kind === 'await';
  return { count, raised, selfNs: isAwait ? 0 : selfNs, awaitNs: isAwait ? selfNs : 0 };
}

function root(name: string): Frame {
  return { key: `root\0${name}`, kind: 'root', name, file: '', line: null, column: null };
}

function placeFrames(site: SiteStats): Frame[] {
  return [fileFrame(site), functionFrame(site), operationFrame(site)];
}

function fileFrame({ file }: SiteStats): Frame {
  return { key: `file\0${file}`, kind: 'file', name: file, file, line: null, column: null };
}

function functionFrame({ file, function: name }: SiteStats): Frame {
  return { key: `function\0${file}\0${name}`, kind: 'function', name, file, line: null, column: null };
}

/** The operation as it is called everywhere: opcode, name and place. */
function operationFrame(site: SiteStats): Frame {
  const { file, line, column } = site;
  const key = ['operation', file, site.table, site.position].join('\0');
  return { key, kind: 'operation', name: operationName(site), file, line, column };
}

/** `LOAD_ATTR celsius :18:22`. */
export function operationName({ opcode, name, kind, line, column }: SiteStats): string {
  const what = [...(kind === 'await' ? ['await'] : []), opcode, ...(name === null ? [] : [name])].join(' ');
  if (line === null) return what;
  return column === null ? `${what} :${line}` : `${what} :${line}:${column}`;
}

function operandsFrame(site: SiteStats, variant: VariantStats | null): Frame {
  const name = variant === null ? '(operands not seen)' : variantLabel(variant);
  const { key, file, line, column } = operationFrame(site);
  return { key: `${key}\0${name}`, kind: 'operands', name, file, line, column };
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

function* contextStacks({ contexts, sites }: Profile): Generator<Stack> {
  const paths: (readonly Frame[])[] = [];
  for (const context of contexts) {
    const outer = context.parent < 0 ? [] : (paths[context.parent] ?? []);
    const frames = [...outer, ...contextFrames(context, sites)];
    paths.push(frames);
    const site = sites[context.site];
    if (site === undefined) continue;
    const [only] = site.variants;
    const variant = only?.count === site.count ? only : null;
    yield { ...NOTHING, ...timed(site, context), frames, site, variant };
  }
}

function contextFrames({ site, label }: ContextStats, sites: readonly SiteStats[]): Frame[] {
  const operation = sites[site];
  if (operation === undefined) return [root(label ?? '(unknown)')];
  return [functionFrame(operation), operationFrame(operation)];
}

/** What is known of sites and not of their variants or contexts. */
function* wholeSiteStacks({ sites }: Profile): Generator<Stack> {
  for (const site of sites) {
    const [offCpuNs, suspendedNs] = [site.offCpu?.totalNs ?? 0, site.suspensions?.totalNs ?? 0];
    if (offCpuNs > 0 || suspendedNs > 0) {
      yield { ...NOTHING, offCpuNs, suspendedNs, frames: placeFrames(site), site, variant: null };
    }
  }
}

function* collectionStacks({ collections, sites }: Profile): Generator<Stack> {
  for (const { generation, site, count, totalNs } of collections) {
    const around = site === null ? undefined : sites[site];
    const name = `garbage collection, generation ${generation}`;
    const frame: Frame = {
      key: `gc\0${generation}`,
      kind: 'collection',
      name,
      file: '',
      line: null,
      column: null,
    };
    const frames = [...(around === undefined ? [] : placeFrames(around)), frame];
    yield { ...NOTHING, gcCount: count, gcNs: totalNs, frames, site: around ?? null, variant: null };
  }
}
