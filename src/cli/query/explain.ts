import type { Table } from '../../export/index.ts';
import { formatColumns } from '../../report/text-table.ts';

/** The data dictionary, for people or as JSON. */
export function explainTables(tables: readonly Table<never>[], json: boolean): string {
  if (json) {
    const dictionary = tables.map(({ name, doc, columns }) => ({
      name,
      doc,
      columns: columns.map(({ value: _, ...column }) => column),
    }));
    return `${JSON.stringify({ schema: 'pyrewrite-tables/1', tables: dictionary })}\n`;
  }
  return tables.map(explainTable).join('\n');
}

function explainTable({ name, doc, columns }: Table<never>): string {
  const left = (title: string, cell: (column: (typeof columns)[number]) => string) => ({
    title,
    align: 'left' as const,
    cell,
  });
  const { lines } = formatColumns(
    [
      left('column', (column) => column.name),
      left('type', ({ type, nullable }) => `${SQL_TYPES[type]}${nullable ? '?' : ''}`),
      left('unit', ({ unit }) => unit ?? ''),
      left('meaning', (column) => column.doc),
    ],
    columns,
    { width: Number.POSITIVE_INFINITY },
  );
  return `${name}: ${doc}\n\n${lines.join('\n')}\n`;
}

/** As DuckDB calls them. */
const SQL_TYPES: Readonly<Record<Table<never>['columns'][number]['type'], string>> = {
  text: 'VARCHAR',
  integer: 'BIGINT',
  number: 'DOUBLE',
  flag: 'BOOLEAN',
  numbers: 'DOUBLE[]',
  integers: 'BIGINT[]',
};
