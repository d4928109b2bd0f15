import { formatColumns, printable } from '../../report/text-table.ts';
import type { Io } from '../io.ts';
import type { QueryResult } from './database.ts';

/** How rows are printed. */
export const QUERY_FORMATS = ['table', 'csv', 'json', 'jsonl'] as const;

/** One of {@link QUERY_FORMATS}. */
export type QueryFormat = (typeof QUERY_FORMATS)[number];

/** Prints the rows as they come; a table when all are there. */
export async function printRows(result: QueryResult, format: QueryFormat, io: Io): Promise<void> {
  if (format === 'table') return printTable(result, io);
  if (format === 'csv') io.stdout.write(`${result.columns.map(csvCell).join(',')}\n`);
  let count = 0;
  for await (const row of result.rows) {
    if (format === 'csv') io.stdout.write(`${row.map(csvCell).join(',')}\n`);
    else if (format === 'jsonl') io.stdout.write(`${jsonRow(result.columns, row)}\n`);
    else io.stdout.write(`${count === 0 ? '[' : ',\n'}${jsonRow(result.columns, row)}`);
    count++;
  }
  if (format === 'json') io.stdout.write(count === 0 ? '[]\n' : ']\n');
}

async function printTable({ columns, rows }: QueryResult, io: Io): Promise<void> {
  const all: (readonly unknown[])[] = [];
  for await (const row of rows) all.push(row);
  const isNumber = columns.map((_, i) => all.every((row) => ['number', 'bigint'].includes(typeof row[i])));
  const { lines } = formatColumns(
    columns.map((name, i) => ({
      title: printable(name),
      align: isNumber[i] && all.length > 0 ? ('right' as const) : ('left' as const),
      minWidth: 8,
      cell: (row: readonly unknown[]) => tableCell(row[i]),
    })),
    all,
    { width: io.stdout.columns ?? Number.POSITIVE_INFINITY },
  );
  io.stdout.write(`${lines.join('\n')}\n`);
}

function tableCell(value: unknown): string {
  if (value === null) return '-';
  if (typeof value === 'number' && !Number.isInteger(value)) return String(Number(value.toPrecision(6)));
  return text(value);
}

function csvCell(value: unknown): string {
  if (value === null) return '';
  const cell = text(value);
  return cell === '' || /[",\r\n]/.test(cell) ? `"${cell.replace(/"/g, '""')}"` : cell;
}

function jsonRow(columns: readonly string[], row: readonly unknown[]): string {
  return JSON.stringify(Object.fromEntries(columns.map((name, i) => [name, row[i]])), (_, value: unknown) =>
    typeof value === 'bigint' ? exact(value) : value,
  );
}

/** A number where it is exact, else its digits. */
function exact(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

function text(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'object') return String(value);
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? exact(inner) : inner));
}
