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

const LEAST_EXECUTIONS = 100;

/** What looking up the name of a compiled pattern takes. */
const NAME_NS: readonly [number, number] = [0, 30];

/** A pattern that is compiled, or looked up among the compiled ones, again and again. */
export const regexCompile: Rule = ruleOfSites(
  'regex-compile',
  're.compile in a function, executed again and again (--types)',
  findAt,
);

function findAt(measured: Measured, site: Site): Candidate | undefined {
  if (familyOfSite(site) !== 'call' || site.function === '<module>' || site.count < LEAST_EXECUTIONS)
    return undefined;
  const variant = mostly(site, ({ callee }) => callee === 're.compile');
  if (variant === undefined) return undefined;
  const gainNs = lessBy(costOf(measured, site, variant), executions(countOf(site), ...NAME_NS));
  return {
    sites: [site],
    gainNs,
    words: () => ({
      title: `re.compile is called each time in ${site.function}`,
      evidence: [`${count(countOf(site))} times, ${duration(variant.p50Ns ?? 0)} each (p50)`],
      remedy: 'compile the pattern once, at the top of the module',
    }),
  };
}
