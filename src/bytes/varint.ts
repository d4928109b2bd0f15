import { PyrewriteError } from '../errors.ts';
import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';

/*
 * CPython has two varints, both of 6-bit chunks with 0x40 for "more follows":
 * co_exceptiontable stores the most significant chunk first (exception_handling.md), co_linetable the least
 * significant first (code_objects.md, locations). In the exception table 0x80 marks the first byte of an entry.
 */

const CHUNK_BITS = 6;
const CHUNK_MASK = 0x3f;
const MORE = 0x40;

/** Marks the first byte of an entry in co_exceptiontable. */
export const ENTRY_START = 0x80;

/** Values are kept below 2^30, so that shifts stay exact and a signed value is below 2^29; CPython's are far smaller. */
const MAX_VARINT = 0x3fff_ffff;

/** Reads one number of co_exceptiontable; the entry mark of its first byte is ignored. */
export function readExceptionVarint(input: ByteReader): number {
  const start = input.offset;
  let byte = input.uint8('varint');
  let value = byte & CHUNK_MASK;
  while ((byte & MORE) !== 0) {
    byte = input.uint8('varint');
    value = value * 64 + (byte & CHUNK_MASK);
    if (value > MAX_VARINT) input.fail('varint too large', start);
  }
  return value;
}

/**
 * Writes one number of co_exceptiontable.
 * @param mark {@link ENTRY_START} for the first number of an entry, else 0
 */
export function writeExceptionVarint(output: ByteWriter, value: number, mark = 0): void {
  checkRange(output, value);
  let shift = 0;
  while (shift < 24 && value >>> (shift + CHUNK_BITS) !== 0) shift += CHUNK_BITS;
  let first = mark;
  for (; shift > 0; shift -= CHUNK_BITS) {
    output.uint8(((value >>> shift) & CHUNK_MASK) | MORE | first);
    first = 0;
  }
  output.uint8((value & CHUNK_MASK) | first);
}

/** Reads one unsigned number of co_linetable. */
export function readLocationVarint(input: ByteReader): number {
  const start = input.offset;
  let value = 0;
  let scale = 1;
  for (;;) {
    const byte = input.uint8('varint');
    value += (byte & CHUNK_MASK) * scale;
    if (value > MAX_VARINT) input.fail('varint too large', start);
    if ((byte & MORE) === 0) return value;
    // Leading zero chunks must not make the scale infinite, and the value NaN.
    if (scale <= MAX_VARINT) scale *= 64;
  }
}

/** Writes one unsigned number of co_linetable. */
export function writeLocationVarint(output: ByteWriter, value: number): void {
  checkRange(output, value);
  let rest = value;
  while (rest >= MORE) {
    output.uint8((rest & CHUNK_MASK) | MORE);
    rest >>>= CHUNK_BITS;
  }
  output.uint8(rest);
}

/** Reads one signed number of co_linetable: the sign is the lowest bit. */
export function readSignedLocationVarint(input: ByteReader): number {
  const value = readLocationVarint(input);
  return (value & 1) !== 0 ? -(value >>> 1) : value >>> 1;
}

/** Writes one signed number of co_linetable. */
export function writeSignedLocationVarint(output: ByteWriter, value: number): void {
  writeLocationVarint(output, value < 0 ? -value * 2 + 1 : value * 2);
}

function checkRange(output: ByteWriter, value: number): void {
  if (value >= 0 && value <= MAX_VARINT) return;
  throw new PyrewriteError(output.errorCode, `${value} does not fit a varint`, { offset: output.length });
}
