import type { Rule } from '../finding.ts';
import {
  costOf,
  countOf,
  executions,
  familyOfSite,
  lessBy,
  type Measured,
  mostly,
  type Site,
} from '../measured.ts';
import { type Candidate, ruleOfSites } from '../rule.ts';
import { count, duration } from '../words.ts';

/** Containers that compare one item after the other. */
const SEARCHED: ReadonlySet<string> = new Set([
  'list',
  'tuple',
  'collections.deque',
  'dict_values',
  'array.array',
]);

/** What a test in a set takes: hashing and one comparison. */
const SET_NS: readonly [number, number] = [10, 80];

/** `x in list` that takes longer than a set would. */
export const linearSearch: Rule = ruleOfSites(
  'linear-search',
  'in and not in on a list, tuple or deque that takes longer than in a set (--types)',
  findAt,
);

function findAt(measured: Measured, site: Site): Candidate | undefined {
  if (familyOfSite(site) !== 'contains') return undefined;
  const variant = mostly(site, ({ otherType }) => SEARCHED.has(otherType ?? ''));
  if (variant === undefined || (variant.p50Ns ?? 0) < 2 * SET_NS[1]) return undefined;
  const gainNs = lessBy(costOf(measured, site, variant), executions(countOf(site), ...SET_NS));
  const { p50Ns, p99Ns, otherType, type } = variant;
  return {
    sites: [site],
    gainNs,
    words: () => ({
      title: `${site.name ?? 'in'} searches a ${otherType}, ${duration(p50Ns ?? 0)} for each test`,
      evidence: [
        `${count(countOf(site))} tests for a ${type}; half took up to ${duration(p50Ns ?? 0)}, 1 % more than ${duration(p99Ns ?? 0)}`,
      ],
      remedy: `look it up in a set or dict, made once (its items must be hashable)`,
    }),
  };
}
