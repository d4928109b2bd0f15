import type { Rule } from '../finding.ts';
import { costOf, countOf, groupBy, type Measured, type Site, sumOf } from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

const LEAST_EXECUTIONS = 1000;

/** A loop at the top level of a module, whose variables are looked up by name. */
export const moduleNames: Rule = rule(
  'module-level-loop',
  'names looked up again and again at the top level of a module, where no variable is local (LOAD_NAME)',
  (measured) =>
    groupBy(measured.sites.filter(isLoopName), ({ file }) => file).map((sites) => findIn(measured, sites)),
);

function isLoopName({ opcode, function: name, count: executed }: Site): boolean {
  return /^(?:LOAD|STORE)_NAME$/.test(opcode) && name === '<module>' && executed >= LEAST_EXECUTIONS;
}

function findIn(measured: Measured, sites: [Site, ...Site[]]): Candidate | undefined {
  const gainNs = sumOf(sites.map((site) => costOf(measured, site)));
  const all = sites.reduce((sum, site) => sum + countOf(site), 0);
  const names = [...new Set(sites.map(({ name }) => name))].slice(0, 4).join(', ');
  return {
    sites,
    gainNs,
    words: () => ({
      title: 'a loop at the top level of the module looks its variables up by name',
      evidence: [`${count(all)} lookups of ${names}, ${duration(gainNs.value / all)} each`],
      remedy: 'put the loop into a function, where variables need no lookup',
    }),
  };
}
