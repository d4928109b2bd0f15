import type { ComparedSite, Comparison } from '../../diff/index.ts';

/** Which sites a view shows, and how many there are of each kind. */
export interface Selected {
  readonly rows: readonly ComparedSite[];
  /** Sites that could be shown: without `all`, those that changed. */
  readonly candidates: number;
  readonly counts: Readonly<Record<ComparedSite['verdict'], number>>;
}

const ORDER: readonly ComparedSite['verdict'][] = ['changed', 'new', 'gone', 'unclear', 'same', 'idle'];

/**
 * The sites to show: what changed first, by the time that it makes.
 * @param all whether those without a change are shown, too
 * @param limit most rows; 0 for all
 */
export function selectSites({ sites }: Comparison, all: boolean, limit: number): Selected {
  const counts = { same: 0, changed: 0, unclear: 0, new: 0, gone: 0, idle: 0 };
  for (const { verdict } of sites) counts[verdict]++;
  const shown = sites.filter(({ verdict }) => (all ? verdict !== 'idle' : ORDER.indexOf(verdict) < 3));
  // Each is judged anew when it is asked for its time.
  const weights = new Map(shown.map((site) => [site, weight(site)]));
  const weightOf = (site: ComparedSite): number => weights.get(site) ?? 0;
  const sorted = shown.toSorted(
    (x, y) => ORDER.indexOf(x.verdict) - ORDER.indexOf(y.verdict) || weightOf(y) - weightOf(x),
  );
  return { rows: limit > 0 ? sorted.slice(0, limit) : sorted, candidates: shown.length, counts };
}

function weight({ self }: ComparedSite): number {
  return Math.abs((self.b ?? 0) - (self.a ?? 0));
}
