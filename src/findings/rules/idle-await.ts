import type { Finding, Rule } from '../finding.ts';
import {
  countOf,
  executions,
  findingAt,
  isWorthwhile,
  type Measured,
  type Site,
  textOf,
} from '../measured.ts';
import { count, duration } from '../words.ts';

const LEAST_EXECUTIONS = 1000;

/** Part of the time of the shortest awaits that the coroutine itself costs, beyond a call. */
const COROUTINE_PART: readonly [number, number] = [0.2, 0.9];

/** An await that never gives control away. */
export const idleAwait: Rule = {
  name: 'await-never-suspends',
  about: 'an await that was executed often and never suspended (await)',
  find: (measured) => measured.sites.flatMap((site) => findAt(measured, site)),
};

function findAt(measured: Measured, site: Site): Finding[] {
  const { suspensions } = site;
  if (site.kind !== 'await' || suspensions === null || suspensions.count > 0) return [];
  const least = site.minNs ?? 0;
  const gainNs = executions(countOf(site), COROUTINE_PART[0] * least, COROUTINE_PART[1] * least);
  if (site.count < LEAST_EXECUTIONS || !isWorthwhile(measured, gainNs)) return [];
  return [
    findingAt([site], {
      rule: idleAwait.name,
      title: `${textOf(measured, site) ?? 'await'} never waits`,
      evidence: [
        `${count(countOf(site))} awaits, none of them suspended; ${duration(site.p50Ns ?? 0)} each (p50)`,
      ],
      remedy: 'call a plain function, or take many items for each await',
      gainNs,
    }),
  ];
}
