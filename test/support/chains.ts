/** Contexts of a profile by what they are called. */
import type { ContextStats, Profile, SiteStats } from '../../src/profile/profile.ts';

/** Executions and exceptions of each chain from the root on: `root > function.name > …`, calls with `()`. */
export function chains({ sites, contexts }: Profile): Map<string, Pick<ContextStats, 'count' | 'raised'>> {
  const texts: string[] = [];
  const found = new Map<string, { count: number; raised: number }>();
  for (const { parent, site, label, count, raised } of contexts) {
    const text = parent < 0 ? (label ?? '') : `${texts[parent]} > ${nameOf(sites[site])}`;
    texts.push(text);
    const known = found.get(text) ?? { count: 0, raised: 0 };
    found.set(text, { count: known.count + count, raised: known.raised + raised });
  }
  return found;
}

/** `function.name`, of calls with `()`. */
export function nameOf({ function: owner, name, kind, opcode }: SiteStats): string {
  return `${owner}.${name ?? kind}${opcode.startsWith('CALL') ? '()' : ''}`;
}
