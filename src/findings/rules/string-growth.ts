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

/** Additions of these copy the left operand, which is all that was added before. */
const COPIED: ReadonlySet<string> = new Set(['str', 'bytes', 'tuple']);

/** What an append to a list takes, and the item's part of a join. */
const APPEND_NS: readonly [number, number] = [10, 100];

const LEAST_EXECUTIONS = 50;

/** `+=` that copies what it grows. */
export const stringGrowth: Rule = ruleOfSites(
  'string-growth',
  '+= on a str, bytes or tuple whose durations grow with what was added before (--types)',
  findAt,
);

function findAt(measured: Measured, site: Site): Candidate | undefined {
  if (familyOfSite(site) !== 'arith' || !addsInPlace(site)) return undefined;
  const variant = mostly(site, ({ type, otherType }) => COPIED.has(type ?? '') && type === otherType);
  if (variant === undefined || variant.count < LEAST_EXECUTIONS || !grows(measured, site)) return undefined;
  const gainNs = lessBy(costOf(measured, site, variant), executions(countOf(site), ...APPEND_NS));
  const { type, p50Ns, minNs, maxNs } = variant;
  return {
    sites: [site],
    gainNs,
    words: () => ({
      title: `+= copies the whole ${type} each time`,
      evidence: [
        `${count(countOf(site))} additions; the shortest took ${duration(minNs ?? 0)}, half of them ${duration(p50Ns ?? 0)} or more, the longest ${duration(maxNs ?? 0)}`,
      ],
      remedy:
        type === 'tuple'
          ? 'append to a list, and make the tuple at the end'
          : `append the pieces to a list, and join them at the end`,
    }),
  };
}

function addsInPlace({ opcode, name }: Site): boolean {
  return opcode === 'INPLACE_ADD' || (opcode === 'BINARY_OP' && name === '+=');
}

/** Copies take longer as the text grows: spread evenly between the first and the last, not all alike. */
function grows(measured: Measured, { p50Ns, p90Ns, minNs }: Site): boolean {
  const [first, middle, late] = [minNs ?? 0, p50Ns ?? 0, p90Ns ?? 0];
  return (
    middle > 10 * measured.floorNs && late > 1.3 * middle && middle > 3 * Math.max(first, measured.floorNs)
  );
}
