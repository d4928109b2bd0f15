import type { SourceLines } from '../findings/finding.ts';
import type { ReportSite } from './report.ts';
import { printable } from './text-table.ts';

/** A line of the source, and a line of marks under the operation in it; no marks where the place is not known. */
export interface MarkedLine {
  readonly text: string;
  readonly marks: string;
}

type Place = Pick<ReportSite, 'file' | 'line' | 'endLine' | 'column' | 'endColumn' | 'name'>;

const MARK = '^';
const TAB = '    ';

/**
 * The source line of an operation without its indentation, cut to `width` characters around the operation.
 * @returns undefined where there is no source
 */
export function markedLine(source: SourceLines, site: Place, width: number): MarkedLine | undefined {
  const line = site.line === null ? undefined : source(site.file)?.[site.line - 1];
  if (line === undefined || line.trim() === '') return undefined;
  const [from, to] = spanOf(line, site);
  const indent = line.length - line.trimStart().length;
  const before = visible(line.slice(indent, Math.max(indent, from)));
  const inside = visible(line.slice(Math.max(indent, from), to).trimEnd());
  const after = visible(line.slice(to).trimEnd());
  const text = before + (to > from ? inside : '') + after;
  const marks = ' '.repeat([...before].length) + MARK.repeat(to > from ? [...inside].length : 0);
  return cutAround(text, marks.trimEnd(), width);
}

/** Where an operation stands in the line as it is shown, in characters; no length where that is not known. */
export function markedPart(line: string, site: Place): { readonly before: number; readonly length: number } {
  const [from, to] = spanOf(line, site);
  if (to <= from) return { before: 0, length: 0 };
  const inside = visible(line.slice(from, to).trimEnd());
  return { before: [...visible(line.slice(0, from))].length, length: [...inside].length };
}

/** Where in the line the operation stands, in UTF-16 units; an empty span where that is not known. */
function spanOf(line: string, site: Place): readonly [number, number] {
  if (site.column !== null && site.endColumn !== null) {
    const from = Math.min(line.length, unitsOf(line, site.column));
    const to = site.endLine === site.line ? unitsOf(line, site.endColumn) : line.length;
    return [from, Math.max(from, to)];
  }
  return spanOfName(line, site.name);
}

/** Where a version has no columns: the name, when it stands in the line once. */
function spanOfName(line: string, name: string | null): readonly [number, number] {
  if (name === null || !/^\w+$/.test(name)) return [line.length, line.length];
  const found = [...line.matchAll(new RegExp(`(?<!\\w)${name}(?!\\w)`, 'g'))];
  if (found.length !== 1) return [line.length, line.length];
  return [found[0].index, found[0].index + name.length];
}

/** Columns count bytes of UTF-8. */
function unitsOf(line: string, column: number): number {
  const bytes = Buffer.from(line);
  return bytes.length === line.length ? column : bytes.subarray(0, column).toString().length;
}

function visible(text: string): string {
  return printable(text.replaceAll('\t', TAB));
}

/** Of a longer line the part in which the marks are. */
function cutAround(text: string, marks: string, width: number): MarkedLine {
  const characters = [...text];
  if (characters.length <= width) return { text, marks };
  const first = marks.search(/\S/);
  const middle = first < 0 ? 0 : (first + marks.length) / 2;
  const room = Math.max(1, width - 2);
  const start = Math.round(Math.min(Math.max(0, middle - room / 2), characters.length - room));
  const head = start > 0 ? '…' : '';
  const tail = start + room < characters.length ? '…' : '';
  const shown = marks.slice(start, start + room);
  return {
    text: head + characters.slice(start, start + room).join('') + tail,
    marks: start > 0 ? ` ${shown}` : shown,
  };
}
