import type { Cell, TableFormat } from './format.ts';

/** RFC 4180, with a heading; null is nothing, lists are JSON, line ends are those of Unix. */
export const csv: TableFormat = {
  summary: 'CSV: spreadsheets; lists are JSON',
  extensions: ['csv'],
  binary: false,
  *write(table, rows) {
    yield `${table.columns.map(({ name }) => quoted(name)).join(',')}\n`;
    for (const row of rows) yield `${table.columns.map(({ value }) => cellText(value(row))).join(',')}\n`;
  },
};

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'object') return quoted(JSON.stringify(cell));
  return quoted(String(cell));
}

/** An empty text is quoted: nothing is null. */
function quoted(text: string): string {
  return text === '' || /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}
