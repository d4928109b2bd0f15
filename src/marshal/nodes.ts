import { ByteWriter } from '../bytes/byte-writer.ts';
import { uint8Column } from '../bytes/columns.ts';
import { PyrewriteError } from '../errors.ts';
import { encodeUtf8 } from './text.ts';
import {
  type BytesObject,
  type ContainerObject,
  type ContainerType,
  FLAG_REF,
  type MarshalObject,
  type ScalarObject,
  type StrObject,
  type TupleObject,
  TYPE_ASCII,
  TYPE_ASCII_INTERNED,
  TYPE_BINARY_FLOAT,
  TYPE_INT,
  TYPE_INTERNED,
  TYPE_LONG,
  TYPE_SHORT_ASCII,
  TYPE_SHORT_ASCII_INTERNED,
  TYPE_SMALL_TUPLE,
  TYPE_STRING,
  TYPE_TUPLE,
  TYPE_UNICODE,
} from './types.ts';

/*
 * New objects, encoded as CPython encodes them. They have no FLAG_REF: to be shared by identity after loading,
 * an object that contains nothing must be passed through `withFlagRef`; containers get the flag when needed.
 */

/**
 * An int of any size.
 * @throws PyrewriteError 'bad-edit' for a number that is no integer
 */
export function newInt(value: number | bigint): ScalarObject {
  if (typeof value === 'number' && !Number.isInteger(value)) {
    throw new PyrewriteError('bad-edit', `${value} is no integer`);
  }
  const int32 = Number(value) | 0;
  if (BigInt(int32) !== BigInt(value)) return newLong(BigInt(value));
  const payload = new ByteWriter('bad-edit', 4);
  payload.int32(int32);
  return newScalar(TYPE_INT, payload);
}

function newLong(value: bigint): ScalarObject {
  const digits: number[] = [];
  for (let rest = value < 0n ? -value : value; rest > 0n; rest >>= 15n) digits.push(Number(rest & 0x7fffn));
  const payload = new ByteWriter('bad-edit', 4 + 2 * digits.length);
  payload.int32(value < 0n ? -digits.length : digits.length);
  for (const digit of digits) payload.uint16(digit);
  return newScalar(TYPE_LONG, payload);
}

/** A float; every bit of a NaN that JavaScript keeps is kept. */
export function newFloat(value: number): ScalarObject {
  const source = new Uint8Array(8);
  new DataView(source.buffer).setFloat64(0, value, true);
  return { type: TYPE_BINARY_FLOAT, flag: 0, ref: 0, source, start: 0, end: 8 };
}

/** A bytes object with a copy of `bytes`. */
export function newBytes(bytes: Uint8Array): BytesObject {
  const { length } = bytes;
  const source = uint8Column(4 + length);
  source[0] = length;
  source[1] = length >>> 8;
  source[2] = length >>> 16;
  source[3] = length >>> 24;
  source.set(bytes, 4);
  return { type: TYPE_STRING, flag: 0, ref: 0, source, start: 0, end: 4 + length };
}

/**
 * A str. Lone surrogates stay; a pair of surrogates becomes one character, as JavaScript can not tell them apart.
 * @param interned whether Python interns it on load, as it does with names
 */
export function newStr(text: string, interned = false): StrObject {
  const utf8 = encodeUtf8(text);
  const payload = new ByteWriter('bad-edit', 4 + utf8.length);
  const ascii = utf8.length === text.length;
  const short = ascii && utf8.length < 256;
  if (short) payload.uint8(utf8.length);
  else payload.int32(utf8.length);
  payload.copy(utf8);
  if (short) return newScalar(interned ? TYPE_SHORT_ASCII_INTERNED : TYPE_SHORT_ASCII, payload);
  if (ascii) return newScalar(interned ? TYPE_ASCII_INTERNED : TYPE_ASCII, payload);
  return newScalar(interned ? TYPE_INTERNED : TYPE_UNICODE, payload);
}

/** A tuple of these objects; the array becomes the tuple's. */
export function newTuple(items: readonly MarshalObject[]): TupleObject {
  return { type: items.length < 256 ? TYPE_SMALL_TUPLE : TYPE_TUPLE, flag: 0, ref: 0, items };
}

/** A container of any other type; dicts and frozendicts take key, value, key, value …, slices start, stop, step. */
export function newContainer<T extends ContainerType>(
  type: T,
  items: readonly MarshalObject[],
): ContainerObject & { readonly type: T } {
  return { type, flag: 0, ref: 0, items };
}

/** A copy that gets a reference index, so that all its uses in a graph are one object after loading. */
export function withFlagRef<T extends MarshalObject>(object: T): T {
  return { ...object, flag: FLAG_REF, ref: 0 };
}

function newScalar<T extends ScalarObject['type']>(
  type: T,
  payload: ByteWriter,
): ScalarObject & { readonly type: T } {
  return { type, flag: 0, ref: 0, source: payload.bytes, start: 0, end: payload.length };
}
