import type { Rule } from '../finding.ts';
import {
  costOf,
  countOf,
  executions,
  familyOfSite,
  grows,
  lessBy,
  lineOf,
  type Measured,
  mostly,
  type Site,
} from '../measured.ts';
import { type Candidate, ruleOfSites } from '../rule.ts';
import { count, spread } from '../words.ts';

/** Slices of these are copies. */
const COPIED: ReadonlySet<string> = new Set(['str', 'bytes', 'bytearray', 'list', 'tuple']);

/** What adding to an index takes instead, with a test of it. */
const INDEX_NS: readonly [number, number] = [10, 60];

/** Slices that copy next to nothing take less. */
const LEAST_NS = 300;

const LEAST_EXECUTIONS = 50;

/** What is left of a sequence, copied each time that something is taken off its front. */
export const consumedSlices: Rule = ruleOfSites(
  'consumed-slices',
  'x = x[n:] whose durations are those of copying all that is left (--types; slice, subscript)',
  findAt,
);

function findAt(measured: Measured, site: Site): Candidate | undefined {
  if (familyOfSite(site) !== 'subscript' || site.count < LEAST_EXECUTIONS) return undefined;
  const name = /^\s*([\w.]+)\s*=\s*\1\[[^:\]]+:\]\s*(?:#.*)?$/.exec(lineOf(measured, site) ?? '')?.[1];
  const variant = mostly(site, ({ type }) => COPIED.has(type ?? ''));
  if (name === undefined || variant === undefined || !grows(measured, site)) return undefined;
  if ((variant.p50Ns ?? 0) < LEAST_NS) return undefined;
  const gainNs = lessBy(costOf(measured, site, variant), executions(countOf(site), ...INDEX_NS));
  return {
    sites: [site],
    gainNs,
    words: () => ({
      title: `each ${name}[…:] copies all that is left of the ${variant.type}`,
      evidence: [`${count(countOf(site))} slices; ${spread(variant)}`],
      remedy: `leave ${name} as it is and count an index up, or take items off a collections.deque`,
    }),
  };
}
