/** A column of a {@link formatColumns} table. */
export interface Column<Row> {
  readonly title: string;
  readonly align: 'left' | 'right';
  readonly cell: (row: Row) => string;
  /** Paints a cell that was already padded, so that colours do not disturb the alignment. */
  readonly paint?: ((padded: string, row: Row) => string) | undefined;
  /** May be cut in the middle down to this width when the line is too long. */
  readonly minWidth?: number;
}

/** How {@link formatColumns} deals with little room. */
export interface ColumnsOptions {
  /** Largest number of characters on a line; Infinity for no limit. */
  readonly width: number;
  /** Titles of the columns to leave out, one after the other, when cutting is not enough. */
  readonly expendable?: readonly string[];
  readonly paintTitle?: (line: string) => string;
}

/** A column with its cells, as wide as it wants to be. */
interface FilledColumn<Row> {
  readonly column: Column<Row>;
  readonly cells: readonly string[];
  width: number;
}

const GAP = '  ';
const ELLIPSIS = '…';

/**
 * Lines of an aligned table, the title line first.
 * Where they are too wide, expendable columns are left out, and then columns with a `minWidth` are cut in the middle,
 * the widest first.
 * @returns the lines, and the titles of the columns that were left out
 */
export function formatColumns<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  options: ColumnsOptions,
): { lines: string[]; left: string[] } {
  const filled = columns.map((column) => fillColumn(column, rows));
  const { kept, left } = leaveOut(filled, options);
  shrink(kept, options.width);
  const title = kept.map(({ column, width }) => pad(column.title, width, column.align)).join(GAP);
  const lines = rows.map((row, r) =>
    kept
      .map((one) => formatCell(one, row, r))
      .join(GAP)
      .trimEnd(),
  );
  const paintTitle = options.paintTitle ?? ((line) => line);
  return { lines: [paintTitle(title.trimEnd()), ...lines], left };
}

/** At most `width` characters: the middle gives way, and more of the end is kept than of the start. */
export function cutMiddle(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 1) return ELLIPSIS.slice(0, width);
  const characters = [...text];
  const head = Math.floor((width - 1) / 3);
  return characters.slice(0, head).join('') + ELLIPSIS + characters.slice(head - (width - 1)).join('');
}

/** At most `width` characters: the end gives way. */
export function cutEnd(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  return width <= 1 ? ELLIPSIS.slice(0, width) : [...text].slice(0, width - 1).join('') + ELLIPSIS;
}

/** Lines of at most `width` characters, broken between words; a longer word is cut. Never empty. */
export function wrap(text: string, width: number): [string, ...string[]] {
  const room = Math.max(1, width);
  const lines: [string, ...string[]] = [''];
  for (const word of text.split(' ')) {
    const last = lines[lines.length - 1];
    const longer = last === '' ? word : `${last} ${word}`;
    if (textWidth(longer) <= room) lines[lines.length - 1] = longer;
    else if (last === '') lines[lines.length - 1] = cutMiddle(word, room);
    else lines.push(cutMiddle(word, room));
  }
  return lines;
}

/** {@link wrap} that keeps the indentation; what follows the first line stands two characters further in. */
export function wrapIndented(text: string, width: number): string[] {
  const indent = /^ */.exec(text)?.[0] ?? '';
  if (textWidth(text) <= width) return [text];
  return wrap(text.slice(indent.length), width - indent.length - GAP.length).map(
    (line, i) => indent + (i === 0 ? '' : GAP) + line,
  );
}

/** Control characters as escapes: file names and constants are not ours, and a terminal obeys what it is sent. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) => `\\x${control.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function fillColumn<Row>(column: Column<Row>, rows: readonly Row[]): FilledColumn<Row> {
  const cells = rows.map((row) => printable(column.cell(row)));
  return {
    column,
    cells,
    width: cells.reduce((most, cell) => Math.max(most, textWidth(cell)), column.title.length),
  };
}

function leaveOut<Row>(
  columns: readonly FilledColumn<Row>[],
  { width, expendable = [] }: ColumnsOptions,
): { kept: readonly FilledColumn<Row>[]; left: string[] } {
  const left: string[] = [];
  let kept = columns;
  for (const title of expendable) {
    if (lineWidth(kept.map(smallestWidth)) <= width) break;
    const others = kept.filter(({ column }) => column.title !== title);
    if (others.length < kept.length) left.push(title);
    kept = others;
  }
  return { kept, left };
}

/** Cuts columns, the one with most to give first, until the line fits or none can give more. */
function shrink<Row>(columns: readonly FilledColumn<Row>[], width: number): void {
  let excess = lineWidth(columns.map((one) => one.width)) - width;
  while (excess > 0) {
    const spare = columns.map((one) => one.width - smallestWidth(one));
    const most = Math.max(...spare);
    if (most <= 0) return;
    columns[spare.indexOf(most)].width--;
    excess--;
  }
}

function smallestWidth<Row>({ column, width }: FilledColumn<Row>): number {
  return Math.min(width, column.minWidth ?? width);
}

function lineWidth(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one, 0) + GAP.length * Math.max(0, widths.length - 1);
}

function formatCell<Row>({ column, cells, width }: FilledColumn<Row>, row: Row, index: number): string {
  const padded = pad(cutMiddle(cells[index], width), width, column.align);
  return column.paint === undefined ? padded : column.paint(padded, row);
}

function pad(text: string, width: number, align: 'left' | 'right'): string {
  const blanks = ' '.repeat(Math.max(0, width - textWidth(text)));
  return align === 'left' ? text + blanks : blanks + text;
}

/** Characters, of which some are two UTF-16 units. */
function textWidth(text: string): number {
  return /[\ud800-\udfff]/.test(text) ? [...text].length : text.length;
}
