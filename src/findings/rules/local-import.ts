import type { Finding, Rule } from '../finding.ts';
import {
  costOf,
  countOf,
  findingAt,
  groupBy,
  isWorthwhile,
  type Measured,
  type Site,
  sumOf,
} from '../measured.ts';
import { count, duration } from '../words.ts';

const LEAST_EXECUTIONS = 100;

/** An import statement in a function that runs often. */
export const localImport: Rule = {
  name: 'local-import',
  about: 'an import statement in a function, executed again and again (import)',
  find: (measured) =>
    measured.functions.flatMap((sites) => {
      const imports = sites.filter((site) => site.family === 'import' && site.function !== '<module>');
      return groupBy(imports, ({ line }) => String(line)).flatMap((group) => findAt(measured, group));
    }),
};

function findAt(measured: Measured, sites: [Site, ...Site[]]): Finding[] {
  const [first] = sites;
  const times = countOf(first);
  const gainNs = sumOf(sites.map((site) => costOf(measured, site)));
  if (times < LEAST_EXECUTIONS || !isWorthwhile(measured, gainNs)) return [];
  return [
    findingAt(sites, {
      rule: localImport.name,
      title: `${first.function} imports ${first.name} each time it is called`,
      evidence: [
        `${count(times)} times, ${duration(gainNs.value / times)} each, though the module is loaded`,
      ],
      remedy: 'import it at the top of the module',
      gainNs,
    }),
  ];
}
