import type { ComparedSite, Comparison } from '../diff/index.ts';
import type { LimitResult } from './evaluate.ts';
import { shorten } from './shorten.ts';

/** Allowed growth by metric: 0.1 is 10 %. What is not named is not checked. */
export type AllowedGrowth = Readonly<Partial<Record<'count' | 'raised' | 'self' | 'p50', number>>>;

/** Without `--growth`: counts may not grow at all, and no time may be seen to. */
export const DEFAULT_GROWTH: AllowedGrowth = { count: 0, raised: 0, self: 0, p50: 0 };

/**
 * Compares runs with those of a baseline. Counts are checked by function, new operations in it included; a function that the
 * baseline does not have has no limit. Times are checked by operation: one exceeds only what it is surely and by more than
 * the allowed growth slower than.
 * @param cwd files in this folder are named relative to it
 */
export function evaluateGrowth(comparison: Comparison, growth: AllowedGrowth, cwd = ''): LimitResult[] {
  const results: LimitResult[] = [];
  for (const [name, sites] of byFunction(comparison.sites, cwd)) {
    for (const metric of ['count', 'raised'] as const) {
      const allowed = growth[metric];
      if (allowed !== undefined) results.push(countResult(name, sites, metric, allowed));
    }
  }
  for (const metric of ['self', 'p50'] as const) {
    const allowed = growth[metric];
    if (allowed === undefined) continue;
    results.push(...comparison.sites.flatMap((site) => timeResult(site, metric, allowed, cwd)));
  }
  return results;
}

/** Functions that both sides have, by what they are called now. */
function byFunction(sites: readonly ComparedSite[], cwd: string): Map<string, ComparedSite[]> {
  const functions = new Map<string, ComparedSite[]>();
  for (const site of sites) {
    const place = site.b ?? site.a;
    if (place === null) continue;
    const key = `${shorten(place.file, cwd)} ${place.function}`;
    const known = functions.get(key);
    if (known === undefined) functions.set(key, [site]);
    else known.push(site);
  }
  return new Map([...functions].filter(([, group]) => group.some(({ a, b }) => a !== null && b !== null)));
}

function countResult(
  name: string,
  sites: readonly ComparedSite[],
  metric: 'count' | 'raised',
  allowed: number,
): LimitResult {
  const changes = sites.map((site) => ({ site, change: site[metric] }));
  // Where counts vary from run to run, the least of the new runs must be more than the most of the old ones.
  const before = changes.reduce((sum, { change }) => sum + change.a.most, 0);
  const now = changes.reduce((sum, { change }) => sum + change.b.least, 0);
  const most = Math.floor(before * (1 + allowed));
  const grown = changes
    .map(({ site, change: { a, b } }) => ({ site, value: b.mean - a.mean }))
    .filter(({ value }) => value > 0)
    .sort((x, y) => y.value - x.value);
  return {
    name,
    metric,
    most,
    actual: now,
    verdict: now > most ? 'exceeded' : 'within',
    sites: sites.length,
    worst: grown.slice(0, 3).map(({ site, value }) => ({ site: placeOf(site), value })),
    estimated: changes.some(({ change }) => !change.exact),
  };
}

function timeResult(site: ComparedSite, metric: 'self' | 'p50', allowed: number, cwd: string): LimitResult[] {
  const { a, b, ratio, verdict } = site[metric];
  if (a === null || b === null || ratio === null) return [];
  const exceeded = verdict === 'slower' && ratio.value > 1 + allowed;
  const place = placeOf(site);
  return [
    {
      name: `${shorten(place.file, cwd)} ${place.function} ${site.opcode}${site.name === null ? '' : ` ${site.name}`}`,
      metric,
      most: a * (1 + allowed),
      actual: b,
      verdict: exceeded ? 'exceeded' : 'within',
      sites: 1,
      worst: [{ site: place, value: b }],
      estimated: false,
    },
  ];
}

function placeOf(site: ComparedSite): LimitResult['worst'][number]['site'] {
  const place = site.b ?? site.a;
  const { file = '', function: name = '', line = null, column = null } = place ?? {};
  return { file, function: name, line, column, opcode: site.opcode, name: site.name };
}

const GROWTH_METRICS = ['count', 'raised', 'self', 'p50'] as const;

/**
 * Reads `count=0%,self=10%`.
 * @returns undefined for what is not such a list
 */
export function parseGrowth(text: string): AllowedGrowth | undefined {
  const growth: Partial<Record<(typeof GROWTH_METRICS)[number], number>> = {};
  for (const part of text.split(',')) {
    const [, word, percent] = /^\s*(\w+)\s*=\s*([\d.]+)\s*%?\s*$/.exec(part) ?? [];
    const metric = GROWTH_METRICS.find((known) => known === word);
    if (metric === undefined || !Number.isFinite(Number(percent))) return undefined;
    growth[metric] = Number(percent) / 100;
  }
  return growth;
}
