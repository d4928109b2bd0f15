import { PyrewriteError } from '../errors.ts';
import { mergeSite } from '../profile/merge.ts';
import type { Profile, SiteStats } from '../profile/profile.ts';
import { type MatchableSite, type MatchOptions, matchSites } from './match.ts';
import { numbersOf, type RunNumbers } from './run-numbers.ts';

/** Runs of the same program, and their sites. */
export interface Side {
  /** Each as it is in the first run that has it. */
  readonly sites: readonly MatchableSite[];
  readonly runs: readonly RunNumbers[];
  /** Folders in which the processes began. */
  readonly roots: readonly string[];
  /** Versions of Python that ran. */
  readonly pythons: ReadonlySet<string>;
}

/**
 * Lines up the sites of several runs. Runs of the same compiled files have the same site tables; others are matched as the
 * two sides are.
 * @param runs one profile for each run; no more than one is held at a time
 * @param operation what tells operations apart where there are several versions of Python
 * @throws PyrewriteError 'bad-profile' when there is none
 */
export function sideOf(runs: Iterable<Profile>, operation?: MatchOptions['operation']): Side {
  const collector = new SideCollector(operation);
  const iterator = runs[Symbol.iterator]();
  while (collector.addNext(iterator));
  if (collector.runs.length === 0) throw new PyrewriteError('bad-profile', 'there is no profile to compare');
  return { ...collector, roots: [...collector.roots] };
}

class SideCollector {
  readonly sites: MatchableSite[] = [];
  readonly runs: RunNumbers[] = [];
  readonly roots = new Set<string>();
  readonly pythons = new Set<string>();
  readonly #operation: MatchOptions['operation'];
  /** Numbers of the sites of each table of a file, by their position in the table. */
  readonly #tables = new Map<string, number[]>();

  constructor(operation: MatchOptions['operation']) {
    this.#operation = operation;
  }

  /** Takes in a run, whose profile is held by nobody when the next one is read; false when there are no more. */
  addNext(runs: Iterator<Profile>): boolean {
    const next = runs.next();
    if (next.done === true) return false;
    const profile = next.value;
    for (const { cwd } of profile.processes) this.roots.add(cwd);
    for (const version of profile.python.split(', ')) this.pythons.add(version);
    this.#addUnknown(profile.sites);
    this.runs.push(numbersOf(profile, this.#lineUp(profile.sites)));
    return true;
  }

  #addUnknown(sites: readonly SiteStats[]): void {
    const options =
      this.#operation !== undefined && this.pythons.size > 1 ? { operation: this.#operation } : {};
    for (const strange of this.#unknownTables(sites)) {
      const pairs = this.sites.length === 0 ? [] : matchSites(this.sites, strange, options).pairs;
      const same = new Map(pairs.map(([i, j]) => [j, i]));
      strange.forEach((site, j) => {
        this.#tableOf(site)[site.position] = same.get(j) ?? this.sites.push(identityOf(site)) - 1;
      });
    }
  }

  /** Sites of tables that are not known yet. Where a file has several, each is in a list of its own: they describe the same code. */
  #unknownTables(sites: readonly SiteStats[]): SiteStats[][] {
    const lists: SiteStats[][] = [];
    const tables = new Map<string, string[]>();
    for (const site of sites) {
      if (this.#tableOf(site)[site.position] !== undefined) continue;
      const ofFile = tables.get(site.file) ?? [];
      tables.set(site.file, ofFile);
      if (!ofFile.includes(site.table)) ofFile.push(site.table);
      const index = ofFile.indexOf(site.table);
      if (lists[index] === undefined) lists[index] = [];
      lists[index].push(site);
    }
    return lists;
  }

  /** The sites of a run by their number. */
  #lineUp(sites: readonly SiteStats[]): readonly (SiteStats | undefined)[] {
    const own = new Array<SiteStats | undefined>(this.sites.length).fill(undefined);
    for (const site of sites) {
      const place = this.#tableOf(site)[site.position];
      const other = own[place];
      own[place] = other === undefined ? site : mergeSite([other, site]);
    }
    return own;
  }

  /** As in a merge of profiles, a site is the same when its file, its table and its position in it are. */
  #tableOf({ table, file }: SiteStats): number[] {
    const key = `${table} ${file}`;
    const known = this.#tables.get(key) ?? [];
    this.#tables.set(key, known);
    return known;
  }
}

/** What a site is, without what was measured. */
function identityOf(site: SiteStats): MatchableSite {
  return {
    file: site.file,
    function: site.function,
    line: site.line,
    endLine: site.endLine,
    column: site.column,
    endColumn: site.endColumn,
    opcode: site.opcode,
    name: site.name,
    kind: site.kind,
    table: site.table,
    position: site.position,
  };
}
