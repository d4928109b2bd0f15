import type { LiveProfile, LiveSite } from './live-profile.ts';

/** What the view may be sorted by. */
export const TOP_SORTS = ['time', 'rate', 'raised', 'self', 'count', 'max'] as const;

/** One of {@link TOP_SORTS}. */
export type TopSort = (typeof TOP_SORTS)[number];

/** Whether a word of the command line is a sort key. */
export function isTopSort(word: string): word is TopSort {
  return TOP_SORTS.some((sort) => sort === word);
}

/** A process that is watched. */
export interface Watched {
  readonly path: string;
  readonly profile: LiveProfile;
  /** It ended, in order or not. */
  ended: boolean;
}

/** A site over all processes shown. Times are nanoseconds, rates per second. */
export interface TopRow {
  readonly site: LiveSite;
  readonly count: number;
  readonly raised: number;
  readonly self: number;
  readonly max: number;
  readonly countRate: number;
  readonly raisedRate: number;
  readonly selfRate: number;
}

/** Sums of everything shown. */
export interface TopTotals {
  readonly sites: number;
  readonly countRate: number;
  readonly selfRate: number;
  readonly raisedRate: number;
}

const VALUES: Readonly<Record<TopSort, (row: TopRow) => number>> = {
  time: (row) => row.selfRate,
  rate: (row) => row.countRate,
  raised: (row) => row.raisedRate,
  self: (row) => row.self,
  count: (row) => row.count,
  max: (row) => row.max,
};

/** The executed sites of some processes, added up where several have the same, that a filter lets through. */
export function collectRows(processes: readonly Watched[], filter: string): TopRow[] {
  const rows = new Map<string, Writable<TopRow>>();
  const list: TopRow[] = [];
  const word = filter.toLowerCase();
  for (const { profile, ended } of processes) {
    const { count, raised, self, max, countRate, raisedRate, selfRate } = profile.numbers;
    profile.sites.forEach((site, i) => {
      if (count[i] === 0 || (word !== '' && !textOf(site).includes(word))) return;
      // Sites of a single process need not be looked up: there can be a hundred thousand.
      const known = processes.length > 1 ? rows.get(site.key) : undefined;
      const row = known ?? emptyRow(site);
      if (known === undefined) {
        list.push(row);
        if (processes.length > 1) rows.set(site.key, row);
      }
      row.count += count[i];
      row.raised += raised[i];
      row.self += Math.max(0, self[i]);
      row.max = Math.max(row.max, max[i]);
      if (ended) return;
      row.countRate += countRate[i];
      row.raisedRate += raisedRate[i];
      row.selfRate += selfRate[i];
    });
  }
  return list;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function emptyRow(site: LiveSite): Writable<TopRow> {
  return { site, count: 0, raised: 0, self: 0, max: 0, countRate: 0, raisedRate: 0, selfRate: 0 };
}

function textOf({ file, function: name, opname, name: operand }: LiveSite): string {
  return `${file} ${name} ${opname} ${operand ?? ''}`.toLowerCase();
}

/** The first rows in the order of a key, without sorting all of them; equal ones by how often they run, by what they did before, then by place. */
export function firstRows(rows: readonly TopRow[], sort: TopSort, most: number): TopRow[] {
  const value = VALUES[sort];
  const compare = (a: TopRow, b: TopRow): number =>
    value(b) - value(a) || b.countRate - a.countRate || b.self - a.self || (a.site.key < b.site.key ? -1 : 1);
  if (rows.length <= 4 * most) return rows.toSorted(compare).slice(0, most);
  let kept: TopRow[] = [];
  let least: TopRow | undefined;
  for (const row of rows) {
    if (least !== undefined && compare(row, least) > 0) continue;
    kept.push(row);
    if (kept.length < 4 * most) continue;
    kept = kept.sort(compare).slice(0, most);
    least = kept[most - 1];
  }
  return kept.sort(compare).slice(0, most);
}

/** What all rows come to. */
export function totalsOf(rows: readonly TopRow[]): TopTotals {
  let [countRate, selfRate, raisedRate] = [0, 0, 0];
  for (const row of rows) {
    countRate += row.countRate;
    selfRate += row.selfRate;
    raisedRate += row.raisedRate;
  }
  return { sites: rows.length, countRate, selfRate, raisedRate };
}
