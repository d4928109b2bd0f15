import { type Histogram, percentiles } from '../../src/profile/histogram.ts';
import type { Profile, SiteStats } from '../../src/profile/profile.ts';
import { processInfo, profileOf, siteStats } from '../support/made-up.ts';

/** A site of a made-up profile; what is not given is as in most. */
export function siteAt(different: Partial<SiteStats> = {}): SiteStats {
  const line = different.line ?? 10;
  return siteStats({
    ...{ file: '/work/app.py', line, endLine: line, column: 4, endColumn: 9, table: 'A' },
    ...different,
  });
}

/**
 * Sites of one function from a drawing: a line each, with the names of its attribute loads; numbers of lines and positions
 * follow from it. An empty line has none.
 */
export function drawnSites(drawing: string, different: Partial<SiteStats> = {}): SiteStats[] {
  const sites: SiteStats[] = [];
  drawing.split('\n').forEach((text, i) => {
    for (const { 0: name, index } of text.matchAll(/\S+/g)) {
      const column = different.column === null ? null : index;
      const endColumn = different.column === null ? null : index + name.length;
      const place = { line: i + 1, endLine: i + 1, column, endColumn, position: sites.length };
      sites.push(siteAt({ name, ...place, ...different, column }));
    }
  });
  return sites;
}

/** Counters of a site whose executions took these times, each equally often. */
export function measured(durations: readonly number[], times = 1): Partial<SiteStats> {
  const sorted = durations.toSorted((a, b) => a - b);
  const histogram: Histogram = { values: sorted, counts: sorted.map(() => times), stepNs: 1 };
  const sum = durations.reduce((total, duration) => total + duration, 0) * times;
  const [p50Ns, p90Ns, p99Ns] = percentiles(histogram, [0.5, 0.9, 0.99]);
  const [minNs, maxNs] = [sorted[0], sorted[sorted.length - 1]];
  const count = durations.length * times;
  return { count, totalNs: sum, selfNs: sum, minNs, maxNs, p50Ns, p90Ns, p99Ns, histogram };
}

/** A run with these sites. */
export function runOf(sites: readonly SiteStats[], different: Partial<Profile> = {}): Profile {
  return profileOf(sites, {
    probe: { pairNs: 14, floorNs: 4, spreadNs: 1, innerNs: 5, looksNs: 0, excessNs: 0 },
    processes: [processInfo({ cwd: '/work', startUnixNs: 1_700_000_000_000_000_000 })],
    ...different,
  });
}
