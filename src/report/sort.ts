import type { ReportSite } from './report.ts';

/** What the table may be sorted by; numbers fall, places rise. */
export const SORT_KEYS = ['self', 'total', 'count', 'raised', 'p50', 'p99', 'place'] as const;

/** One of {@link SORT_KEYS}. */
export type SortKey = (typeof SORT_KEYS)[number];

/** Whether a word of the command line is a sort key. */
export function isSortKey(word: string): word is SortKey {
  return SORT_KEYS.some((key) => key === word);
}

const VALUES: Readonly<Record<Exclude<SortKey, 'place'>, (site: ReportSite) => number>> = {
  self: (site) => site.selfNs,
  total: (site) => site.totalNs,
  count: (site) => site.count,
  raised: (site) => site.raised,
  p50: (site) => site.p50Ns ?? -1,
  p99: (site) => site.p99Ns ?? -1,
};

/** A sorted copy; equal ones come in the order of their places, so that two reports of one profile are the same. */
export function sortSites(sites: readonly ReportSite[], key: SortKey): ReportSite[] {
  if (key === 'place') return sites.toSorted(comparePlaces);
  const value = VALUES[key];
  return sites.toSorted((a, b) => value(b) - value(a) || comparePlaces(a, b));
}

function comparePlaces(a: ReportSite, b: ReportSite): number {
  return (
    compareText(a.file, b.file) ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0) ||
    (a.endColumn ?? 0) - (b.endColumn ?? 0) ||
    compareText(a.opcode, b.opcode) ||
    compareText(a.function, b.function)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
