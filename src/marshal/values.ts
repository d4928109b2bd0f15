import { PyrewriteError } from '../errors.ts';
import { parseFloatText } from './float-text.ts';
import { decodeLatin1, decodeUtf8 } from './text.ts';
import {
  isBytes,
  isTuple,
  type MarshalObject,
  type ScalarObject,
  TYPE_ASCII,
  TYPE_ASCII_INTERNED,
  TYPE_BINARY_COMPLEX,
  TYPE_BINARY_FLOAT,
  TYPE_COMPLEX,
  TYPE_FLOAT,
  TYPE_INT,
  TYPE_INT64,
  TYPE_INTERNED,
  TYPE_LONG,
  TYPE_SHORT_ASCII,
  TYPE_SHORT_ASCII_INTERNED,
  TYPE_UNICODE,
} from './types.ts';

/*
 * What objects mean. Each accessor throws 'bad-marshal' for an object of another type.
 */

/** Text of a str; lone surrogates are lone in the result. */
export function strValue(object: MarshalObject): string {
  switch (object.type) {
    case TYPE_SHORT_ASCII_INTERNED:
    case TYPE_SHORT_ASCII:
      return decodeLatin1(object.source, object.start + 1, object.end);
    case TYPE_ASCII:
    case TYPE_ASCII_INTERNED:
      return decodeLatin1(object.source, object.start + 4, object.end);
    case TYPE_UNICODE:
    case TYPE_INTERNED:
      return decodeUtf8(object.source, object.start + 4, object.end);
    default:
      return fail(object, 'str');
  }
}

/** Content of a bytes object, sharing memory with what it was read from. */
export function bytesValue(object: MarshalObject): Uint8Array {
  if (!isBytes(object)) return fail(object, 'bytes');
  return object.source.subarray(object.start + 4, object.end);
}

/** Value of an int: a number where it is a safe integer, else a bigint. */
export function intValue(object: MarshalObject): number | bigint {
  switch (object.type) {
    case TYPE_INT:
      return payloadView(object).getInt32(0, true);
    case TYPE_INT64:
      return narrow(payloadView(object).getBigInt64(0, true));
    case TYPE_LONG:
      return longValue(object);
    default:
      return fail(object, 'int');
  }
}

/** Value of a float. */
export function floatValue(object: MarshalObject): number {
  switch (object.type) {
    case TYPE_BINARY_FLOAT:
      return payloadView(object).getFloat64(0, true);
    case TYPE_FLOAT:
      return parseFloatText(object.source.subarray(object.start + 1, object.end));
    default:
      return fail(object, 'float');
  }
}

/** Real and imaginary part of a complex. */
export function complexValue(object: MarshalObject): readonly [real: number, imag: number] {
  if (object.type === TYPE_BINARY_COMPLEX) {
    const view = payloadView(object);
    return [view.getFloat64(0, true), view.getFloat64(8, true)];
  }
  if (object.type !== TYPE_COMPLEX) return fail(object, 'complex');
  const { source, start, end } = object;
  const middle = start + 1 + source[start];
  return [
    parseFloatText(source.subarray(start + 1, middle)),
    parseFloatText(source.subarray(middle + 1, end)),
  ];
}

/** Items of a tuple. */
export function tupleItems(object: MarshalObject): readonly MarshalObject[] {
  return isTuple(object) ? object.items : fail(object, 'tuple');
}

function longValue(object: ScalarObject): number | bigint {
  const view = payloadView(object);
  const count = view.getInt32(0, true);
  let value = 0n;
  for (let at = view.byteLength - 2; at >= 4; at -= 2)
    value = (value << 15n) | BigInt(view.getUint16(at, true));
  return narrow(count < 0 ? -value : value);
}

function narrow(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function payloadView(object: ScalarObject): DataView {
  const { source, start, end } = object;
  return new DataView(source.buffer, source.byteOffset + start, end - start);
}

function fail(object: MarshalObject, wanted: string): never {
  const found = `'${String.fromCharCode(object.type)}'`;
  const details = 'start' in object ? { offset: object.start - 1 } : {};
  throw new PyrewriteError('bad-marshal', `${wanted} object expected, type code ${found} found`, details);
}
