import { CONTEXT_KINDS } from './context-structs.ts';
import { PROFILE_CONSTANTS } from './format.ts';
import type { ContextStats, Profile } from './profile.ts';

/** A context as it is in the profile: numbers from 1, sites by their number in the process, ticks. */
export interface CountedContext {
  /** Number of the context around it; 0 for none. */
  readonly parent: number;
  readonly site: number;
  readonly kind: number;
  /** Number of a name; 0 for none. */
  readonly label: number;
  readonly count: number;
  readonly raised: number;
  readonly total: number;
  readonly self: number;
}

/** Site numbers of a process: each table has consecutive ones. */
export interface SiteRange {
  /** Number of its first site in the process. */
  readonly firstSite: number;
  readonly count: number;
}

/** What a reader of contexts needs besides. */
export interface ContextSource {
  readonly nsPerTick: number;
  readonly names: readonly string[];
  /** Tables in the order in which their sites are in {@link Profile.sites}. */
  readonly tables: readonly SiteRange[];
  /** Called with a description of what is damaged. */
  readonly note: (what: string) => void;
}

const NAMELESS = new Map<number, string>([
  [CONTEXT_KINDS.THREAD, 'thread'],
  [CONTEXT_KINDS.TASK, 'task'],
  [CONTEXT_KINDS.OTHERS, 'others'],
]);

/**
 * The tree of a process; without a GIL each thread has one, which become one here. Contexts in which nothing ended are left out, with what is damaged: a context whose parent does
 * not come before it, or whose site is none.
 */
export function contextStats(source: ContextSource, counted: readonly CountedContext[]): ContextStats[] {
  const indexOf = siteIndexes(source.tables);
  const kept = inUse(counted);
  const numbers: number[] = [];
  const contexts: ContextStats[] = [];
  counted.forEach((context, i) => {
    numbers.push(-1);
    if (!kept[i]) return;
    const parent = context.parent === 0 ? -1 : (numbers[context.parent - 1] ?? -1);
    const site = context.site === PROFILE_CONSTANTS.NO_SITE ? -1 : indexOf(context.site);
    if (site === undefined || site < 0 !== (context.parent === 0) || (site >= 0 && parent < 0)) {
      source.note('a part of the tree of contexts is damaged and left out');
      return;
    }
    numbers[i] = contexts.length;
    contexts.push(statsOf(source, context, parent, site));
  });
  return haveSameRoots(contexts) ? addUp(contexts) : contexts;
}

/** Without two of them no chain is there twice. */
function haveSameRoots(contexts: readonly ContextStats[]): boolean {
  const labels = contexts.flatMap(({ parent, label }) => (parent < 0 ? [label] : []));
  return new Set(labels).size < labels.length;
}

function statsOf(
  { nsPerTick, names }: ContextSource,
  context: CountedContext,
  parent: number,
  site: number,
): ContextStats {
  const { count, raised, total, self } = context;
  return {
    parent,
    site,
    label: site >= 0 ? null : labelOf(context, names),
    count,
    raised: Math.min(raised, count),
    totalNs: Math.max(0, total, self) * nsPerTick,
    selfNs: Math.max(0, self) * nsPerTick,
  };
}

function labelOf({ kind, label }: CountedContext, names: readonly string[]): string {
  const name = names[label - 1];
  if (name === undefined) return NAMELESS.get(kind) ?? 'others';
  return kind === CONTEXT_KINDS.TASK ? `task ${name}` : name;
}

/** Contexts in which an operation ended, in themselves or in one inside; a forked child has its parent's others, too. */
function inUse(counted: readonly CountedContext[]): boolean[] {
  const kept = counted.map(({ count }) => count > 0);
  for (let i = counted.length - 1; i >= 0; i--) {
    const { parent } = counted[i];
    if (kept[i] && parent > 0 && parent <= i) kept[parent - 1] = true;
  }
  return kept;
}

/** Finds the index of a site by its number in the process. */
function siteIndexes(tables: readonly SiteRange[]): (number: number) => number | undefined {
  let index = 0;
  const ranges = tables.map(({ firstSite, count }) => {
    const first = index;
    index += count;
    return { firstSite, count, first };
  });
  const sorted = ranges.filter(({ count }) => count > 0).sort((a, b) => a.firstSite - b.firstSite);
  return (number) => {
    let low = 0;
    let high = sorted.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (sorted[middle].firstSite <= number) low = middle;
      else high = middle;
    }
    const range = sorted[low];
    if (range === undefined || number < range.firstSite || number >= range.firstSite + range.count) {
      return undefined;
    }
    return range.first + number - range.firstSite;
  };
}

/**
 * The trees of several profiles as one: contexts are the same when their chains are.
 * @param indices for each profile, the index of each of its sites among the sites of all of them
 */
export function mergeContexts(
  profiles: readonly Profile[],
  indices: readonly (readonly number[])[],
): ContextStats[] {
  const merged = new Merged();
  for (const [which, { contexts }] of profiles.entries())
    merged.addTree(contexts, (site) => indices[which][site]);
  return merged.contexts;
}

function addUp(contexts: readonly ContextStats[]): ContextStats[] {
  const merged = new Merged();
  merged.addTree(contexts, (site) => site);
  return merged.contexts;
}

/** Trees in which no chain is there twice. */
class Merged {
  readonly contexts: ContextStats[] = [];
  readonly #known = new Map<string, number>();

  addTree(contexts: readonly ContextStats[], indexOf: (site: number) => number): void {
    const numbers: number[] = [];
    for (const context of contexts) {
      const parent = context.parent < 0 ? -1 : numbers[context.parent];
      const site = context.site < 0 ? -1 : indexOf(context.site);
      const key = `${parent} ${site} ${context.label ?? ''}`;
      const index = this.#known.get(key) ?? this.contexts.length;
      this.#known.set(key, index);
      numbers.push(index);
      this.contexts[index] =
        index === this.contexts.length ? { ...context, parent, site } : add(this.contexts[index], context);
    }
  }
}

function add(to: ContextStats, more: ContextStats): ContextStats {
  return {
    ...to,
    count: to.count + more.count,
    raised: to.raised + more.raised,
    totalNs: to.totalNs + more.totalNs,
    selfNs: to.selfNs + more.selfNs,
  };
}
