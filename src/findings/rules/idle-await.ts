import type { Rule } from '../finding.ts';
import { countOf, executions, type Measured, type Site, textOf } from '../measured.ts';
import { type Candidate, ruleOfSites } from '../rule.ts';
import { count, duration } from '../words.ts';

const LEAST_EXECUTIONS = 1000;

/** Part of the time of the shortest awaits that the coroutine itself costs, beyond a call. */
const COROUTINE_PART: readonly [number, number] = [0.2, 0.9];

/** An await that never gives control away. */
export const idleAwait: Rule = ruleOfSites(
  'await-never-suspends',
  'an await that was executed often and never suspended (await)',
  findAt,
);

function findAt(measured: Measured, site: Site): Candidate | undefined {
  const { suspensions } = site;
  if (site.kind !== 'await' || suspensions === null || suspensions.count > 0) return undefined;
  const least = site.minNs ?? 0;
  const gainNs = executions(countOf(site), COROUTINE_PART[0] * least, COROUTINE_PART[1] * least);
  if (site.count < LEAST_EXECUTIONS) return undefined;
  return {
    sites: [site],
    gainNs,
    words: () => ({
      title: `${textOf(measured, site) ?? 'await'} never waits`,
      evidence: [
        `${count(countOf(site))} awaits, none of them suspended; ${duration(site.p50Ns ?? 0)} each (p50)`,
      ],
      remedy: 'call a plain function, or take many items for each await',
    }),
  };
}
