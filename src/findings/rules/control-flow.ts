import type { Interval } from '../../profile/profile.ts';
import type { Rule } from '../finding.ts';
import { costOf, countOf, type Measured, type Site, textOf } from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

const LEAST_RAISED = 50;
const LEAST_PART = 0.1;

/** An operation that fails again and again, and whose exception the function itself catches. */
export const controlFlow: Rule = rule(
  'exceptions-as-control-flow',
  'an operation that often raises an exception which the function around it catches (--types)',
  (measured) => {
    const failing = measured.sites.filter(fails);
    const passed = failing.length === 0 ? new Map<string, number>() : raisedByCallee(measured);
    // Nobody who called the function saw the exceptions.
    const caught = failing.filter((site) => (passed.get(site.function) ?? 0) < site.raised / 10);
    return caught.map((site) => candidateAt(measured, site));
  },
);

function fails({ raised, count: executed, opcode, kind }: Site): boolean {
  const isOften = raised >= LEAST_RAISED && raised >= LEAST_PART * executed;
  return isOften && opcode !== 'RAISE_VARARGS' && kind !== 'await';
}

function candidateAt(measured: Measured, site: Site): Candidate {
  const gainNs = costOfFailing(measured, site);
  const part = site.raised / site.count;
  const what = textOf(measured, site) ?? site.name ?? site.opcode;
  return {
    sites: [site],
    gainNs,
    words: () => ({
      title: `${what} raises an exception ${part > 0.99 ? 'each time' : `${(part * 100).toFixed(0)} % of the time`}, which ${site.function} catches`,
      evidence: [
        `${count(countOf(site))} times, ${count(countOf(site) * part)} of them failed; half took up to ${duration(site.p50Ns ?? 0)}, 1 % more than ${duration(site.p99Ns ?? 0)}`,
      ],
      remedy: 'test before (in, .get, a type or a pattern), so that no exception is made for what is usual',
    }),
  };
}

/** Exceptions that calls ended by, for each name that may be the callee's: with its module and without. */
function raisedByCallee({ sites }: Measured): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { raised, variants } of sites) {
    if (raised === 0) continue;
    for (const name of new Set(variants.flatMap(({ callee }) => namesOf(callee ?? '')))) {
      sums.set(name, (sums.get(name) ?? 0) + raised);
    }
  }
  return sums;
}

/** `app.Order.total`, `Order.total`, `total`. */
function namesOf(callee: string): string[] {
  const parts = callee.split('.');
  return parts.map((_, i) => parts.slice(i).join('.'));
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
