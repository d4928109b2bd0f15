import {
  type Block,
  type BufferPlace,
  batchMessage,
  type FieldNode,
  footer,
  schemaMessage,
} from './arrow-metadata.ts';
import { batches } from './batches.ts';
import type { Cell, TableColumn, TableFormat } from './format.ts';

/** Rows of a record batch, which are in memory at once. */
const ROWS_OF_BATCH = 20_000;
const ALIGNMENT = 8;
const MAGIC = 'ARROW1';

/** An Arrow file (IPC), without compression. */
export const arrow: TableFormat = {
  summary: 'Arrow IPC file, Feather: pyarrow, polars, R, DuckDB',
  extensions: ['arrow', 'feather'],
  binary: true,
  *write(table, rows) {
    const blocks: Block[] = [];
    let offset = 0;
    const written = (bytes: Uint8Array): Uint8Array => {
      offset += bytes.length;
      return bytes;
    };
    yield written(Buffer.from(`${MAGIC}\0\0`));
    yield written(framed(schemaMessage(table.columns)));
    for (const batch of batches(rows, ROWS_OF_BATCH)) {
      const { message, body } = encodeBatch(table.columns, batch);
      blocks.push({ offset, metadataLength: message.length, bodyLength: body.length });
      yield written(message);
      yield written(body);
    }
    yield Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    const end = footer(table.columns, blocks);
    yield end;
    const length = Buffer.alloc(4);
    length.writeInt32LE(end.length);
    yield length;
    yield Buffer.from(MAGIC);
  },
};

/** A message with its prefix, padded. */
function framed(metadata: Uint8Array): Buffer {
  const length = padded(metadata.length);
  const bytes = Buffer.alloc(8 + length);
  bytes.writeUInt32LE(0xffff_ffff, 0);
  bytes.writeInt32LE(length, 4);
  bytes.set(metadata, 8);
  return bytes;
}

function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function encodeBatch<Row>(
  columns: readonly TableColumn<Row>[],
  rows: readonly Row[],
): { message: Buffer; body: Buffer } {
  const body = new Body();
  for (const column of columns) {
    const cells = rows.map((row) => column.value(row));
    body.addColumn(column, cells);
  }
  const bytes = body.toBytes();
  return { message: framed(batchMessage(rows.length, body.nodes, body.places, bytes.length)), body: bytes };
}

/** Buffers of the columns of a batch, in the order of the schema. */
class Body {
  readonly nodes: FieldNode[] = [];
  readonly places: BufferPlace[] = [];
  readonly #buffers: Buffer[] = [];
  #length = 0;

  addColumn({ type }: Pick<TableColumn<never>, 'type'>, cells: readonly Cell[]): void {
    const nulls = cells.filter((cell) => cell === null).length;
    this.nodes.push({ length: cells.length, nulls });
    this.#add(nulls === 0 ? Buffer.alloc(0) : bits(cells.map((cell) => cell !== null)));
    if (type === 'flag') this.#add(bits(cells.map((cell) => cell === true)));
    else if (type === 'integer') this.#add(integers(cells.map(Number)));
    else if (type === 'number') this.#add(doubles(cells.map(Number)));
    else if (type === 'text') {
      this.#addTexts(cells.map((cell) => Buffer.from(cell === null ? '' : String(cell))));
    } else {
      this.#addLists(
        type,
        cells.map((cell) => (typeof cell === 'object' && cell !== null ? cell : [])),
      );
    }
  }

  toBytes(): Buffer {
    return Buffer.concat(this.#buffers);
  }

  #addTexts(texts: readonly Buffer[]): void {
    this.#add(offsetsOf(texts.map((text) => text.length)));
    this.#add(Buffer.concat(texts));
  }

  #addLists(type: 'numbers' | 'integers', lists: readonly (readonly number[])[]): void {
    this.#add(offsetsOf(lists.map((list) => list.length)));
    const elements = lists.flat();
    this.nodes.push({ length: elements.length, nulls: 0 });
    this.#add(Buffer.alloc(0));
    this.#add(type === 'numbers' ? doubles(elements) : integers(elements));
  }

  #add(buffer: Buffer): void {
    this.places.push({ offset: this.#length, length: buffer.length });
    const padding = padded(buffer.length) - buffer.length;
    this.#buffers.push(buffer, Buffer.alloc(padding));
    this.#length += buffer.length + padding;
  }
}

function bits(flags: readonly boolean[]): Buffer {
  const bytes = Buffer.alloc(Math.ceil(flags.length / 8));
  flags.forEach((flag, i) => {
    if (flag) bytes[i >> 3] |= 1 << (i & 7);
  });
  return bytes;
}

function integers(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, i) => {
    bytes.writeBigInt64LE(BigInt(Math.round(value)), i * 8);
  });
  return bytes;
}

function doubles(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  values.forEach((value, i) => {
    bytes.writeDoubleLE(value, i * 8);
  });
  return bytes;
}

/** Where each of several things begins, and the end. */
function offsetsOf(lengths: readonly number[]): Buffer {
  const bytes = Buffer.alloc((lengths.length + 1) * 4);
  let end = 0;
  lengths.forEach((length, i) => {
    end += length;
    bytes.writeInt32LE(end, (i + 1) * 4);
  });
  return bytes;
}
