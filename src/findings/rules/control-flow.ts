import type { Interval } from '../../profile/profile.ts';
import type { Finding, Rule } from '../finding.ts';
import {
  costOf,
  countOf,
  findingAt,
  isCallOf,
  isWorthwhile,
  type Measured,
  type Site,
  textOf,
} from '../measured.ts';
import { count, duration } from '../words.ts';

const LEAST_RAISED = 50;
const LEAST_PART = 0.1;

/** An operation that fails again and again, and whose exception the function itself catches. */
export const controlFlow: Rule = {
  name: 'exceptions-as-control-flow',
  about: 'an operation that often raises an exception which the function around it catches (--types)',
  find: (measured) => measured.sites.flatMap((site) => findAt(measured, site)),
};

function findAt(measured: Measured, site: Site): Finding[] {
  const fails = site.raised >= LEAST_RAISED && site.raised >= LEAST_PART * site.count;
  if (!fails || site.opcode === 'RAISE_VARARGS' || site.kind === 'await' || !isCaughtAround(measured, site))
    return [];
  const gainNs = costOfFailing(measured, site);
  if (!isWorthwhile(measured, gainNs)) return [];
  const part = site.raised / site.count;
  const what = textOf(measured, site) ?? site.name ?? site.opcode;
  return [
    findingAt([site], {
      rule: controlFlow.name,
      title: `${what} raises an exception ${part > 0.99 ? 'each time' : `${(part * 100).toFixed(0)} % of the time`}, which ${site.function} catches`,
      evidence: [
        `${count(countOf(site))} times, ${count(countOf(site) * part)} of them failed; half took up to ${duration(site.p50Ns ?? 0)}, 1 % more than ${duration(site.p99Ns ?? 0)}`,
      ],
      remedy: 'test before (in, .get, a type or a pattern), so that no exception is made for what is usual',
      gainNs,
    }),
  ];
}

/** Nobody who called the function saw the exception. */
function isCaughtAround({ sites }: Measured, { function: qualname, raised }: Site): boolean {
  const passed = sites
    .filter((site) => site.variants.some(({ callee }) => isCallOf(callee, qualname)))
    .reduce((sum, site) => sum + site.raised, 0);
  return passed < raised / 10;
}

/** Failing takes longer than succeeding: between a mean share of the time and that of the longest executions. */
function costOfFailing(measured: Measured, site: Site): Interval {
  const cost = costOf(measured, site);
  const part = site.raised / site.count;
  const slowest = longest(site, site.raised);
  const high = Math.min(cost.high, Math.max(slowest, cost.high * part));
  const low = 0.5 * part * cost.low;
  return { value: Math.max(low, (part * cost.value + Math.min(slowest, cost.value)) / 2), low, high };
}

/** Sum of the longest executions. */
function longest({ histogram: { values, counts } }: Site, executions: number): number {
  let left = executions;
  let sum = 0;
  for (let i = values.length - 1; i >= 0 && left > 0; i--) {
    const taken = Math.min(left, counts[i]);
    sum += taken * values[i];
    left -= taken;
  }
  return sum;
}
