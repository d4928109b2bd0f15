import { EMPTY_HISTOGRAM } from '../profile/histogram.ts';
import type { Counters, Profile, SiteStats, VariantStats } from '../profile/profile.ts';

/** Executions of a site that ran on the same operands; of a site that was not looked into, all of them. */
export interface OperationRow {
  readonly profile: Profile;
  readonly site: SiteStats;
  /** Index of the site in the profile. */
  readonly index: number;
  /** Null for a whole site, and for the executions of one whose operands were not seen. */
  readonly variant: VariantStats | null;
  readonly counters: Counters;
  /** The site's first row: what is known of the whole site only stands here, once. */
  readonly isFirst: boolean;
}

/** Every site in one row or several. Counts of a site's rows add up to the site's. */
export function* operationRows(profile: Profile): Generator<OperationRow> {
  for (const [index, site] of profile.sites.entries()) {
    let isFirst = true;
    for (const { variant, counters } of partsOf(site)) {
      yield { profile, site, index, variant, counters, isFirst };
      isFirst = false;
    }
  }
}

type Part = Pick<OperationRow, 'variant' | 'counters'>;

function partsOf(site: SiteStats): Part[] {
  if (site.variants.length === 0) return [{ variant: null, counters: site }];
  const parts: Part[] = site.variants.map((variant) => ({ variant, counters: variant }));
  const rest = restOf(site);
  return rest === null ? parts : [...parts, { variant: null, counters: rest }];
}

/** Executions whose operands were not seen; null when there were none. How long each took is not known. */
function restOf(site: SiteStats): Counters | null {
  const rest = (pick: (counters: Counters) => number): number =>
    Math.max(
      0,
      site.variants.reduce((left, variant) => left - pick(variant), pick(site)),
    );
  const [count, raised] = [rest((counters) => counters.count), rest((counters) => counters.raised)];
  if (count === 0 && raised === 0) return null;
  return {
    count,
    raised,
    totalNs: rest(({ totalNs }) => totalNs),
    selfNs: rest(({ selfNs }) => selfNs),
    minNs: null,
    maxNs: null,
    p50Ns: null,
    p90Ns: null,
    p99Ns: null,
    histogram: EMPTY_HISTOGRAM,
  };
}
