import type { VariantStats } from '../../profile/profile.ts';
import type { Rule } from '../finding.ts';
import { costOf, countOf, familyOfSite, lineOf, type Measured, mostly, type Site } from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

/** `in set(…)`, with the name of what makes the container. */
const TESTED = /\bin\s+(set|frozenset|list|tuple|dict|sorted)\(/g;

/** Who tests in what the container is made from saves at least this part: searching it takes as long as copying it, or less. */
const LEAST_SAVED = 0.4;

const LEAST_EXECUTIONS = 50;

/** A container that is made, asked once whether something is in it, and freed. */
export const temporaryContainer: Rule = rule(
  'temporary-container',
  'a set, list, tuple or dict that is made for one `in` and freed, and whose making takes longer than the test (--types)',
  (measured) => measured.functions.flatMap((sites) => sites.map((site) => findAt(measured, site, sites))),
);

function findAt(measured: Measured, test: Site, sites: readonly Site[]): Candidate | undefined {
  if (familyOfSite(test) !== 'contains' || test.count < LEAST_EXECUTIONS) return undefined;
  const [made, ...others] = (lineOf(measured, test) ?? '').matchAll(TESTED);
  if (made === undefined || others.length > 0) return undefined;
  const makes = ({ callee }: VariantStats): boolean => callee === made[1];
  const making = sites.find(
    (site) => site.line === test.line && familyOfSite(site) === 'call' && mostly(site, makes) !== undefined,
  );
  const variant = making && mostly(making, makes);
  if (making === undefined || variant === undefined || making.count < test.count) return undefined;
  if ((variant.p50Ns ?? 0) < (test.p50Ns ?? 0)) return undefined;
  const { value, low, high } = costOf(measured, making, variant);
  return {
    sites: [making, test],
    gainNs: { value, low: LEAST_SAVED * low, high },
    words: () => ({
      title: `a ${made[1] === 'sorted' ? 'list' : made[1]} is made for one test in ${making.function}, and thrown away`,
      evidence: [
        `made ${count(countOf(making))} times, ${duration(variant.p50Ns ?? 0)} each (p50); the test takes ${duration(test.p50Ns ?? 0)}`,
      ],
      remedy: 'make it once, before the loop; or test in what it is made from',
    }),
  };
}
