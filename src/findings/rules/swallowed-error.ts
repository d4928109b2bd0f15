import type { Rule } from '../finding.ts';
import {
  costOf,
  countOf,
  executions,
  lessBy,
  type Measured,
  mostly,
  type Site,
  textOf,
} from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

/** What `hasattr` takes that finds what it looks for, or does not raise. */
const FOUND_NS: readonly [number, number] = [15, 80];

const HOOKS = /(?:^|\.)(?:__getattr__|__getattribute__)$/;

/** Part of the lookups that fail, at least. */
const LEAST_PART = 0.5;

/** `hasattr` and `getattr` with a default, whose lookup ran Python code that raised. */
export const swallowedError: Rule = rule(
  'swallowed-error',
  'hasattr, or getattr with a default, behind which Python code raised an exception that nobody sees (--types; raise)',
  (measured) => {
    const raised = measured.sites.filter(
      (site) => site.opcode === 'RAISE_VARARGS' && HOOKS.test(site.function),
    );
    const asking = measured.sites.filter(asksForAttribute);
    const told = asking.filter((site) => site.swallowed > 0 && site.swallowed >= LEAST_PART * site.count);
    const sites = told.length > 0 ? told : guessed(measured, asking, raised);
    return sites.map((site) => findAt(measured, site, raised));
  },
);

function asksForAttribute(site: Site): boolean {
  const asks = mostly(site, ({ callee }) => callee === 'hasattr' || callee === 'getattr');
  return asks !== undefined && site.raised < LEAST_PART * site.count;
}

/** Where nobody recorded what was swallowed: lookups with operations inside, if hooks raised as often. */
function guessed(measured: Measured, asking: readonly Site[], raised: readonly Site[]): readonly Site[] {
  const sites = asking.filter((site) => site.totalNs - site.selfNs > measured.floorNs * site.count);
  return executed(raised) > 0 && executed(raised) >= LEAST_PART * executed(sites) ? sites : [];
}

function executed(sites: readonly Site[]): number {
  return sites.reduce((sum, site) => sum + countOf(site), 0);
}

function findAt(measured: Measured, site: Site, raised: readonly Site[]): Candidate | undefined {
  const gainNs = lessBy(costOf(measured, site), executions(countOf(site), ...FOUND_NS));
  const call = textOf(measured, site)?.match(/\b(?:has|get)attr\([^()]*\)/)?.[0] ?? `${site.name}()`;
  const where = raised.at(0)?.function ?? 'Python code';
  return {
    sites: [site, ...raised],
    gainNs,
    words: () => ({
      title: `${call} runs ${where}, which raises an exception that is swallowed`,
      evidence: [
        `${count(countOf(site))} lookups, ${duration(site.p50Ns ?? 0)} each (p50)`,
        ...(raised.length > 0 ? [`${count(executed(raised))} exceptions raised in ${where}`] : []),
      ],
      remedy: 'give the class the attribute with a default (None), and test that',
    }),
  };
}
