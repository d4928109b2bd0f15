import type { ComparedSite, Comparison } from '../../diff/index.ts';
import { formatPlace } from '../place.ts';
import { printable } from '../text-table.ts';
import { selectSites } from './select.ts';
import { type ComparisonOptions, comparisonNotes, headLines, summaryLines } from './table.ts';
import { formatCountChange, formatTimeChange, formatTimes, headline, placeOf } from './words.ts';

const DEFAULT_LIMIT = 20;

/** A comparison as Markdown, for a comment on a pull request. */
export function formatComparisonMarkdown(comparison: Comparison, options: ComparisonOptions = {}): string {
  const selected = selectSites(comparison, options.all ?? false, options.limit ?? DEFAULT_LIMIT);
  const [first, ...rest] = summaryLines(comparison, selected);
  const lines = [
    `**pyrewrite: ${first}**`,
    '',
    ...headLines(comparison).map(([word, text]) => `- ${word}: ${escaped(text)}`),
    ...rest.map((line) => `- ${escaped(line)}`),
  ];
  if (selected.rows.length > 0) lines.push('', ...tableOf(comparison, selected.rows, options.cwd));
  const more = selected.candidates - selected.rows.length;
  if (more > 0) lines.push('', `and ${more} more`);
  const notes = comparisonNotes(comparison);
  if (notes.length > 0) {
    lines.push('', '<details><summary>Notes</summary>', '');
    lines.push(...notes.map((note) => `- ${escaped(note)}`), '', '</details>');
  }
  return `${lines.join('\n')}\n`;
}

function tableOf({ basis }: Comparison, rows: readonly ComparedSite[], cwd: string | undefined): string[] {
  const time = basis === 'runs' ? 'self' : 'p50';
  const cells = (site: ComparedSite): string[] => [
    headline(site).word,
    code(`${site.opcode}${site.name === null ? '' : ` ${site.name}`}`),
    code(formatPlace(placeOf(site), cwd)),
    formatCountChange(site.count),
    formatTimes(site[time]),
    site.a === null || site.b === null ? '' : formatTimeChange(site[time]),
  ];
  const row = (texts: readonly string[]): string => `| ${texts.join(' | ')} |`;
  return [
    row(['', 'operation', 'place', 'count', time, 'change']),
    '|---|---|---|--:|--:|---|',
    ...rows.map((site) => row(cells(site))),
  ];
}

/** Code that may hold anything, in a cell of a table. */
function code(text: string): string {
  const plain = printable(text).replaceAll('|', '\\|');
  const fence = plain.includes('`') ? '``' : '`';
  return `${fence}${fence.length > 1 ? ` ${plain} ` : plain}${fence}`;
}

function escaped(text: string): string {
  return printable(text).replace(/[\\<>*_`|[\]]/g, (mark) => `\\${mark}`);
}
