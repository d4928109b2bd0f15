import { type Family, familyOf } from '../opcodes/families.ts';
import type { Histogram } from '../profile/histogram.ts';
import type { Counters, Interval, Profile, SiteStats, VariantStats } from '../profile/profile.ts';
import type { SourceLines } from './finding.ts';
import { ACCURACY, divideTime } from './taxes.ts';

/** What probes inside cost is known to this part of itself; docs/reference/accuracy.md. */
const PROBES_ACCURACY = 0.12;

/** Part of the executions that a preemption may have made long, however short they are. */
const PREEMPTED = 0.001;

/** Of longer ones more: preemptions come once in a few milliseconds, whatever runs. */
const BETWEEN_PREEMPTIONS_NS = 1e6;
const MOST_PREEMPTED = 0.05;

/** What a preemption takes, at least. */
const PREEMPTION_NS = 50_000;

/** Part of the executions that took longest, which on a busy machine are not the program's own. */
const TAIL = 0.01;

/** What these may have cost the program itself, as a part of the rest. */
const LONGEST_PART = 0.1;

/**
 * An operation takes by so much more among probes than without them, at most: caches hold their code and tables, too. Seen by
 * `bench/case-study.ts --turns`.
 */
const AMONG_PROBES = 0.1;

const NO_WORK: ReadonlySet<string> = new Set(['off-cpu', 'gil', 'probes', 'unmeasured']);

/** A measured operation. */
export type Site = SiteStats;

/** A profile as rules ask it. */
export interface Measured {
  readonly profile: Profile;
  readonly source: SourceLines;
  /** Time that the program was seen to work: a program that waits is not judged by how long. */
  readonly workedNs: number;
  readonly floorNs: number;
  /** What probes cost for each nanosecond that was measured: as much, they say, as they cost inside of an operation. */
  readonly probesPart: number;
  /** A change that saves less than this part of the run is not worth a finding. */
  readonly leastPart: number;
  /** Those that were executed. */
  readonly sites: readonly Site[];
  /** Where each of them is in {@link Profile.sites}. */
  readonly indexOf: ReadonlyMap<Site, number>;
  /** Sites of each function, in the order of their places. */
  readonly functions: readonly (readonly Site[])[];
}

/** Sorts a profile out, once for all rules. */
export function measuredOf(profile: Profile, source: SourceLines, leastPart: number): Measured {
  const sites = profile.sites.filter(({ count }) => count > 0);
  const indexOf = new Map(profile.sites.map((site, index) => [site, index]));
  const functions = groupBy(sites, ({ file, function: name }) => `${file}\n${name}`).map((group) =>
    group.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0)),
  );
  const { floorNs } = profile.probe;
  return {
    profile,
    source,
    workedNs: workedNs(profile),
    floorNs,
    probesPart: probesPart(profile),
    leastPart,
    sites,
    indexOf,
    functions,
  };
}

function probesPart({ sites, probe }: Profile): number {
  const sum = (pick: (site: Site) => number): number => sites.reduce((all, site) => all + pick(site), 0);
  const cost = sum(({ count }) => count) * probe.pairNs + probe.looksNs;
  return ratio(
    cost,
    sum(({ selfNs }) => selfNs),
  );
}

/** Measured time on the CPU, and a tenth of all time where little was measured. */
function workedNs(profile: Profile): number {
  const { categories, wholeNs } = divideTime(profile);
  const worked = categories.reduce((sum, { id, ns }) => sum + (NO_WORK.has(id) ? 0 : ns), 0);
  return Math.max(worked, wholeNs / 10);
}

/** Values that share a key, in the order of their first ones. */
export function groupBy<T>(values: readonly T[], key: (value: T) => string): [T, ...T[]][] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const value of values) {
    const name = key(value);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [value]);
    else group.push(value);
  }
  return [...groups.values()];
}

/** What the operation of a site is for. */
export function familyOfSite({ opcode, name }: Site): Family {
  return familyOf(opcode, name);
}

/** `a + b`, which makes a new object. */
export function isAddition({ opcode, name }: Site): boolean {
  return opcode === 'BINARY_ADD' || (opcode === 'BINARY_OP' && name === '+');
}

/** Executions of a site: of sampled ones the estimate. */
export function countOf(site: SiteStats): number {
  return Math.round(site.estimate?.count.value ?? site.count);
}

/**
 * What executions took with all that ran inside, and how sure that is: the probes' own cost is known to a floor for each
 * execution, and to a part of itself for those inside; the longest may have been preempted, and the next ones slowed down by what
 * else the machine did.
 */
export function costOf(
  { profile, probesPart: probes }: Measured,
  site: SiteStats,
  part: Counters = site,
): Interval {
  const scale = site.estimate === null ? 1 : ratio(site.estimate.totalNs.value, site.totalNs);
  const value = steadySum(part);
  const inside = value * Math.max(0, 1 - ratio(part.selfNs, part.totalNs));
  const unsure =
    profile.probe.floorNs * part.count +
    ACCURACY * value +
    PROBES_ACCURACY * probes * inside +
    sampling(site, value);
  const preempted = Math.min(part.totalNs - value, LONGEST_PART * value);
  return {
    value: value * scale,
    low: Math.max(0, trimmedSum(part, value) - AMONG_PROBES * value - unsure) * scale,
    high: (value + unsure + preempted) * scale,
  };
}

/** Half the width of the estimate of a sampled site, for a part of its time. */
function sampling(site: SiteStats, ns: number): number {
  if (site.estimate === null) return 0;
  const { low, high, value } = site.estimate.totalNs;
  return (ratio(high - low, value) / 2) * ns;
}

/** The total with what preemptions made long cut to what others took: one preemption may cost as much as all of them. */
function steadySum({ histogram, totalNs, count, p50Ns }: Counters): number {
  const struck = (p50Ns ?? 0) / BETWEEN_PREEMPTIONS_NS;
  const part = Math.min(MOST_PREEMPTED, Math.max(PREEMPTED, struck));
  if (count * part < 1) return totalNs;
  return Math.max(0, totalNs - beyond(histogram, (1 - part) * count, PREEMPTION_NS));
}

/** The total without what makes the longest executions longer than the others. */
function trimmedSum({ histogram, count }: Counters, steady: number): number {
  const sum = histogram.values.reduce((total, value, i) => total + value * histogram.counts[i], 0);
  return Math.min(steady, Math.max(0, sum - beyond(histogram, (1 - TAIL) * count, 0)));
}

/** By how much executions took longer than that of a rank: those that took `least` longer. */
function beyond({ values, counts }: Histogram, rank: number, least: number): number {
  const limit = largestBelow({ values, counts }, rank);
  return values.reduce((sum, value, i) => sum + (value > limit + least ? (value - limit) * counts[i] : 0), 0);
}

function largestBelow({ values, counts }: Histogram, rank: number): number {
  let seen = 0;
  for (let i = 0; i < values.length; i++) {
    seen += counts[i];
    if (seen >= rank) return values[i];
  }
  return Number.POSITIVE_INFINITY;
}

function ratio(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

/** Sum of intervals that are wrong in the same direction, if at all. */
export function sumOf(intervals: readonly Interval[]): Interval {
  const sum = (pick: (interval: Interval) => number): number =>
    intervals.reduce((total, interval) => total + pick(interval), 0);
  return { value: sum(({ value }) => value), low: sum(({ low }) => low), high: sum(({ high }) => high) };
}

/** What is left of a cost when something cheaper stands in its place. */
export function lessBy(cost: Interval, instead: Interval): Interval {
  return {
    value: Math.max(0, cost.value - instead.value),
    low: Math.max(0, cost.low - instead.high),
    high: Math.max(0, cost.high - instead.low),
  };
}

/** As many executions of something that takes between `low` and `high` nanoseconds. */
export function executions(count: number, lowNs: number, highNs: number): Interval {
  return { value: (count * (lowNs + highNs)) / 2, low: count * lowNs, high: count * highNs };
}

/** Whether a change is worth telling: it saves something for sure, and that is a part of the run that one can see. */
export function isWorthwhile({ workedNs: worked, leastPart }: Measured, gain: Interval): boolean {
  return gain.low > 0 && gain.value >= leastPart * worked;
}

/** The most frequent variant that fits, with at least this part of the executions. */
export function mostly(
  site: SiteStats,
  fits: (variant: VariantStats) => boolean,
  part = 0.5,
): VariantStats | undefined {
  return site.variants.find((variant) => variant.count >= part * site.count && fits(variant));
}

/** The line on which an operation begins, where the source is known. */
export function lineOf({ source }: Measured, { file, line }: Site): string | undefined {
  return line === null ? undefined : source(file)?.[line - 1];
}

/** What stands at an operation, where its columns and the source are known; otherwise the whole line without margins. */
export function textOf(measured: Measured, site: SiteStats): string | undefined {
  const line = lineOf(measured, site);
  if (line === undefined) return undefined;
  if (site.column === null || site.endColumn === null || site.endLine !== site.line) return line.trim();
  return Buffer.from(line).subarray(site.column, site.endColumn).toString();
}

/** Copies take longer as what is copied grows, or shorter as it shrinks: spread evenly between the least and the most, not all alike. */
export function grows({ floorNs }: Measured, { p50Ns, p90Ns, minNs }: Site): boolean {
  const [first, middle, late] = [minNs ?? 0, p50Ns ?? 0, p90Ns ?? 0];
  return middle > 10 * floorNs && late > 1.3 * middle && middle > 3 * Math.max(first, floorNs);
}
