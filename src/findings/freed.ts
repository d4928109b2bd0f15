import type { Profile, VariantStats } from '../profile/profile.ts';
import type { FreedType } from './categories.ts';

/** What operations freed, by type, as far as they were looked at; what took longest first. */
export function freedByType({ sites }: Pick<Profile, 'sites'>): FreedType[] {
  const sums = new Map<string | null, { count: number; ns: number }>();
  for (const { variants, estimate, count, selfNs } of sites) {
    const timed = {
      count: scaleOf(estimate?.count.value, count),
      ns: scaleOf(estimate?.selfNs.value, selfNs),
    };
    for (const variant of variants) {
      const types = typesOf(variant);
      for (const type of types) {
        const sum = sums.get(type) ?? { count: 0, ns: 0 };
        sum.count += variant.count * timed.count;
        sum.ns += (variant.selfNs * timed.ns) / types.length;
        sums.set(type, sum);
      }
    }
  }
  return [...sums]
    .map(([type, { count, ns }]) => ({ type, count: Math.round(count), ns }))
    .toSorted((a, b) => b.ns - a.ns || b.count - a.count);
}

/** Of two variables that one instruction stores to, what both freed. */
function typesOf({ how, frees, freed, otherType }: VariantStats): (string | null)[] {
  if (frees !== true) return [];
  return how === 'freed' && otherType !== null ? [freed, otherType] : [freed];
}

/** How many times what was timed is what it stands for. */
function scaleOf(estimated: number | undefined, timed: number): number {
  return estimated === undefined || timed <= 0 ? 1 : estimated / timed;
}
