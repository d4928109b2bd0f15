import { isAbsolute, relative } from 'node:path/posix';
import { type Family, familyOf } from '../opcodes/families.ts';
import type { Profile, SiteStats } from '../profile/profile.ts';

import { literalName, literalPath } from './select.ts';

/** First line of a budget file that was written by us, and may be written again. */
export const WRITTEN_MARK = '# Written by pyrewrite check --write';

/** What gets a budget of its own. */
export const BUDGET_UNITS = ['site', 'function', 'module', 'category'] as const;

/** One of {@link BUDGET_UNITS}. */
export type BudgetUnit = (typeof BUDGET_UNITS)[number];

/** How {@link writeBudgets} writes. */
export interface WriteOptions {
  readonly per: BudgetUnit;
  /** Part that counts may grow by: 0.1 is 10 %. */
  readonly headroom: number;
  /** Files in this folder are named relative to it. */
  readonly cwd: string;
}

/** Families that are groups of `--opcodes`, too, with the same operations. */
const GROUPED: readonly Family[] = ['attr', 'call', 'contains', 'import', 'global'];

/** A budget file with what was counted in a profile: counts, which do not flake, and no times, which do. */
export function writeBudgets(profile: Profile, { per, headroom, cwd }: WriteOptions): string {
  const groups = new Map<string, SiteStats[]>();
  for (const site of profile.sites) {
    if (site.count === 0 || (per === 'category' && !GROUPED.includes(familyOf(site.opcode, site.name))))
      continue;
    const key = keyLines(site, per, cwd).join('\n');
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [site]);
    else known.push(site);
  }
  const tables = [...groups]
    .toSorted(([x], [y]) => (x < y ? -1 : 1))
    .map(([key, sites]) => {
      const sum = (pick: (site: SiteStats) => number): number =>
        Math.floor(sites.reduce((total, site) => total + pick(site), 0) * (1 + headroom));
      return `[[budget]]\n${key}\ncount = ${sum(({ count }) => count)}\nraised = ${sum(({ raised }) => raised)}\n`;
    });
  return `${[`${WRITTEN_MARK}\n`, ...tables].join('\n')}`;
}

function keyLines(site: SiteStats, per: BudgetUnit, cwd: string): string[] {
  const file = `file = ${JSON.stringify(fileOf(site.file, cwd))}`;
  const name = `function = ${JSON.stringify(literalName(site.function))}`;
  switch (per) {
    case 'site':
      return [
        file,
        name,
        `opcodes = ${JSON.stringify(site.opcode)}`,
        `name = ${JSON.stringify(literalName(site.name ?? ''))}`,
        ...(site.line === null ? [] : [`line = ${site.line}`]),
      ];
    case 'function':
      return [file, name];
    case 'module':
      return [file];
    case 'category':
      return [`opcodes = ${JSON.stringify(familyOf(site.opcode, site.name))}`];
  }
}

/** Relative to the folder, where it is in it: the file fits other checkouts, too. */
function fileOf(file: string, cwd: string): string {
  if (!isAbsolute(file)) return file;
  const inside = relative(cwd, file);
  return literalPath(inside.startsWith('..') ? file : `./${inside}`).replace(/^\.\//, './');
}
