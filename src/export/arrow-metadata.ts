import { Builder } from 'flatbuffers';
import type { ColumnType, TableColumn } from './format.ts';

/*
 * The metadata of Arrow files: flatbuffers after Schema.fbs, Message.fbs and File.fbs of Apache Arrow. The numbers of
 * fields are their places in the tables there.
 */

/** A record batch in the file. */
export interface Block {
  readonly offset: number;
  /** With prefix and padding. */
  readonly metadataLength: number;
  readonly bodyLength: number;
}

/** Lengths of a column or of the elements of a list column. */
export interface FieldNode {
  readonly length: number;
  readonly nulls: number;
}

/** A buffer of the body. */
export interface BufferPlace {
  readonly offset: number;
  readonly length: number;
}

type Columns = readonly Pick<TableColumn<never>, 'name' | 'type' | 'nullable' | 'unit' | 'doc'>[];

const VERSION_5 = 4;
const HEADER_SCHEMA = 1;
const HEADER_BATCH = 3;

const TYPE_INT = 2;
const TYPE_FLOAT = 3;
const TYPE_UTF8 = 5;
const TYPE_BOOL = 6;
const TYPE_LIST = 12;
const DOUBLE = 2;

/** The message that begins a file. */
export function schemaMessage(columns: Columns): Uint8Array {
  const builder = new Builder(4096);
  return message(builder, HEADER_SCHEMA, addSchema(builder, columns), 0);
}

/** The message before the body of a record batch. */
export function batchMessage(
  rows: number,
  nodes: readonly FieldNode[],
  buffers: readonly BufferPlace[],
  bodyLength: number,
): Uint8Array {
  const builder = new Builder(4096);
  const nodeList = structs(builder, 16, nodes, ({ length, nulls }) => {
    builder.writeInt64(BigInt(nulls));
    builder.writeInt64(BigInt(length));
  });
  const bufferList = structs(builder, 16, buffers, ({ offset, length }) => {
    builder.writeInt64(BigInt(length));
    builder.writeInt64(BigInt(offset));
  });
  builder.startObject(4);
  builder.addFieldInt64(0, BigInt(rows), 0n);
  builder.addFieldOffset(1, nodeList, 0);
  builder.addFieldOffset(2, bufferList, 0);
  return message(builder, HEADER_BATCH, builder.endObject(), bodyLength);
}

/** What stands at the end of a file. */
export function footer(columns: Columns, blocks: readonly Block[]): Uint8Array {
  const builder = new Builder(4096);
  const schema = addSchema(builder, columns);
  const batches = structs(builder, 24, blocks, ({ offset, metadataLength, bodyLength }) => {
    builder.writeInt64(BigInt(bodyLength));
    builder.writeInt32(0);
    builder.writeInt32(metadataLength);
    builder.writeInt64(BigInt(offset));
  });
  builder.startObject(5);
  builder.addFieldInt16(0, VERSION_5, 0);
  builder.addFieldOffset(1, schema, 0);
  builder.addFieldOffset(3, batches, 0);
  builder.finish(builder.endObject());
  return builder.asUint8Array();
}

/** A list of structs of `size` bytes, whose fields are written from the last to the first. */
function structs<T>(builder: Builder, size: number, items: readonly T[], write: (item: T) => void): number {
  builder.startVector(size, items.length, 8);
  for (const item of items.toReversed()) {
    builder.prep(8, size);
    write(item);
  }
  return builder.endVector();
}

function message(builder: Builder, headerType: number, header: number, bodyLength: number): Uint8Array {
  builder.startObject(5);
  builder.addFieldInt16(0, VERSION_5, 0);
  builder.addFieldInt8(1, headerType, 0);
  builder.addFieldOffset(2, header, 0);
  builder.addFieldInt64(3, BigInt(bodyLength), 0n);
  builder.finish(builder.endObject());
  return builder.asUint8Array();
}

function addSchema(builder: Builder, columns: Columns): number {
  const fields = columns.map((column) => addColumn(builder, column));
  const list = offsets(builder, fields);
  builder.startObject(4);
  builder.addFieldOffset(1, list, 0);
  return builder.endObject();
}

function addColumn(builder: Builder, { name, type, nullable, unit, doc }: Columns[number]): number {
  const children = isList(type) ? [addField(builder, 'item', elementType(type), false, [], [])] : [];
  const metadata: [string, string][] = [
    ['doc', doc],
    ...(unit === undefined ? [] : [['unit', unit] as [string, string]]),
  ];
  return addField(builder, name, type, nullable, children, metadata);
}

function addField(
  builder: Builder,
  name: string,
  type: ColumnType,
  nullable: boolean,
  children: readonly number[],
  metadata: readonly (readonly [string, string])[],
): number {
  const [typeNumber, typeTable] = addType(builder, type);
  const nameText = builder.createString(name);
  const childList = offsets(builder, children);
  const metadataList = offsets(
    builder,
    metadata.map(([key, value]) => addKeyValue(builder, key, value)),
  );
  builder.startObject(7);
  builder.addFieldOffset(0, nameText, 0);
  builder.addFieldInt8(1, nullable ? 1 : 0, 0);
  builder.addFieldInt8(2, typeNumber, 0);
  builder.addFieldOffset(3, typeTable, 0);
  builder.addFieldOffset(5, childList, 0);
  builder.addFieldOffset(6, metadataList, 0);
  return builder.endObject();
}

function addKeyValue(builder: Builder, key: string, value: string): number {
  const [keyText, valueText] = [builder.createString(key), builder.createString(value)];
  builder.startObject(2);
  builder.addFieldOffset(0, keyText, 0);
  builder.addFieldOffset(1, valueText, 0);
  return builder.endObject();
}

function addType(builder: Builder, type: ColumnType): [number, number] {
  switch (type) {
    case 'text':
      builder.startObject(0);
      return [TYPE_UTF8, builder.endObject()];
    case 'integer':
      builder.startObject(2);
      builder.addFieldInt32(0, 64, 0);
      builder.addFieldInt8(1, 1, 0);
      return [TYPE_INT, builder.endObject()];
    case 'number':
      builder.startObject(1);
      builder.addFieldInt16(0, DOUBLE, 0);
      return [TYPE_FLOAT, builder.endObject()];
    case 'flag':
      builder.startObject(0);
      return [TYPE_BOOL, builder.endObject()];
    case 'numbers':
    case 'integers':
      builder.startObject(0);
      return [TYPE_LIST, builder.endObject()];
  }
}

/** Whether cells are lists. */
export function isList(type: ColumnType): boolean {
  return type === 'numbers' || type === 'integers';
}

function elementType(type: ColumnType): ColumnType {
  return type === 'integers' ? 'integer' : 'number';
}

function offsets(builder: Builder, items: readonly number[]): number {
  builder.startVector(4, items.length, 4);
  for (const item of items.toReversed()) builder.addOffset(item);
  return builder.endVector();
}
