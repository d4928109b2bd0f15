import { FIELD_SIZES, fieldOffsets, PROFILE_CONSTANTS, type Struct } from './format.ts';

/**
 * Writes a struct from values by field name; what is not given is zero.
 * @throws RangeError for a name that the struct does not have: a bug
 */
export function encodeStruct(struct: Struct, values: Readonly<Record<string, number | bigint>>): Buffer {
  const bytes = Buffer.alloc(struct.size);
  const offsets = fieldOffsets(struct);
  for (const [name, value] of Object.entries(values)) {
    const field = struct.fields.find((candidate) => candidate.name === name);
    const offset = offsets.get(name);
    if (field === undefined || offset === undefined) throw new RangeError(`${struct.name} has no ${name}`);
    if (field.type === 'f64') bytes.writeDoubleLE(Number(value), offset);
    else if (FIELD_SIZES[field.type] === 8) bytes.writeBigInt64LE(BigInt(value), offset);
    else bytes.writeUInt32LE(Number(value), offset);
  }
  return bytes;
}

/** A record: its struct, its body, the padding; the head is filled in. */
export function encodeRecord(type: number, struct: Buffer, body: Uint8Array = new Uint8Array(0)): Buffer {
  const length =
    Math.ceil((struct.length + body.length) / PROFILE_CONSTANTS.ALIGNMENT) * PROFILE_CONSTANTS.ALIGNMENT;
  const record = Buffer.alloc(length);
  struct.copy(record);
  record.set(body, struct.length);
  record.writeUInt32LE(type, 0);
  record.writeBigUInt64LE(BigInt(length), 8);
  return record;
}
