import { isAbsolute, relative } from 'node:path';
import type { ComparedSite, Comparison, Place, TimeChange } from '../diff/index.ts';
import type { Profile, SiteStats } from '../profile/profile.ts';
import type { PageComparison, PageDifference, PageTime, PageVerdict } from './data.ts';
import { significant, thousandths, thousandthsOrNull } from './round.ts';

/** A text for each side of a comparison. */
export interface SideNames {
  readonly before: string;
  readonly after: string;
}

/**
 * The comparison as the page shows it: what changed first, the largest first.
 * @param profile what the page is about: the runs of the second side together
 * @param cwdBefore folder in which the first side ran; places in it are shown relative to it
 */
export function toComparison(
  comparison: Comparison,
  profile: Profile,
  names: SideNames,
  cwdBefore = '',
): PageComparison {
  const sites = new Map(profile.sites.map((site, index) => [identity(site, site), index]));
  const cwds = { before: cwdBefore, after: profile.processes[0]?.cwd ?? '' };
  const rows = comparison.sites
    .filter(({ verdict }) => verdict !== 'idle')
    .map((site) => toDifference(site, sites, cwds))
    .sort((a, b) => rank(a) - rank(b) || size(b) - size(a));
  const { a, b, self, notes } = comparison;
  return { ...names, sides: [a, b], self, notes, rows };
}

type Operation = Pick<SiteStats, 'opcode' | 'name'>;

function identity(place: Place, { opcode, name }: Operation): string {
  const { file, function: around, line, endLine, column, endColumn } = place;
  return JSON.stringify([file, around, line, endLine, column, endColumn, opcode, name]);
}

function toDifference(
  site: ComparedSite,
  sites: ReadonlyMap<string, number>,
  cwds: SideNames,
): PageDifference {
  const { a, b, opcode, name, verdict, count, raised, self, p50 } = site;
  const place = b ?? a;
  const here = b === null ? undefined : sites.get(identity(b, { opcode, name }));
  const text = place === null ? '' : placeText(place, b === null ? cwds.before : cwds.after);
  return [
    here ?? [opcode, name ?? '', text, place?.function ?? ''],
    verdictOf({ verdict, count, raised, self, p50 }),
    thousandths(count.a.mean),
    thousandths(count.b.mean),
    toTime(self),
    toTime(p50),
  ];
}

/** Digits take room, and most rows are never looked at. */
function toTime({ a, b, ratio }: TimeChange): PageTime {
  const [before, after] = [thousandthsOrNull(a), thousandthsOrNull(b)];
  if (ratio === null) return [before, after];
  const [value, low, high] = [ratio.value, ratio.low, ratio.high].map((part) => significant(part, 5));
  return [before, after, value, low, high];
}

function placeText({ file, line, column }: Place, cwd: string): string {
  const path = cwd !== '' && isAbsolute(file) ? relative(cwd, file) : file;
  const short = path.startsWith('..') ? file : path;
  return [short, line, column].filter((part) => part !== null).join(':');
}

type Changes = Pick<ComparedSite, 'verdict' | 'self' | 'p50' | 'count' | 'raised'>;

/** The sum tells more than the median, where both were judged; times more than counts. */
function verdictOf({ verdict, self, p50, count, raised }: Changes): PageVerdict {
  if (verdict === 'idle') return 'same';
  if (verdict !== 'changed') return verdict;
  for (const time of [self.verdict, p50.verdict]) {
    if (time === 'slower' || time === 'faster') return time;
  }
  if (count.verdict === 'more' || count.verdict === 'fewer') return count.verdict;
  return raised.verdict === 'same' ? 'unclear' : 'raised';
}

function rank(row: PageDifference): number {
  return row[1] === 'same' ? 2 : row[1] === 'unclear' ? 1 : 0;
}

/** By how much the self time differs, nanoseconds. */
function size(row: PageDifference): number {
  const self = row[4];
  return Math.abs((self[1] ?? 0) - (self[0] ?? 0));
}
