import type { Interval, Profile } from '../../profile/profile.ts';
import type { Rule } from '../finding.ts';
import { type Measured, textOf } from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

/** Part of the time of collections that strike in operations, in one of them, before that one is named. */
const LEAST_PART = 0.25;

/** Fewer say nothing: one of them may have been preempted. */
const LEAST_TIMES = 10;

/** Garbage collections that one operation triggers. */
export const collections: Rule = rule(
  'collections',
  'garbage collections that mostly one operation triggers, by what it allocates',
  (measured) => {
    const { profile } = measured;
    const all = profile.collections.reduce(
      (sum, { totalNs, site }) => sum + (site === null ? 0 : totalNs),
      0,
    );
    const indices = new Set(profile.collections.flatMap(({ site }) => site ?? []));
    return [...indices].map((index) => findAt(measured, index, all));
  },
);

/**
 * Fewer objects are fewer collections in other operations, too, and less to look through where nothing measured runs, as at
 * the end: that may be all of them.
 */
function gainOf({ profile }: Measured, own: number, all: number): Interval {
  const others = unattributed(profile);
  return { value: 0.8 * (own + (others * own) / all), low: 0.5 * own, high: all + others };
}

function unattributed({ collections: rows }: Profile): number {
  return rows.reduce((sum, { totalNs, site }) => sum + (site === null ? totalNs : 0), 0);
}

function elsewhere({ profile }: Measured): string[] {
  const rows = profile.collections.filter(({ site }) => site === null);
  const [times, freed] = [
    rows.reduce((sum, one) => sum + one.count, 0),
    rows.reduce((sum, one) => sum + one.collected, 0),
  ];
  return times === 0
    ? []
    : [
        `${duration(unattributed(profile))} more where no measured operation ran, as at the end; ${count(freed)} objects freed`,
      ];
}

function findAt(measured: Measured, index: number, all: number): Candidate | undefined {
  const site = measured.profile.sites[index];
  const struck = measured.profile.collections.filter((one) => one.site === index);
  const sum = (pick: (one: (typeof struck)[number]) => number): number =>
    struck.reduce((total, one) => total + pick(one), 0);
  const totalNs = sum((one) => one.totalNs);
  const times = sum((one) => one.count);
  const gainNs = gainOf(measured, totalNs, all);
  if (site === undefined || site.count === 0 || totalNs < LEAST_PART * all || times < LEAST_TIMES)
    return undefined;
  const freed = sum((one) => one.collected);
  const longest = struck.reduce((most, { maxNs }) => Math.max(most, maxNs), 0);
  const what = textOf(measured, site) ?? site.name ?? site.opcode;
  return {
    sites: [site],
    gainNs,
    words: () => ({
      title: `the garbage collector runs ${count(times)} times in ${what}`,
      evidence: [
        `${duration(totalNs)} of ${duration(all)} of all collections in operations, the longest ${duration(longest)}; ${freed === 0 ? 'nothing was' : `${count(freed)} objects were`} freed`,
        ...elsewhere(measured),
      ],
      remedy:
        freed === 0
          ? 'the objects live on, so each pass is for nothing: make fewer objects that can hold others (which saves their making, too, not counted here), or call gc.freeze() or gc.disable() around it'
          : 'break the reference cycles, so that objects are freed without the collector, or make fewer of them',
    }),
  };
}
