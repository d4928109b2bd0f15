import type { Interval, Sampling } from '../profile/profile.ts';
import type { ReportSite } from './report.ts';
import { formatDuration, formatShare, plural } from './units.ts';

/** More says only that nothing is known. */
const MOST_PERCENT = 999;

/** A sampled site with its estimates in the place of what was timed; any other as it is. */
export function estimated(site: ReportSite): ReportSite {
  const { estimate } = site;
  if (estimate === null) return site;
  const { count, totalNs, selfNs } = estimate;
  return {
    ...site,
    count: Math.round(count.value),
    totalNs: totalNs.value,
    selfNs: Math.max(0, selfNs.value),
  };
}

/** How sure an estimate is: `±12%`, the further end of its interval. */
export function formatCertainty(interval: Interval | undefined): string {
  if (interval === undefined) return '';
  const { value, low, high } = interval;
  const percent = (100 * Math.max(high - value, value - low)) / Math.abs(value);
  return percent <= MOST_PERCENT
    ? `±${percent < 9.95 ? percent.toFixed(1) : percent.toFixed(0)}%`
    : `±>${MOST_PERCENT}%`;
}

/** How the run was sampled: `71 windows, 7.10 ms of 3.52 s of CPU time; cost 2.4% of a budget of 3.0%`. */
export function formatSampling({ bursts, insideNs, cpuNs, overhead, budget }: Sampling): string {
  const windows = `${plural(bursts, 'window')}, ${formatDuration(insideNs)} of ${formatDuration(cpuNs)} of CPU time`;
  return `${windows}; cost ${formatShare(overhead, 1)}, the budget was ${formatShare(budget, 1)}`;
}
