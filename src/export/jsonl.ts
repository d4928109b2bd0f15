import type { TableFormat } from './format.ts';

/** A JSON object on each line. */
export const jsonl: TableFormat = {
  summary: 'JSON, an object on each line: jq, BigQuery, Elasticsearch',
  extensions: ['jsonl', 'ndjson'],
  binary: false,
  *write(table, rows) {
    for (const row of rows) {
      const cells = table.columns.map(({ name, value }) => [name, value(row)]);
      yield `${JSON.stringify(Object.fromEntries(cells))}\n`;
    }
  },
};
