import type { Rule } from '../finding.ts';
import { type Measured, textOf } from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

/** Part of the collector's time that strikes in one operation, before that one is named. */
const LEAST_PART = 0.25;

/** Garbage collections that one operation triggers. */
export const collections: Rule = rule(
  'collections',
  'garbage collections that mostly one operation triggers, by what it allocates',
  (measured) => {
    const { profile } = measured;
    const all = profile.collections.reduce((sum, { totalNs }) => sum + totalNs, 0);
    const indices = new Set(profile.collections.flatMap(({ site }) => site ?? []));
    return [...indices].map((index) => findAt(measured, index, all));
  },
);

function findAt(measured: Measured, index: number, all: number): Candidate | undefined {
  const site = measured.profile.sites[index];
  const struck = measured.profile.collections.filter((one) => one.site === index);
  const sum = (pick: (one: (typeof struck)[number]) => number): number =>
    struck.reduce((total, one) => total + pick(one), 0);
  const totalNs = sum((one) => one.totalNs);
  const gainNs = { value: 0.8 * totalNs, low: 0.5 * totalNs, high: totalNs };
  if (site === undefined || site.count === 0 || totalNs < LEAST_PART * all) return undefined;
  const times = sum((one) => one.count);
  const freed = sum((one) => one.collected);
  const longest = struck.reduce((most, { maxNs }) => Math.max(most, maxNs), 0);
  const what = textOf(measured, site) ?? site.name ?? site.opcode;
  return {
    sites: [site],
    gainNs,
    words: () => ({
      title: `the garbage collector runs ${count(times)} times in ${what}`,
      evidence: [
        `${duration(totalNs)} of ${duration(all)} of all collections, the longest ${duration(longest)}; ${freed === 0 ? 'nothing was' : `${count(freed)} objects were`} freed`,
      ],
      remedy:
        freed === 0
          ? 'the objects live on, so each pass is for nothing: make fewer objects that can hold others, or call gc.freeze() or gc.disable() around it'
          : 'break the reference cycles, so that objects are freed without the collector, or make fewer of them',
    }),
  };
}
