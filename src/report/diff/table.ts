import pc from 'picocolors';
import type { ComparedSide, ComparedSite, Comparison } from '../../diff/index.ts';
import { formatPlace } from '../place.ts';
import { type Column, formatColumns, printable } from '../text-table.ts';
import { formatCount, formatDuration, plural } from '../units.ts';
import { type Selected, selectSites } from './select.ts';
import { formatCountChange, formatTimeChange, formatTimes, headline, placeOf } from './words.ts';

/** How {@link formatComparison} shows a comparison. */
export interface ComparisonOptions {
  /** Sites without a change, too. */
  readonly all?: boolean;
  /** Most rows; default 20, 0 for all. */
  readonly limit?: number;
  /** Characters on a line; default: as many as it takes. */
  readonly width?: number;
  readonly color?: boolean;
  /** Files in this folder are shown relative to it. */
  readonly cwd?: string;
}

const DEFAULT_LIMIT = 20;

/** A comparison as a table for a terminal. */
export function formatComparison(comparison: Comparison, options: ComparisonOptions = {}): string {
  const colors = pc.createColors(options.color ?? false);
  const selected = selectSites(comparison, options.all ?? false, options.limit ?? DEFAULT_LIMIT);
  const lines = [...headLines(comparison).map(([word, text]) => `${colors.dim(word.padEnd(9))} ${text}`), ''];
  lines.push(...summaryLines(comparison, selected));
  if (selected.rows.length > 0) lines.push('', ...tableLines(comparison, selected, options, colors));
  const notes = comparisonNotes(comparison);
  if (notes.length > 0) lines.push('', ...notes.map(printable));
  return `${lines.join('\n')}\n`;
}

/** What was compared. */
export function headLines(comparison: Comparison): [string, string][] {
  const { a, b, self } = comparison;
  const change = self.verdict === 'unknown' ? '' : `: ${formatTimeChange(self)}`;
  return [
    ['A', sideText(a)],
    ['B', sideText(b)],
    ['together', `all sites that both have took ${formatTimes(self)}${change}`],
  ];
}

function sideText({ runs, processes, python, operations, durationNs, floorNs }: ComparedSide): string {
  const several = processes > runs ? `, ${plural(processes, 'process', 'processes')}` : '';
  const each = runs > 1 ? ' each' : '';
  return `${plural(runs, 'run')}${several}, Python ${python}, ${plural(Math.round(operations), 'operation')} in ${formatDuration(durationNs)}${each}, floor ${formatDuration(floorNs)}`;
}

/** How many sites changed, and how many did not. */
export function summaryLines(comparison: Comparison, { counts }: Selected): string[] {
  const { changed, same, unclear } = counts;
  const both = changed + same + unclear;
  const lines = [
    changed === 0
      ? `no change at ${plural(both, 'site')} that both sides executed`
      : `${formatCount(changed)} of ${plural(both, 'site')} changed`,
  ];
  if (counts.new > 0) lines.push(`${plural(counts.new, 'site')} in B only`);
  if (counts.gone > 0) lines.push(`${plural(counts.gone, 'site')} in A only`);
  if (unclear > 0) {
    const percent = Math.round(comparison.threshold * 200);
    lines.push(
      `at ${plural(unclear, 'site')} times scatter too much to exclude a change of ${percent} %: more runs tell more`,
    );
  }
  return lines;
}

function tableLines(
  comparison: Comparison,
  { rows, candidates }: Selected,
  options: ComparisonOptions,
  colors: ReturnType<typeof pc.createColors>,
): string[] {
  const width = options.width ?? Number.POSITIVE_INFINITY;
  const columns = tableColumns(comparison, colors, options.cwd);
  const { lines, left } = formatColumns(columns, rows, {
    width,
    expendable: ['raised', 'change', 'name'],
    paintTitle: colors.bold,
  });
  if (left.length > 0) lines.push(`${width} characters wide: without ${left.join(', ')}`);
  if (rows.length < candidates) {
    lines.push(`and ${plural(candidates - rows.length, 'more site')} (--limit 0 shows all)`);
  }
  return lines;
}

function tableColumns(
  { basis, sites }: Comparison,
  colors: ReturnType<typeof pc.createColors>,
  cwd: string | undefined,
): Column<ComparedSite>[] {
  const tones = { bad: colors.red, good: colors.green, plain: colors.dim };
  const paint = (padded: string, site: ComparedSite): string => tones[headline(site).tone](padded);
  const time = basis === 'runs' ? 'self' : 'p50';
  const raised = sites.some((site) => site.raised.a.most > 0 || site.raised.b.most > 0);
  return [
    { title: '', align: 'left', cell: (site) => headline(site).word, paint },
    { title: 'operation', align: 'left', minWidth: 10, cell: (site) => site.opcode },
    { title: 'name', align: 'left', minWidth: 8, cell: (site) => site.name ?? '' },
    { title: 'place', align: 'left', minWidth: 22, cell: (site) => formatPlace(placeOf(site), cwd) },
    { title: 'count', align: 'right', minWidth: 9, cell: (site) => formatCountChange(site.count) },
    ...(raised
      ? [
          {
            title: 'raised',
            align: 'right' as const,
            cell: (site: ComparedSite) => formatCountChange(site.raised),
          },
        ]
      : []),
    { title: time, align: 'right', cell: (site) => formatTimes(site[time]) },
    {
      title: 'change',
      align: 'left',
      minWidth: 20,
      cell: (site) => (site.a === null || site.b === null ? '' : formatTimeChange(site[time])),
    },
  ];
}

/** What was found elsewhere, and what cannot be told. */
export function comparisonNotes({ files, functions, notes }: Comparison): string[] {
  return [
    ...files.filter(({ how }) => how === 'renamed').map(({ a, b }) => `renamed: ${a} is now ${b}`),
    ...functions.map(({ fileA, functionA, fileB, functionB }) =>
      fileA === fileB
        ? `renamed: ${functionA} is now ${functionB} (${fileB})`
        : `moved: ${functionA} (${fileA}) is now ${functionB} (${fileB})`,
    ),
    ...notes,
  ];
}
