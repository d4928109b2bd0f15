/** The tables and lists of docs/reference/cpython-suite.md. */
import type { Kind } from '../compare/difference.ts';
import { row } from '../compare/markdown.ts';
import { ALLOWED, type Allowed, isAbout } from './allowed.ts';
import type { Line } from './line.ts';
import { LEFT_OUT } from './modules.ts';
import { parseLabel } from './store.ts';
import { labelsWhere, type Summary } from './summary.ts';

/** Differences of one kind, those of whole modules with them. */
function count({ differences }: Summary, kind: Kind): number {
  return differences.filter((difference) => difference.kind === kind).length;
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

type Column = readonly [title: string, of: (summary: Summary) => number];

const COLUMNS: readonly Column[] = [
  ['Methods run', ({ compared }) => sum(compared, ({ run }) => run)],
  ['Same', ({ compared }) => sum(compared, ({ same = 0 }) => same)],
  ['Allowed', (summary) => count(summary, 'allowed')],
  ['Flaky', (summary) => count(summary, 'flaky')],
  ['Unsteady', (summary) => count(summary, 'unsteady')],
  ['Different', (summary) => count(summary, 'different')],
  ['Skipped by themselves', ({ compared }) => sum(compared, ({ skipped }) => skipped)],
];

/** A row for each interpreter. */
export function totalsTable(all: readonly Summary[]): string {
  const rows = all.map((summary) => {
    const { title, compared, available } = summary;
    return row([title, `${compared.length} of ${available}`, ...COLUMNS.map(([, of]) => of(summary))]);
  });
  const modules = sum(all, ({ compared }) => compared.length);
  return [
    row(['CPython', 'Modules', ...COLUMNS.map(([title]) => title)]),
    `|---|${'--:|'.repeat(COLUMNS.length + 1)}`,
    ...rows,
    row(['all', modules, ...COLUMNS.map(([, of]) => sum(all, of))]),
  ].join('\n');
}

function uses(entry: Allowed, { differences }: Summary): number {
  return differences.filter(({ kind, allowed }) => kind === 'allowed' && allowed === entry).length;
}

/** Whether a module of the entry was compared on a version of it. */
function wasCompared(entry: Allowed, { label, compared }: Summary): boolean {
  return isAbout(entry, parseLabel(label)) && compared.some(({ module }) => module === entry.module);
}

/** The entries of the list that no result needs, though there are results of their modules. */
export function unneededEntries(all: readonly Summary[]): readonly Allowed[] {
  return ALLOWED.filter(
    (entry) =>
      all.some((summary) => wasCompared(entry, summary)) &&
      all.every((summary) => uses(entry, summary) === 0),
  );
}

/** Why tests may end otherwise, and how many did. */
export function allowedTable(all: readonly Summary[]): string {
  const unneeded = unneededEntries(all);
  const rows = ALLOWED.map((entry) => {
    const labels = labelsWhere(all, (summary) => uses(entry, summary) > 0);
    const methods = sum(all, (summary) => uses(entry, summary));
    const none = unneeded.includes(entry) ? 'not needed so far' : 'not compared yet';
    return row([`\`${entry.module}\``, methods, labels || none, entry.reason]);
  });
  return [
    '| Module | Methods, all versions | CPython | What its tests want |',
    '|---|--:|---|---|',
    ...rows,
  ].join('\n');
}

/** What stands for an empty list. */
export const NONE = 'None.';

/** The differences of one kind. */
export function list(all: readonly Summary[], kind: Kind): string {
  const versions = new Map<string, string[]>();
  for (const { label, differences } of all)
    for (const { id, kind: one, plain, probed } of differences) {
      if (one !== kind) continue;
      const text = `\`${id.replace(/^test\./, '')}\`: ${plain.join(' or ')} → ${probed.join(' or ')}`;
      versions.set(text, [...(versions.get(text) ?? []), label]);
    }
  if (versions.size === 0) return NONE;
  return [...versions].map(([text, where]) => `- ${text} (${where.join(' ')})`).join('\n');
}

/** What is never run. */
export function leftOut(): string {
  const reasons = [...new Set(LEFT_OUT.values())];
  const rows = reasons.map((reason) => {
    const modules = [...LEFT_OUT].filter(([, one]) => one === reason).map(([module]) => `\`${module}\``);
    return row([reason, modules.join(' ')]);
  });
  return ['| Reason | Modules |', '|---|---|', ...rows].join('\n');
}

function byModule(lines: readonly Line[]): readonly string[] {
  return [...new Set(lines.map(({ module }) => module))].sort();
}

/** What takes too long as it is: the methods that had ended, and when it was stopped. */
export function longList(all: readonly Summary[]): string {
  const modules = byModule(all.flatMap(({ long }) => long));
  const items = modules.map((module) => {
    const of = all.flatMap(({ label, long }) =>
      long
        .filter((line) => line.module === module)
        .map(
          ({ run, seconds }) => `${label} (${run.toLocaleString('en')} in ${Math.round(seconds[0] ?? 0)} s)`,
        ),
    );
    return `- \`${module}\`: ${of.join(', ')}`;
  });
  return items.join('\n') || NONE;
}

/** What does not end well as it is. */
export function failingModules(all: readonly Summary[]): string {
  const fails = ({ status }: Line): boolean => status !== undefined;
  const modules = byModule(all.flatMap(({ compared }) => compared.filter(fails)));
  const items = modules.map((module) => {
    const labels = labelsWhere(all, ({ compared }) =>
      compared.some((line) => line.module === module && fails(line)),
    );
    return `\`${module}\` (${labels})`;
  });
  return items.join(', ') || 'none';
}

/** The rewriters that the results are of, those of most results first. */
export function rewriters(lines: readonly Line[]): string {
  const counts = new Map<string, number>();
  for (const { commit } of lines) counts.set(commit, (counts.get(commit) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  const modules = (number: number): string =>
    `${number.toLocaleString('en')} ${number === 1 ? 'module' : 'modules'}`;
  return sorted.map(([commit, number]) => `\`${commit}\` (${modules(number)})`).join(', ');
}
