import { PyrewriteError } from '../errors.ts';
import { mergeSite } from '../profile/merge.ts';
import type { Profile, SiteStats } from '../profile/profile.ts';
import { type MatchOptions, matchSites } from './match.ts';

/** A site in all runs of one side. */
export interface SideSite {
  /** As it is in the first run that has it. */
  readonly site: SiteStats;
  /** In the order of the runs; null where a run does not have it: its module was not loaded. */
  readonly runs: readonly (SiteStats | null)[];
}

/** Runs of the same program, and their sites. */
export interface Side {
  readonly runs: readonly Profile[];
  readonly sites: readonly SideSite[];
  /** Folders in which the processes began. */
  readonly roots: readonly string[];
}

/**
 * Lines up the sites of several runs. Runs of the same compiled files have the same site tables; others are matched as the
 * two sides are.
 * @param runs one profile for each run
 * @throws PyrewriteError 'bad-profile' when there is none
 */
export function sideOf(runs: readonly Profile[], options: Pick<MatchOptions, 'operation'> = {}): Side {
  if (runs.length === 0) throw new PyrewriteError('bad-profile', 'there is no profile to compare');
  const sites: { site: SiteStats; runs: (SiteStats | null)[] }[] = [];
  const places = new Map<string, number>();
  runs.forEach((profile, run) => {
    for (const strange of unknownTables(profile.sites, places)) {
      const known = sites.map(({ site }) => site);
      const same = new Map(matchSites(known, strange, options).pairs.map(([i, j]) => [j, i]));
      strange.forEach((site, j) => {
        const place = same.get(j) ?? sites.push({ site, runs: runs.map(() => null) }) - 1;
        places.set(identity(site), place);
      });
    }
    for (const site of profile.sites) {
      const place = places.get(identity(site));
      if (place === undefined) continue;
      const other = sites[place].runs[run];
      sites[place].runs[run] = other === null ? site : mergeSite([other, site]);
    }
  });
  const roots = [...new Set(runs.flatMap(({ processes }) => processes.map(({ cwd }) => cwd)))];
  return { runs, sites, roots };
}

/** Sites that are not known yet. Where a file has several tables, each is in a list of its own: they describe the same code. */
function unknownTables(sites: readonly SiteStats[], known: ReadonlyMap<string, number>): SiteStats[][] {
  const lists: SiteStats[][] = [];
  const tables = new Map<string, string[]>();
  for (const site of sites) {
    if (known.has(identity(site))) continue;
    const ofFile = tables.get(site.file) ?? [];
    tables.set(site.file, ofFile);
    if (!ofFile.includes(site.table)) ofFile.push(site.table);
    const index = ofFile.indexOf(site.table);
    if (lists[index] === undefined) lists[index] = [];
    lists[index].push(site);
  }
  return lists;
}

/** As in a merge of profiles. */
function identity({ table, position, file }: SiteStats): string {
  return `${table} ${position} ${file}`;
}
