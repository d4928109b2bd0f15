import type { Rule } from '../finding.ts';
import { costOf, countOf, familyOfSite, groupBy, type Measured, type Site, sumOf } from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

const LEAST_EXECUTIONS = 100;

/** An import statement in a function that runs often. */
export const localImport: Rule = rule(
  'local-import',
  'an import statement in a function, executed again and again (import)',
  (measured) =>
    measured.functions.flatMap((sites) => {
      const imports = sites.filter((site) => familyOfSite(site) === 'import' && site.function !== '<module>');
      return groupBy(imports, ({ line }) => String(line)).map((group) => findAt(measured, group));
    }),
);

function findAt(measured: Measured, sites: [Site, ...Site[]]): Candidate | undefined {
  const [first] = sites;
  const times = countOf(first);
  const gainNs = sumOf(sites.map((site) => costOf(measured, site)));
  if (times < LEAST_EXECUTIONS) return undefined;
  return {
    sites,
    gainNs,
    words: () => ({
      title: `${first.function} imports ${first.name} each time it is called`,
      evidence: [
        `${count(times)} times, ${duration(gainNs.value / times)} each, though the module is loaded`,
      ],
      remedy: 'import it at the top of the module',
    }),
  };
}
