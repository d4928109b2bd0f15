import type { VariantStats } from '../../profile/profile.ts';
import type { Rule } from '../finding.ts';
import {
  costOf,
  countOf,
  familyOfSite,
  groupBy,
  type Measured,
  mostly,
  type Site,
  sumOf,
  textOf,
} from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

const COMPUTES: ReadonlySet<string> = new Set(['property', 'descriptor', '__getattr__', '__getattribute__']);

/** Reads for each execution of the one that is executed most often. */
const LEAST_READS = 1.5;

/** A property that is read several times on one object in one function. */
export const repeatedProperty: Rule = rule(
  'repeated-property',
  'a property, or an attribute that __getattr__ makes, read several times on one object in one function (--types)',
  (measured) => measured.functions.flatMap((sites) => findIn(measured, sites)),
);

function findIn(measured: Measured, sites: readonly Site[]): (Candidate | undefined)[] {
  const reads = sites.filter((site) => computed(site) !== undefined);
  return groupBy(reads, (site) => `${site.name} ${receiverOf(measured, site)} ${computed(site)?.type}`)
    .flatMap((group) => splitWhereRebound(measured, group))
    .map((group) => findingOf(measured, group));
}

function computed(site: Site): VariantStats | undefined {
  return familyOfSite(site) === 'attr' && site.opcode.startsWith('LOAD')
    ? mostly(site, ({ how }) => COMPUTES.has(how))
    : undefined;
}

/** The expression before the dot, as far as names and dots reach. */
function receiverOf(measured: Measured, site: Site): string | undefined {
  const text = textOf(measured, site);
  const end = text?.search(new RegExp(`\\.\\s*${site.name}\\b`)) ?? -1;
  return end < 0 ? undefined : /[\w.]*$/.exec(text?.slice(0, end) ?? '')?.[0];
}

/** Where the object's name, or the attribute, gets another value between two reads, they are not the same read. */
function splitWhereRebound(measured: Measured, sites: readonly Site[]): [Site, ...Site[]][] {
  const [first] = sites;
  const lines = measured.source(first.file);
  const root = receiverOf(measured, first)?.split('.')[0];
  if (lines === undefined || !root) return sites.length > 0 ? [[first, ...sites.slice(1)]] : [];
  const rebinds = new RegExp(
    `\\bfor\\b[^:]*\\b${root}\\b[^:]*\\bin\\b|\\bas\\s+${root}\\b|^\\s*(?:[\\w, ]+,\\s*)?${root}\\s*[-+*/|&]?=(?!=)|\\.${first.name}\\s*[-+*/|&]?=(?!=)`,
  );
  let at = 0;
  let from = first.line ?? 0;
  const parts = groupBy(sites, ({ line }) => {
    const between = lines.slice(from, line ?? from);
    if (between.some((text) => rebinds.test(text))) at++;
    from = Math.max(from, line ?? from);
    return String(at);
  });
  return parts;
}

function findingOf(measured: Measured, sites: [Site, ...Site[]]): Candidate | undefined {
  const kept = sites.reduce((most, site) => (countOf(site) > countOf(most) ? site : most));
  const all = sites.reduce((sum, site) => sum + countOf(site), 0);
  const reads = all / countOf(kept);
  const others = sites.filter((site) => site !== kept);
  const gainNs = sumOf(others.map((site) => costOf(measured, site)));
  const each = steadyMean(measured, sites, all);
  if (reads < LEAST_READS || each < 3 * measured.floorNs) return undefined;
  const variant = computed(kept);
  const what = `${receiverOf(measured, kept) || variant?.type || 'object'}.${kept.name}`;
  const how = variant?.how === 'property' ? 'a property' : `made by ${variant?.how}`;
  return {
    sites: [kept, ...others],
    gainNs,
    words: () => ({
      title: `${what} is ${how} and is read ${reads.toFixed(1)} times on the same object in ${kept.function}`,
      evidence: [
        `${count(all)} reads at ${sites.length} places, ${duration(each)} each; ${count(countOf(kept))} would do`,
      ],
      remedy: `read ${what} once into a local variable, if it stays the same meanwhile`,
    }),
  };
}

function steadyMean(measured: Measured, sites: readonly Site[], all: number): number {
  return sumOf(sites.map((site) => costOf(measured, site))).value / all;
}
