import { expect, test } from 'vitest';
import { asPlainBytes, ByteReader } from '../../src/bytes/byte-reader.ts';
import { PyrewriteError } from '../../src/errors.ts';

const BYTES = Uint8Array.of(0x01, 0xfe, 0xff, 0xff, 0xff, 0x7f, 0x80);

function offsetOf(run: () => unknown): number | undefined {
  try {
    run();
  } catch (error) {
    if (error instanceof PyrewriteError && error.code === 'bad-marshal') return error.offset;
    throw error;
  }
  throw new Error('nothing was thrown');
}

test('reads little-endian numbers, one after the other', () => {
  const reader = new ByteReader(BYTES, 'bad-marshal');
  expect(reader.uint8()).toBe(0x01);
  expect(reader.uint16()).toBe(0xfffe);
  expect(reader.int32()).toBe(0x80_7f_ff_ff | 0);
  expect(reader.remaining).toBe(0);
});

test('an unsigned number keeps its high bit', () => {
  expect(new ByteReader(BYTES, 'bad-marshal', 1).uint32()).toBe(0xff_ff_ff_fe >>> 0);
});

test('reading beyond the end says where', () => {
  const reader = new ByteReader(BYTES, 'bad-marshal', 5);
  expect(offsetOf(() => reader.int32())).toBe(5);
  expect(offsetOf(() => reader.view(3))).toBe(5);
  expect(offsetOf(() => reader.view(-1))).toBe(5);
  expect(reader.uint8()).toBe(0x7f);
  expect(offsetOf(() => new ByteReader(BYTES, 'bad-marshal', 8))).toBe(7);
  expect(offsetOf(() => new ByteReader(BYTES, 'bad-marshal', Number.NaN))).toBe(7);
});

test('a limit is an end', () => {
  const reader = new ByteReader(BYTES, 'bad-marshal', 0, 2);
  reader.uint8();
  expect(offsetOf(() => reader.uint16())).toBe(1);
});

test('a Buffer is read through a plain view of the same memory', () => {
  const buffer = Buffer.from(BYTES);
  const plain = asPlainBytes(buffer.subarray(1));
  expect(plain.constructor).toBe(Uint8Array);
  buffer[1] = 7;
  expect(plain[0]).toBe(7);
});
