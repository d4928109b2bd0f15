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

const LEAST_EXECUTIONS = 1000;

/** A loop at the top level of a module, whose variables are looked up by name. */
export const moduleNames: Rule = {
  name: 'module-level-loop',
  about:
    'names looked up again and again at the top level of a module, where no variable is local (LOAD_NAME)',
  find: (measured) =>
    groupBy(measured.sites.filter(isLoopName), ({ file }) => file).flatMap((sites) =>
      findIn(measured, sites),
    ),
};

function isLoopName({ opcode, function: name, count: executed }: Site): boolean {
  return /^(?:LOAD|STORE)_NAME$/.test(opcode) && name === '<module>' && executed >= LEAST_EXECUTIONS;
}

function findIn(measured: Measured, sites: [Site, ...Site[]]): Finding[] {
  const gainNs = sumOf(sites.map((site) => costOf(measured, site)));
  if (!isWorthwhile(measured, gainNs)) return [];
  const all = sites.reduce((sum, site) => sum + countOf(site), 0);
  const names = [...new Set(sites.map(({ name }) => name))].slice(0, 4).join(', ');
  return [
    findingAt(sites, {
      rule: moduleNames.name,
      title: 'a loop at the top level of the module looks its variables up by name',
      evidence: [`${count(all)} lookups of ${names}, ${duration(gainNs.value / all)} each`],
      remedy: 'put the loop into a function, where variables need no lookup',
      gainNs,
    }),
  ];
}
