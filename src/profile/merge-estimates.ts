import { percentileIntervals, positiveInterval, signedInterval } from './estimates.ts';
import type { Counters, Estimate, EstimatedValue, Profile, Sampling, SiteStats } from './profile.ts';

/** How several processes were sampled: null where none was. */
export function mergeSampling(profiles: readonly Profile[]): Sampling | null {
  const all = profiles.flatMap(({ sampling }) => (sampling === null ? [] : [sampling]));
  if (all.length === 0) return null;
  const sum = (pick: (one: Sampling) => number): number => all.reduce((total, one) => total + pick(one), 0);
  const cpuNs = sum((one) => one.cpuNs);
  return {
    budget: all.map(({ budget }) => budget).reduce((a, b) => Math.max(a, b)),
    overhead: cpuNs > 0 ? sum((one) => one.overhead * one.cpuNs) / cpuNs : 0,
    bursts: sum((one) => one.bursts),
    cpuNs,
    insideNs: sum((one) => one.insideNs),
  };
}

/**
 * Estimate of a site in several processes, which are independent; what was timed in full has no error.
 * @param merged counters of all of them
 */
export function mergeEstimates(sites: readonly SiteStats[], merged: Counters): Estimate | null {
  if (sites.every(({ estimate }) => estimate === null)) return null;
  const estimates = sites.map((site) => site.estimate ?? exactly(site));
  const bursts = estimates.reduce((sum, one) => sum + one.bursts, 0);
  const add = (pick: (one: Estimate) => EstimatedValue): { value: number; error: number } => ({
    value: estimates.reduce((sum, one) => sum + pick(one).value, 0),
    error: Math.sqrt(estimates.reduce((sum, one) => sum + pick(one).error ** 2, 0)),
  });
  const [count, total, self] = [add((one) => one.count), add((one) => one.totalNs), add((one) => one.selfNs)];
  return {
    bursts,
    count: positiveInterval(count.value, count.error, bursts, merged.count),
    totalNs: positiveInterval(total.value, total.error, bursts, merged.totalNs),
    selfNs: signedInterval(self.value, self.error, bursts),
    ...percentileIntervals(merged, bursts),
  };
}

function exactly({ count, totalNs, selfNs, p50Ns, p90Ns, p99Ns }: SiteStats): Estimate {
  const exact = (value: number): EstimatedValue => ({ value, error: 0, low: value, high: value });
  const orNull = (value: number | null): EstimatedValue | null => (value === null ? null : exact(value));
  return {
    bursts: 0,
    count: exact(count),
    totalNs: exact(totalNs),
    selfNs: exact(selfNs),
    p50Ns: orNull(p50Ns),
    p90Ns: orNull(p90Ns),
    p99Ns: orNull(p99Ns),
  };
}
