import type { Rule } from '../finding.ts';
import {
  costOf,
  countOf,
  executions,
  familyOfSite,
  grows,
  isAddition,
  lessBy,
  lineOf,
  type Measured,
  mostly,
  type Site,
} from '../measured.ts';
import { type Candidate, ruleOfSites } from '../rule.ts';
import { count, spread } from '../words.ts';

/** Additions of these copy the left operand, which is all that was added before. */
const COPIED: ReadonlySet<string> = new Set(['str', 'bytes', 'tuple']);

/** What an append to a list takes, and the item's part of a join. */
const APPEND_NS: readonly [number, number] = [10, 100];

/**
 * What freeing the text before takes, as a part of copying it, at most: in the store behind, which nobody measures. Nothing to
 * speak of where it goes back to the heap, a quarter where it is given back to the system.
 */
const FREEING = 0.3;

const LEAST_EXECUTIONS = 50;

/** An addition that copies what it adds to. */
export const stringGrowth: Rule = ruleOfSites(
  'string-growth',
  'additions to a str, bytes or tuple, or x = x + y of lists, whose durations grow with what was added before (--types)',
  findAt,
);

function findAt(measured: Measured, site: Site): Candidate | undefined {
  if (familyOfSite(site) !== 'arith') return undefined;
  const inPlace = addsInPlace(site);
  if (!inPlace && !addsToItself(measured, site)) return undefined;
  const isCopied = (type: string | null): boolean => COPIED.has(type ?? '') || (!inPlace && type === 'list');
  const variant = mostly(site, ({ type, otherType }) => isCopied(type) && type === otherType);
  if (variant === undefined || variant.count < LEAST_EXECUTIONS || !grows(measured, site)) return undefined;
  const copying = costOf(measured, site, variant);
  const { value, low, high } = lessBy(copying, executions(countOf(site), ...APPEND_NS));
  const gainNs = { value, low, high: high + FREEING * copying.high };
  const { type } = variant;
  return {
    sites: [site],
    gainNs,
    words: () => ({
      title: `${inPlace ? '+=' : '+'} copies the whole ${type} each time`,
      evidence: [`${count(countOf(site))} additions; ${spread(variant)}`],
      remedy: remedyFor(type),
    }),
  };
}

function remedyFor(type: string | null): string {
  if (type === 'list') return 'append to the list that is there, or extend it by +=';
  return type === 'tuple'
    ? 'append to a list, and make the tuple at the end'
    : 'append the pieces to a list, and join them at the end';
}

function addsInPlace({ opcode, name }: Site): boolean {
  return opcode === 'INPLACE_ADD' || (opcode === 'BINARY_OP' && name === '+=');
}

/** `x = x + y`, by what stands in the line. */
function addsToItself(measured: Measured, site: Site): boolean {
  return isAddition(site) && /^\s*([\w.]+)\s*=\s*\1\s*\+/.test(lineOf(measured, site) ?? '');
}
