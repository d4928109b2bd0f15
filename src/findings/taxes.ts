import type { Profile, SiteStats } from '../profile/profile.ts';
import {
  CATEGORY_IDS,
  type Category,
  type CategoryId,
  categoryAbout,
  categoryLabel,
  categoryOf,
  processTime,
  type Taxes,
} from './categories.ts';
import { freedByType } from './freed.ts';

/** Durations are right to this part of themselves; docs/reference/accuracy.md. */
export const ACCURACY = 0.05;

interface Sum {
  ns: number;
  count: number;
  /** What the errors of calibration come to: the same for all executions, so they add up. */
  systematicNs: number;
  /** Squares of the errors of sampling, which are independent. */
  sampled: number;
}

/**
 * The time of all processes by what it was spent on. What is below zero in a site or a variant is shown as nothing; the probes
 * cost that much less than what was taken off for them, so that nothing is in two categories.
 */
export function divideTime(profile: Profile): Taxes {
  const sums = new Map<CategoryId, Sum>();
  let [waitingNs, excessNs] = [0, profile.probe.excessNs];
  const hasThreads = profile.processes.some(({ threads }) => threads > 1);
  for (const site of profile.sites) {
    if (site.kind === 'await') waitingNs += site.suspensions?.totalNs ?? site.totalNs;
    else if (site.count > 0) excessNs += addSite(sums, site, profile.probe.floorNs, hasThreads);
  }
  for (const { count, totalNs } of profile.collections) add(sums, 'gc', totalNs, count, 0);
  const executions = profile.sites.reduce((sum, { count }) => sum + count, 0);
  const { pairNs, spreadNs, looksNs } = profile.probe;
  const probesNs =
    profile.sampling === null
      ? Math.max(0, executions * pairNs + looksNs - excessNs)
      : profile.sampling.overhead * processTime(profile);
  add(sums, 'probes', probesNs, executions, executions * spreadNs);
  if (profile.sampling === null && !hasThreads) takeOffProbes(sums, totalOf(sums) - processTime(profile));
  const measured = totalOf(sums);
  const wholeNs = Math.max(processTime(profile), measured);
  const unsure = [...sums.values()].reduce((sum, { systematicNs }) => sum + systematicNs, 0);
  add(sums, 'unmeasured', wholeNs - measured, 0, Math.min(unsure, wholeNs - measured));
  return { wholeNs, waitingNs, categories: sorted(sums), freed: freedByType(profile) };
}

function totalOf(sums: ReadonlyMap<CategoryId, Sum>): number {
  return [...sums.values()].reduce((sum, { ns }) => sum + ns, 0);
}

/**
 * How long a run took is known, and of what it is divided into the cost of probes is known least: a mean for all. What there is too
 * much, they cost less, and so unsure it is.
 */
function takeOffProbes(sums: Map<CategoryId, Sum>, overNs: number): void {
  const probes = sums.get('probes');
  if (probes === undefined || overNs <= 0) return;
  probes.systematicNs += overNs;
  probes.ns -= Math.min(overNs, probes.ns);
}

/** By its variants; what they do not cover is as if nobody had looked. Gives what was added beyond the site's own time. */
function addSite(sums: Map<CategoryId, Sum>, site: SiteStats, floorNs: number, hasThreads: boolean): number {
  const scale = site.estimate === null ? 1 : ratio(site.estimate.selfNs.value, site.selfNs);
  const off = offCpuOf(site, hasThreads);
  const onCpu = ratio(site.selfNs - off.ns, site.selfNs) * scale;
  let [ns, count] = [site.selfNs, site.count];
  const put = (id: CategoryId, selfNs: number, executions: number): void =>
    add(sums, id, selfNs * onCpu, executions * scale, (floorNs * executions + ACCURACY * selfNs) * scale);
  for (const variant of site.variants) {
    put(categoryOf(site, variant), variant.selfNs, variant.count);
    ns -= variant.selfNs;
    count -= variant.count;
  }
  const rest = categoryOf(site);
  put(rest, Math.max(0, ns), Math.max(0, count));
  if (off.gilNs > 0) add(sums, 'gil', off.gilNs * scale, off.count, off.gilNs * scale);
  if (off.ns > 0) add(sums, 'off-cpu', (off.ns - off.gilNs) * scale, off.count, off.unsureNs * scale);
  const sum = sums.get(rest);
  if (site.estimate !== null && sum !== undefined) {
    sum.sampled += ((site.estimate.selfNs.high - site.estimate.selfNs.low) / 2) ** 2;
  }
  return Math.max(0, -ns);
}

/** Time off the CPU lies between bounds: their middle, and half of what they differ by. */
function offCpuOf(
  { offCpu, selfNs }: SiteStats,
  hasThreads: boolean,
): {
  ns: number;
  gilNs: number;
  unsureNs: number;
  count: number;
} {
  if (offCpu === null) return { ns: 0, gilNs: 0, unsureNs: 0, count: 0 };
  const ns = Math.min((offCpu.leastNs + offCpu.totalNs) / 2, selfNs);
  const unsureNs = (offCpu.totalNs - offCpu.leastNs) / 2;
  return { ns, gilNs: hasThreads ? Math.min(offCpu.gilNs, ns) : 0, unsureNs, count: offCpu.count };
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 1;
}

function add(sums: Map<CategoryId, Sum>, id: CategoryId, ns: number, count: number, unsure: number): void {
  const sum = sums.get(id) ?? { ns: 0, count: 0, systematicNs: 0, sampled: 0 };
  sum.ns += ns;
  sum.count += count;
  sum.systematicNs += unsure;
  sums.set(id, sum);
}

const LAST: readonly CategoryId[] = ['probes', 'unmeasured'];

function sorted(sums: ReadonlyMap<CategoryId, Sum>): Category[] {
  const categories = CATEGORY_IDS.flatMap((id) => {
    const sum = sums.get(id);
    if (sum === undefined || (sum.ns === 0 && sum.count === 0)) return [];
    const uncertaintyNs = sum.systematicNs + Math.sqrt(sum.sampled);
    return [
      { id, label: categoryLabel(id), about: categoryAbout(id), ns: sum.ns, uncertaintyNs, count: sum.count },
    ];
  });
  return categories.toSorted((a, b) => LAST.indexOf(a.id) - LAST.indexOf(b.id) || b.ns - a.ns);
}
