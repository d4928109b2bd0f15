// What the profile's structs are described with.

/** Scalar types of the file; all little endian, naturally aligned. */
export type FieldType = 'u8' | 'u32' | 'u64' | 'i64' | 'f64';

/** One field of a struct. */
export interface Field {
  readonly name: string;
  readonly type: FieldType;
  /** Number of elements, for arrays. */
  readonly count?: number;
  /** Where it lies, in bytes, when not right behind the field before it. */
  readonly offset?: number;
  readonly unit?: 'ticks' | 'ns' | 'bytes' | 'file offset' | 'block index';
  readonly doc: string;
}

/** A struct of the file. */
export interface Struct {
  /** Name of the C struct, without `_t`. */
  readonly name: string;
  readonly doc: string;
  /** Bytes; fields fill it up to here, the rest is zero and reserved. */
  readonly size: number;
  readonly fields: readonly Field[];
}

/** The first field of each record: its type and length. */
export const RECORD_HEAD: Field = { name: 'record', type: 'u64', count: 2, doc: 'Head' };

/** Bytes of each scalar type. */
export const FIELD_SIZES: Readonly<Record<FieldType, number>> = { u8: 1, u32: 4, u64: 8, i64: 8, f64: 8 };

/**
 * Byte offset of each field of a struct: in order, naturally aligned.
 * @throws RangeError if the fields do not fit the declared size, or a declared offset
 */
export function fieldOffsets(struct: Struct): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  let end = 0;
  for (const field of struct.fields) {
    const size = FIELD_SIZES[field.type];
    const offset = field.offset ?? Math.ceil(end / size) * size;
    if (offset < end || offset % size !== 0)
      throw new RangeError(`${struct.name}.${field.name} cannot lie at ${offset}`);
    offsets.set(field.name, offset);
    end = offset + size * (field.count ?? 1);
  }
  if (end > struct.size)
    throw new RangeError(`${struct.name} needs ${end} bytes and declares ${struct.size}`);
  return offsets;
}
