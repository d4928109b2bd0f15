import { PyrewriteError } from '../errors.ts';
import { mergeContexts } from './contexts.ts';
import { mergeHistograms, percentiles } from './histogram.ts';
import { mergeEstimates, mergeSampling } from './merge-estimates.ts';
import type { Counters, Losses, ProcessInfo, Profile, SiteStats, VariantStats } from './profile.ts';
import { newSite, newVariant } from './site-stats.ts';
import { mergeCollections, mergeTaxes } from './taxes.ts';

/**
 * Several profiles as one. A site is the same when its file, its site table and its position in it are.
 * @throws PyrewriteError 'bad-profile' when there is none
 */
export function mergeProfiles(profiles: readonly Profile[]): Profile {
  const [first] = profiles;
  if (first === undefined) throw new PyrewriteError('bad-profile', 'there is no profile to merge');
  if (profiles.length === 1) return first;
  const worst = (pick: (profile: Profile) => number): number => profiles.map(pick).reduce(larger);
  const sources = new Set(profiles.map(({ clock }) => clock.source));
  const { sites, indices } = mergeSites(profiles);
  return {
    python: [...new Set(profiles.flatMap(({ python }) => python.split(', ')))].join(', '),
    clock: {
      source: sources.size === 1 ? first.clock.source : 'mixed',
      ticksPerSecond: first.clock.ticksPerSecond,
    },
    probe: {
      pairNs: worst(({ probe }) => probe.pairNs),
      floorNs: worst(({ probe }) => probe.floorNs),
      spreadNs: worst(({ probe }) => probe.spreadNs),
      innerNs: worst(({ probe }) => probe.innerNs),
      looksNs: profiles.reduce((sum, { probe }) => sum + probe.looksNs, 0),
      excessNs: profiles.reduce((sum, { probe }) => sum + probe.excessNs, 0),
    },
    processes: profiles.flatMap(({ processes }) => processes),
    durationNs: duration(profiles.flatMap(({ processes }) => processes)),
    lost: profiles.map(({ lost }) => lost).reduce(addLosses),
    notes: profiles.flatMap(({ notes }) => notes),
    collections: mergeCollections(
      profiles.flatMap(({ collections }, which) =>
        collections.map((row) => ({
          ...row,
          site: row.site === null ? null : (indices[which][row.site] ?? null),
        })),
      ),
    ),
    contexts: mergeContexts(profiles, indices),
    sampling: mergeSampling(profiles),
    sites,
  };
}

/** Most profiles that are held before they become one, if the sum is not larger than they are. */
const MOST_PROFILES = 32;
/** Most sites, rows of collections and of contexts that are held at once before they become one. */
const MOST_HELD = 200_000;

/**
 * {@link mergeProfiles} for any number of profiles: takes in a few at a time, so that memory is needed for the sum and
 * for as much again. What is taken in is as large as the sum, and processes are put apart: else each few profiles would
 * have the whole sum copied.
 * @throws PyrewriteError 'bad-profile' when there is none
 */
export function mergeAll(profiles: Iterable<Profile>): Profile {
  const processes: ProcessInfo[] = [];
  const notes: string[] = [];
  let held: Profile[] = [];
  let sum = 0;
  let added = 0;
  let taken = 0;
  for (const profile of profiles) {
    for (const process of profile.processes) processes.push(process);
    for (const note of profile.notes) notes.push(note);
    taken++;
    held.push({ ...profile, processes: [], notes: [] });
    added += sizeOf(profile);
    if (held.length > 1 && ((held.length > MOST_PROFILES && added >= sum) || added > MOST_HELD)) {
      held = [mergeProfiles(held)];
      sum = sizeOf(held[0]);
      added = 0;
    }
  }
  const merged = mergeProfiles(held);
  return { ...merged, processes, notes, durationNs: taken === 1 ? merged.durationNs : duration(processes) };
}

/** How much is to be copied when a profile is merged. */
function sizeOf({ sites, collections, contexts }: Profile): number {
  return 1 + sites.length + collections.length + contexts.length;
}

/** From the start of the first process to the end of the last, in ns. */
function duration(processes: readonly ProcessInfo[]): number {
  const start = processes.map(({ startUnixNs }) => startUnixNs).reduce(smaller, Number.POSITIVE_INFINITY);
  return processes.map(({ startUnixNs, durationNs }) => startUnixNs - start + durationNs).reduce(larger, 0);
}

// Math.max(...values) fails where there are more values than the stack has room for.
function larger(a: number, b: number): number {
  return Math.max(a, b);
}

function smaller(a: number, b: number): number {
  return Math.min(a, b);
}

function addLosses(a: Losses, b: Losses): Losses {
  return {
    spans: a.spans + b.spans,
    ends: a.ends + b.ends,
    abandonedAwaits: a.abandonedAwaits + b.abandonedAwaits,
    refusedTables: a.refusedTables + b.refusedTables,
    unrecordedSites: a.unrecordedSites + b.unrecordedSites,
    unrecordedDurations: a.unrecordedDurations + b.unrecordedDurations,
    unrecordedContexts: a.unrecordedContexts + b.unrecordedContexts,
  };
}

/** The sites of all profiles, and for each profile the index there of each of its own. */
function mergeSites(profiles: readonly Profile[]): {
  readonly sites: SiteStats[];
  readonly indices: readonly (readonly number[])[];
} {
  const groups: SiteStats[][] = [];
  const known = new Map<string, number>();
  const indices = profiles.map(({ sites }) =>
    sites.map((site) => {
      const key = `${site.table} ${site.position} ${site.file}`;
      const index = known.get(key) ?? groups.length;
      if (index < groups.length) groups[index].push(site);
      else groups.push([site]);
      known.set(key, index);
      return index;
    }),
  );
  return { sites: groups.map(mergeSite), indices };
}

/** The same site in several profiles, of which there is at least one, as one. */
export function mergeSite(sites: readonly SiteStats[]): SiteStats {
  const executed = sites.filter(({ count }) => count > 0);
  // A window is added up when the next one begins: an interval can have one of executions that it has not.
  const isAlone = sites.every(({ count, estimate }) => count > 0 || (estimate?.bursts ?? 0) === 0);
  if (executed.length <= 1 && isAlone) return executed[0] ?? sites[0];
  const seen = executed.length > 0 ? executed : [sites[0]];
  const counters = executed.length > 0 ? mergeCounters(executed) : sites[0];
  return newSite(seen[0], counters, {
    ...mergeTaxes(seen),
    estimate: mergeEstimates(sites, counters),
    variants: mergeVariants(seen.flatMap(({ variants }) => variants)),
  });
}

/** Counters of the same operations, some of which were counted in each: added up. */
export function mergeCounters(seen: readonly Counters[]): Counters {
  const sum = (pick: (counters: Counters) => number): number =>
    seen.reduce((total, counters) => total + pick(counters), 0);
  const histogram = mergeHistograms(seen.map((counters) => counters.histogram));
  const [p50Ns, p90Ns, p99Ns] = percentiles(histogram, [0.5, 0.9, 0.99]);
  return {
    count: sum(({ count }) => count),
    raised: sum(({ raised }) => raised),
    totalNs: sum(({ totalNs }) => totalNs),
    selfNs: sum(({ selfNs }) => selfNs),
    minNs: seen.map(({ minNs }) => minNs ?? Number.POSITIVE_INFINITY).reduce(smaller),
    maxNs: seen.map(({ maxNs }) => maxNs ?? 0).reduce(larger),
    p50Ns,
    p90Ns,
    p99Ns,
    histogram,
  };
}

/** Those of one site, some of which are the same: the most frequent first; those that never ran are left out. */
export function mergeVariants(variants: readonly VariantStats[]): VariantStats[] {
  const groups = new Map<string, VariantStats[]>();
  for (const variant of variants) {
    const { how, type, otherType, callee, frees, freed } = variant;
    const key = JSON.stringify([how, type, otherType, callee, frees, freed]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [variant]);
    else group.push(variant);
  }
  return sortVariants([...groups.values()].map((group) => newVariant(group[0], mergeCounters(group))));
}

/** The most frequent first; those that never ran are left out. */
export function sortVariants(variants: readonly VariantStats[]): VariantStats[] {
  return variants.filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count);
}
