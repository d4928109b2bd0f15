import type { CollectionStats, OffCpu, SiteStats, Suspensions } from './profile.ts';
import type { StructValues } from './struct-reader.ts';

/** Number of a site that stands for none. */
const NO_SITE = 0xffffffff;

/** The fields of a site that its row of taxes fills in. */
export type SiteTaxes = Pick<SiteStats, 'swallowed' | 'suspensions' | 'offCpu'>;

/**
 * What else is known of a site.
 * @param rows its rows in the profile: none, one, or where each thread has its own, several
 * @param suspends whether it is an await whose suspensions were recorded
 */
export function siteTaxes(rows: readonly StructValues[], suspends: boolean, nsPerTick: number): SiteTaxes {
  if (rows.length > 1) return mergeTaxes(rows.map((row) => rowTaxes(row, suspends, nsPerTick)));
  return rowTaxes(rows[0], suspends, nsPerTick);
}

function rowTaxes(row: StructValues | undefined, suspends: boolean, nsPerTick: number): SiteTaxes {
  const number = (name: string): number => row?.number(name) ?? 0;
  const suspensions = {
    count: number('suspended'),
    times: number('suspensions'),
    totalNs: number('suspended_ticks') * nsPerTick,
  };
  const offCpu = {
    count: number('off_count'),
    totalNs: number('off_most'),
    leastNs: number('off_least'),
    gilNs: number('off_gil'),
  };
  return {
    swallowed: number('swallowed'),
    suspensions: suspends ? suspensions : null,
    offCpu: offCpu.count > 0 ? offCpu : null,
  };
}

/**
 * The rows of garbage collections.
 * @param sites how many sites the process has; a number beyond them is damage, and counts as none
 */
export function collectionStats(
  rows: readonly StructValues[],
  sites: number,
  nsPerTick: number,
): CollectionStats[] {
  const stats = rows.map(({ number }) => ({
    generation: number('generation'),
    site: number('site') < Math.min(sites, NO_SITE) ? number('site') : null,
    count: number('count'),
    collected: number('collected'),
    totalNs: number('total') * nsPerTick,
    maxNs: number('max') * nsPerTick,
  }));
  return mergeCollections(stats);
}

/** Adds up the rows of the same site and generation; those that never happened are left out. */
export function mergeCollections(rows: readonly CollectionStats[]): CollectionStats[] {
  const merged = new Map<string, CollectionStats>();
  for (const row of rows) {
    if (row.count === 0) continue;
    const key = `${row.site} ${row.generation}`;
    const known = merged.get(key);
    merged.set(key, known === undefined ? row : addCollections(known, row));
  }
  return [...merged.values()];
}

function addCollections(a: CollectionStats, b: CollectionStats): CollectionStats {
  return {
    ...a,
    count: a.count + b.count,
    collected: a.collected + b.collected,
    totalNs: a.totalNs + b.totalNs,
    maxNs: Math.max(a.maxNs, b.maxNs),
  };
}

/** The taxes of one site in several processes. */
export function mergeTaxes(sites: readonly SiteTaxes[]): SiteTaxes {
  return {
    swallowed: sites.reduce((sum, { swallowed }) => sum + swallowed, 0),
    suspensions: mergePresent(
      sites.map(({ suspensions }) => suspensions),
      addSuspensions,
    ),
    offCpu: mergePresent(
      sites.map(({ offCpu }) => offCpu),
      addOffCpu,
    ),
  };
}

/** Null where none is known. */
function mergePresent<T>(values: readonly (T | null)[], add: (a: T, b: T) => T): T | null {
  return values.reduce((a, b) => (a === null || b === null ? (a ?? b) : add(a, b)), null);
}

function addSuspensions(a: Suspensions, b: Suspensions): Suspensions {
  return { count: a.count + b.count, times: a.times + b.times, totalNs: a.totalNs + b.totalNs };
}

function addOffCpu(a: OffCpu, b: OffCpu): OffCpu {
  return {
    count: a.count + b.count,
    totalNs: a.totalNs + b.totalNs,
    leastNs: a.leastNs + b.leastNs,
    gilNs: a.gilNs + b.gilNs,
  };
}
