import type { Rule } from '../finding.ts';
import { countOf, executions, familyOfSite, type Measured, type Site } from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

/** Ways to find an attribute that the interpreter remembers for one type. */
const REMEMBERED: ReadonlySet<string> = new Set(['instance', 'slot', 'class', 'method']);

const LEAST_TYPES = 4;
const LEAST_EXECUTIONS = 1000;

/** An attribute load at which objects of many types pass, and that takes longer than those with one type. */
export const megamorphic: Rule = rule(
  'megamorphic',
  'an attribute found in objects of four types and more, slower than the same of one type (--types)',
  (measured) => {
    const usual = usualNs(measured);
    if (usual === undefined) return [];
    return measured.sites.map((site) => findAt(measured, site, Math.max(usual, measured.floorNs)));
  },
);

function isLookup(site: Site): boolean {
  return familyOfSite(site) === 'attr' && site.opcode.startsWith('LOAD') && site.count >= LEAST_EXECUTIONS;
}

function typesOf(site: Site): string[] {
  return site.variants
    .filter(({ how, count: executed }) => REMEMBERED.has(how) && executed >= site.count / 50)
    .map(({ type }) => type ?? '?');
}

/** What loads of one type take here: the middle one of their medians. */
function usualNs({ sites }: Measured): number | undefined {
  const medians = sites
    .filter((site) => isLookup(site) && site.variants.length === 1 && typesOf(site).length === 1)
    .map(({ p50Ns }) => p50Ns ?? 0)
    .toSorted((a, b) => a - b);
  return medians.at(medians.length >> 1);
}

function findAt(measured: Measured, site: Site, usual: number): Candidate | undefined {
  if (!isLookup(site)) return undefined;
  const types = typesOf(site);
  const more = (site.p50Ns ?? 0) - usual;
  if (types.length < LEAST_TYPES || more < measured.floorNs) return undefined;
  const gainNs = executions(countOf(site), Math.max(1, more - measured.floorNs), more + measured.floorNs);
  const some = types.slice(0, 3).join(', ');
  return {
    sites: [site],
    gainNs,
    words: () => ({
      title: `.${site.name} is looked up in objects of ${types.length} types, so the interpreter cannot remember where it is`,
      evidence: [
        `${count(countOf(site))} lookups in ${some} and others, ${duration(site.p50Ns ?? 0)} each (p50); with one type they take ${duration(usual)}`,
      ],
      remedy: 'treat each type in a loop of its own, or store the attribute in one class that all share',
    }),
  };
}
