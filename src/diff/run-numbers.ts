import type { Profile, SiteStats } from '../profile/profile.ts';
import { percentileError } from './times.ts';

/** What is compared of the sites of a run. */
const COMPARED = [
  /** Executions that were timed: of sampled runs not all. */
  'timed',
  'count',
  /** Standard error of an estimate; 0 of what was counted. */
  'countError',
  'raised',
  'selfNs',
  'totalNs',
  'p50Ns',
  'p99Ns',
  /** Standard errors of the logarithms of the percentiles. */
  'p50Error',
  'p99Error',
] as const;

/** A run of one side: a number for each site. A profile takes ten times as much memory, and runs may be many. */
export interface RunNumbers {
  readonly processes: number;
  readonly durationNs: number;
  readonly floorNs: number;
  /** Executions of all sites. */
  readonly operations: number;
  /** By the number of the site on its side; NaN for what is not known, and of sites that the run does not have. */
  readonly columns: Readonly<Record<(typeof COMPARED)[number], Float64Array>>;
}

const NORMAL_WIDTH = 2 * 1.96;

/**
 * Takes what is compared out of a profile.
 * @param sites by their number on the side; undefined for those that the run does not have
 */
export function numbersOf(profile: Profile, sites: readonly (SiteStats | undefined)[]): RunNumbers {
  const { floorNs } = profile.probe;
  const timed = profile.sites.reduce((sum, { count }) => sum + count, 0);
  const column = (value: (site: SiteStats) => number | null | undefined): Float64Array =>
    Float64Array.from(sites, (site) => (site === undefined ? undefined : value(site)) ?? Number.NaN);
  const error = (fraction: number, value: (site: SiteStats) => number | null): Float64Array =>
    column((site) => {
      const byOrder = percentileError(site.histogram, fraction, floorNs);
      const doubt = doubtInside(site, timed, profile) / Math.max(value(site) ?? 0, floorNs, 1e-3);
      // Where all of a time may be the probes', nothing is known of it.
      return byOrder === null || doubt >= 1 ? null : Math.hypot(byOrder, doubt);
    });
  const time = (value: (site: SiteStats) => number | null): Float64Array =>
    column((site) => (site.count === 0 ? null : value(site)));
  return {
    processes: profile.processes.length,
    durationNs: profile.durationNs,
    floorNs,
    operations: profile.sites.reduce((sum, site) => sum + countOf(site), 0),
    columns: {
      timed: column(({ count }) => count),
      count: column(countOf),
      countError: column(({ estimate }) =>
        estimate === null ? 0 : (estimate.count.high - estimate.count.low) / NORMAL_WIDTH,
      ),
      raised: column(({ raised }) => raised),
      // Of sampled profiles, sums are estimates for all executions.
      selfNs: time(({ estimate, selfNs }) => estimate?.selfNs.value ?? selfNs),
      totalNs: time(({ estimate, totalNs }) => estimate?.totalNs.value ?? totalNs),
      p50Ns: time(({ p50Ns }) => p50Ns),
      p99Ns: time(({ p99Ns }) => p99Ns),
      p50Error: error(0.5, ({ p50Ns }) => p50Ns),
      p99Error: error(0.99, ({ p99Ns }) => p99Ns),
    },
  };
}

/**
 * By what the duration of an execution may be wrong since what probes cost is not known better: nanoseconds, of the probes of
 * all operations inside. How many those are is not recorded for each site; no more than ran.
 */
function doubtInside({ count, selfNs, totalNs }: SiteStats, timed: number, { probe }: Profile): number {
  return selfNs < totalNs ? (probe.spreadNs * (timed - count)) / count : 0;
}

function countOf({ estimate, count }: SiteStats): number {
  return estimate?.count.value ?? count;
}
