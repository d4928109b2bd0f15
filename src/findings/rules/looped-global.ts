import type { Rule } from '../finding.ts';
import { costOf, countOf, groupBy, type Measured, type Site, sumOf } from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

const LEAST_EXECUTIONS = 1000;

/**
 * A lookup that the interpreter remembers takes a nanosecond, two dictionaries ten to twenty; in a program with probes, whose
 * caches are theirs, a few times as much. What takes longer than this is something else.
 */
const LEAST_NS = 100;

/** What cannot be told from zero may be shown as the floor, and what is short as somewhat more. */
const LEAST_FLOORS = 5;

/** Lookups for each call of the function, before they are taken for those of a loop. */
const LEAST_LOOKUPS = 10;

/** A global or builtin that a loop in a function looks up again and again, that takes longer than the interpreter's own lookup. */
export const loopedGlobal: Rule = rule(
  'looped-global',
  'a global or builtin looked up many times for each call of a function, each time longer than a dictionary takes (global)',
  (measured) => measured.functions.flatMap((sites) => findIn(measured, sites)),
);

function findIn(measured: Measured, sites: readonly Site[]): (Candidate | undefined)[] {
  const loads = sites.filter((site) => isSlow(measured, site));
  return groupBy(loads, ({ name }) => name ?? '').map((group) => findAt(measured, group, sites));
}

/** Half of them take longer than a lookup of the interpreter's own. */
function isSlow({ floorNs }: Measured, { opcode, function: name, count: executed, p50Ns }: Site): boolean {
  const isLookup = opcode === 'LOAD_GLOBAL' && name !== '<module>' && executed >= LEAST_EXECUTIONS;
  return isLookup && (p50Ns ?? 0) >= Math.max(LEAST_NS, LEAST_FLOORS * floorNs);
}

function findAt(measured: Measured, loads: [Site, ...Site[]], sites: readonly Site[]): Candidate | undefined {
  const [first] = loads;
  const all = loads.reduce((sum, site) => sum + countOf(site), 0);
  const calls = callsOf(measured, first, sites);
  const perCall = all / loads.length / calls;
  if (perCall < LEAST_LOOKUPS) return undefined;
  const cost = sumOf(loads.map((site) => costOf(measured, site)));
  const left = 1 - 1 / perCall;
  // As much of each may be what any lookup takes among probes, and not without them.
  const low = Math.max(0, cost.low - all * LEAST_NS);
  const gainNs = { value: left * cost.value, low: left * low, high: left * cost.high };
  return {
    sites: loads,
    gainNs,
    words: () => ({
      title: `${first.name} is a global that ${first.function} looks up ${count(perCall)} times for each call`,
      evidence: [`${count(all)} lookups, ${duration(cost.value / all)} each`],
      remedy: `assign ${first.name} to a local variable before the loop, if it stays the same meanwhile`,
    }),
  };
}

/** By those who call it, or else by what comes first in it. */
function callsOf({ sites: all }: Measured, { function: name }: Site, sites: readonly Site[]): number {
  const seen = all
    .flatMap(({ variants }) => variants)
    .filter(({ how, callee }) => how === 'python function' && callee?.endsWith(`.${name}`) === true)
    .reduce((sum, variant) => sum + variant.count, 0);
  const [first] = sites.toSorted((a, b) => a.position - b.position);
  return Math.max(1, seen > 0 ? seen : countOf(first));
}
