import type { CollectionStats, Interval } from '../../profile/profile.ts';
import type { Rule } from '../finding.ts';
import { costOf, groupBy, type Measured, mostly, type Site, textOf } from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

/** Part of the collections that strike in one operation, before that one is named. */
const LEAST_PART = 0.25;

/** Fewer say nothing: one of them may have been preempted. */
const LEAST_TIMES = 10;

/**
 * Of all time of the collector, what making none of the objects that set it off saved: between two thirds and nine tenths,
 * since others are looked through less often, too; docs/explanation/case-study.md.
 */
const SAVED = 0.8;

/** Garbage collections that a few operations trigger, by what they allocate. */
export const collections: Rule = rule(
  'collections',
  'garbage collections that mostly one operation, or two or three, trigger by what they allocate',
  (measured) => {
    const { profile } = measured;
    const struck = profile.collections.flatMap((row) =>
      row.site === null ? [] : [{ row, index: row.site }],
    );
    const times = timesOf(struck.map(({ row }) => row));
    const sites = groupBy(struck, ({ index }) => String(index))
      .map((group) => ({ site: profile.sites[group[0].index], rows: group.map(({ row }) => row) }))
      .filter(
        ({ site, rows }) => site.count > 0 && timesOf(rows) >= Math.max(LEAST_TIMES, LEAST_PART * times),
      )
      .toSorted((a, b) => timesOf(b.rows) - timesOf(a.rows));
    const [first, ...others] = sites;
    return [first === undefined ? undefined : findAt(measured, [first, ...others])];
  },
);

/** An operation in which collections struck. */
interface Trigger {
  readonly site: Site;
  readonly rows: readonly CollectionStats[];
}

function timesOf(rows: readonly CollectionStats[]): number {
  return sumOf(rows, (one) => one.count);
}

function sumOf(rows: readonly CollectionStats[], pick: (one: CollectionStats) => number): number {
  return rows.reduce((sum, one) => sum + pick(one), 0);
}

/** The collector's time, by where it struck. */
interface Times {
  /** In the operations that are named. */
  readonly own: number;
  /** In all measured operations. */
  readonly all: number;
  /** Where none was open, as at the end. */
  readonly elsewhere: number;
  /** Part of the collections in operations that struck in those named: that is their part of what is allocated. */
  readonly share: number;
}

/**
 * Which operation a collection strikes in is chance, and how long it takes depends on what others made; so it is by their
 * number, not by their time, that they are laid to operations. Who makes fewer objects need not make them, either.
 */
function gainOf(measured: Measured, sites: readonly Site[], { own, all, elsewhere, share }: Times): Interval {
  return {
    value: SAVED * share * (all + elsewhere),
    low: 0.5 * own,
    high: all + elsewhere + makingOf(measured, sites),
  };
}

/** What making the objects takes that are made in least time: some of the others may be needed. */
function makingOf(measured: Measured, sites: readonly Site[]): number {
  const costs = sites
    .filter((site) => mostly(site, ({ how }) => how === 'new object') !== undefined)
    .map((site) => costOf(measured, site).value);
  return costs.length === 0 ? 0 : Math.min(...costs);
}

function findAt(measured: Measured, triggers: readonly [Trigger, ...Trigger[]]): Candidate {
  const { collections: rows } = measured.profile;
  const own = triggers.flatMap((one) => one.rows);
  const inside = rows.filter(({ site }) => site !== null);
  const outside = rows.filter(({ site }) => site === null);
  const ns = (list: readonly CollectionStats[]): number => sumOf(list, ({ totalNs }) => totalNs);
  const times: Times = {
    own: ns(own),
    all: ns(inside),
    elsewhere: ns(outside),
    share: timesOf(own) / timesOf(inside),
  };
  const [first, ...others] = triggers.map(({ site }) => site);
  return {
    sites: [first, ...others],
    gainNs: gainOf(measured, [first, ...others], times),
    words: () => wordsOf(measured, triggers, times, own, outside),
  };
}

function wordsOf(
  measured: Measured,
  triggers: readonly Trigger[],
  { own, all, elsewhere }: Times,
  rows: readonly CollectionStats[],
  outside: readonly CollectionStats[],
): ReturnType<Candidate['words']> {
  const names = triggers.map(({ site }) => textOf(measured, site) ?? site.name ?? site.opcode);
  const freed = sumOf(rows, ({ collected }) => collected);
  const freedOutside = sumOf(outside, ({ collected }) => collected);
  const longest = rows.reduce((most, { maxNs }) => Math.max(most, maxNs), 0);
  const nothing = freed < timesOf(rows);
  return {
    title: `the garbage collector runs ${count(timesOf(rows))} times in ${names.join(' and ')}`,
    evidence: [
      `${duration(own)} of ${duration(all)} of all collections in operations, the longest ${duration(longest)}; ${freed === 0 ? 'nothing was' : `${count(freed)} objects were`} freed`,
      ...(outside.length === 0
        ? []
        : [
            `${duration(elsewhere)} more where no measured operation ran, as at the end; ${count(freedOutside)} objects freed`,
          ]),
    ],
    remedy: nothing
      ? `the objects live on, so each pass is for nothing: make fewer objects that can hold others${freedOutside > 0 ? ', and no cycles of them' : ''}; or gc.disable() before, gc.freeze() and gc.enable() behind`
      : 'break the reference cycles, so that objects are freed without the collector, or make fewer of them',
  };
}
