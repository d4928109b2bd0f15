import { Parser } from 'binary-parser';
import { PyrewriteError } from '../errors.ts';
import { type Field, fieldOffsets, type Struct } from './format.ts';

/** Values of a struct's scalar fields, by name; arrays are left out. An unknown name is a bug and throws. */
export interface StructValues {
  /** As a number; 64-bit values above 2^53 lose their last bits. */
  number(name: string): number;
  /** An exact 64-bit value. */
  big(name: string): bigint;
}

/**
 * Reads a struct at an offset.
 * @throws PyrewriteError 'bad-profile' when the bytes end before it does
 */
export type StructReader = (bytes: Uint8Array, offset: number) => StructValues;

/** Makes a reader from a struct's description. */
export function structReader(struct: Struct): StructReader {
  const parser = parserOf(struct);
  return (bytes, offset) => {
    if (!(offset >= 0 && offset + struct.size <= bytes.length)) {
      throw new PyrewriteError('bad-profile', `the profile ends inside of ${struct.name}`, { offset });
    }
    // binary-parser cannot type its result; parserOf put in nothing but numbers.
    const values = parser.parse(bytes.subarray(offset, offset + struct.size)) as Record<
      string,
      number | bigint
    >;
    const get = (name: string): number | bigint => {
      const value = values[name];
      if (value === undefined) throw new RangeError(`${struct.name} has no field ${name}`);
      return value;
    };
    return { number: (name) => Number(get(name)), big: (name) => BigInt(get(name)) };
  };
}

function parserOf(struct: Struct): Parser {
  const parser = new Parser().endianness('little');
  const offsets = fieldOffsets(struct);
  let end = 0;
  for (const field of struct.fields) {
    if (field.count !== undefined) continue;
    const offset = offsets.get(field.name) ?? 0;
    if (offset > end) parser.seek(offset - end);
    end = offset + addField(parser, field);
  }
  return parser;
}

function addField(parser: Parser, { name, type }: Field): number {
  switch (type) {
    case 'u8':
      parser.uint8(name);
      return 1;
    case 'u32':
      parser.uint32(name);
      return 4;
    case 'u64':
      parser.uint64(name);
      return 8;
    case 'i64':
      parser.int64(name);
      return 8;
    case 'f64':
      parser.doublele(name);
      return 8;
  }
}
