import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { batches } from './batches.ts';
import type { Cell, ColumnType, TableColumn, TableFormat } from './format.ts';

/** Rows that are in memory at once. */
const ROWS_OF_GROUP = 5000;

/** Parquet with Snappy compression and dictionaries. */
export const parquet: TableFormat = {
  summary: 'Parquet: pandas, polars, DuckDB, Spark, ClickHouse',
  extensions: ['parquet'],
  binary: true,
  *write(table, rows) {
    const bytes = new ByteWriter();
    const writer = new ParquetWriter({
      writer: bytes,
      schema: schemaOf(table.columns),
      createdBy: 'pyrewrite',
      kvMetadata: [{ key: 'pyrewrite', value: table.doc }],
    });
    for (const batch of batches(rows, ROWS_OF_GROUP)) {
      const columnData = table.columns.map((column) => ({
        name: column.name,
        data: batch.map((row) => stored(column.type, column.value(row))),
      }));
      void writer.write({ columnData, rowGroupSize: ROWS_OF_GROUP });
      yield taken(bytes);
    }
    void writer.finish();
    yield taken(bytes);
  },
};

type Schema = ConstructorParameters<typeof ParquetWriter>[0]['schema'];
type Element = Schema[number];

const TYPES: Readonly<Record<ColumnType, Pick<Element, 'type' | 'converted_type' | 'logical_type'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  flag: { type: 'BOOLEAN' },
  numbers: { type: 'DOUBLE' },
  integers: { type: 'INT64' },
};

function schemaOf(columns: readonly Pick<TableColumn<never>, 'name' | 'type' | 'nullable'>[]): Schema {
  const elements = columns.flatMap(({ name, type, nullable }): Element[] => {
    const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED';
    if (!isList(type)) return [{ name, repetition_type, ...TYPES[type] }];
    return [
      { name, repetition_type, num_children: 1, converted_type: 'LIST', logical_type: { type: 'LIST' } },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      { name: 'element', repetition_type: 'REQUIRED', ...TYPES[type] },
    ];
  });
  return [{ name: 'schema', num_children: columns.length }, ...elements];
}

function isList(type: ColumnType): boolean {
  return type === 'numbers' || type === 'integers';
}

/** 64-bit integers are bigints there. */
function stored(type: ColumnType, cell: Cell): Cell | bigint | readonly bigint[] {
  if (cell === null) return null;
  if (type === 'integer') return BigInt(Math.round(Number(cell)));
  if (type === 'integers' && typeof cell === 'object') return cell.map((value) => BigInt(Math.round(value)));
  return cell;
}

/** What was written since the last time; offsets in the file go on. */
function taken(bytes: ByteWriter): Uint8Array {
  const part = bytes.getBytes().slice();
  bytes.index = 0;
  return part;
}
