import type { Interval } from '../../profile/profile.ts';
import type { Rule } from '../finding.ts';
import {
  costOf,
  countOf,
  executions,
  groupBy,
  isAddition,
  lessBy,
  type Measured,
  mostly,
  type Site,
  sumOf,
  textOf,
} from '../measured.ts';
import { type Candidate, rule } from '../rule.ts';
import { count, duration } from '../words.ts';

/** Additions of these copy both operands. */
const COPIED: ReadonlySet<string> = new Set(['str', 'bytes', 'list', 'tuple']);

/** What one piece more takes in a join, an f-string or a list display, beside its copy. */
const PIECE_NS: readonly [number, number] = [10, 100];

/** Freeing the temporary, as a part of making it: not measured, and each item of a list is let go one by one. */
const FREEING: Readonly<Record<string, number>> = { str: 0.3, bytes: 0.3, list: 1, tuple: 1 };

/** A copy that is left out here may be a slower one there. */
const LEAST_PART = 0.5;

const LEAST_EXECUTIONS = 50;

/** `a + b + c`, where `a + b` is a temporary of which the next addition makes another copy. */
export const concatenation: Rule = rule(
  'concatenation',
  'a + b + c of texts or lists so long that copying the temporary a + b takes its time (--types; versions with columns)',
  (measured) =>
    measured.functions.flatMap((sites) => chainsIn(sites).map((chain) => findAt(measured, chain))),
);

/** Additions that begin at one place of the source: each but the last is the left operand of the next. */
function chainsIn(sites: readonly Site[]): [Site, ...Site[]][] {
  const additions = sites.filter((site) => isAddition(site) && site.column !== null);
  return groupBy(additions, ({ line, column }) => `${line}:${column}`).filter(({ length }) => length > 1);
}

function findAt(measured: Measured, chain: readonly Site[]): Candidate | undefined {
  const sorted = chain.toSorted(
    (a, b) => (a.endLine ?? 0) - (b.endLine ?? 0) || (a.endColumn ?? 0) - (b.endColumn ?? 0),
  );
  const [last, ...inner] = sorted.toReversed();
  const type = typeOf(last);
  if (type === undefined || last.count < LEAST_EXECUTIONS || inner.some((site) => typeOf(site) !== type)) {
    return undefined;
  }
  const longest = inner.reduce((most, { p50Ns }) => Math.max(most, p50Ns ?? 0), 0);
  if (longest < 2 * PIECE_NS[1]) return undefined;
  const gainNs = withFreeing(sumOf(inner.map((site) => savedAt(measured, site))), FREEING[type]);
  const [first] = inner;
  return {
    sites: [first, ...inner.slice(1), last],
    gainNs,
    words: () => ({
      title: `${textOf(measured, last) ?? 'a + b + c'} copies ${inner.length === 1 ? 'a temporary' : `${inner.length} temporaries`} of type ${type}`,
      evidence: [
        `${count(countOf(last))} times; making the longest temporary takes ${duration(longest)} (p50)`,
      ],
      remedy:
        type === 'str' || type === 'bytes'
          ? 'join the pieces in one step, which copies each of them once'
          : 'make it in one step, [*a, *b, *c], which copies each of them once',
    }),
  };
}

function typeOf(site: Site): string | undefined {
  const variant = mostly(site, ({ type, otherType }) => COPIED.has(type ?? '') && type === otherType, 0.9);
  return variant?.type ?? undefined;
}

function savedAt(measured: Measured, site: Site): Interval {
  return lessBy(costOf(measured, site), executions(countOf(site), ...PIECE_NS));
}

function withFreeing({ value, low, high }: Interval, freeing: number): Interval {
  return { value: (1 + freeing / 2) * value, low: LEAST_PART * low, high: (1 + freeing) * high };
}
