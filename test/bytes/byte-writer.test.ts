import { expect, test } from 'vitest';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import { PyrewriteError } from '../../src/errors.ts';

test('writes little-endian numbers', () => {
  const writer = new ByteWriter('bad-marshal', 1);
  writer.uint8(0x101);
  writer.uint16(0x0203);
  writer.int32(-2);
  writer.int32(0xff_ff_ff_fe);
  expect([...writer.toBytes()]).toEqual([1, 3, 2, 0xfe, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff]);
});

test('copies ranges of any length, and grows', () => {
  const source = Uint8Array.from({ length: 1000 }, (_, i) => i & 0xff);
  let checked = 0;
  for (let length = 0; length <= 300; length++) {
    const writer = new ByteWriter('bad-marshal', 3);
    writer.uint8(9);
    writer.copy(source, 5, 5 + length);
    writer.copy(source);
    const bytes = writer.toBytes();
    expect(bytes[0]).toBe(9);
    expect(Buffer.compare(bytes.subarray(1, 1 + length), source.subarray(5, 5 + length))).toBe(0);
    expect(Buffer.compare(bytes.subarray(1 + length), source)).toBe(0);
    checked++;
  }
  console.log(`byte writer: ${checked} lengths`);
});

test('the result keeps at most half of its length in reserve', () => {
  const writer = new ByteWriter('bad-marshal', 1000);
  writer.uint8(1);
  expect(writer.toBytes().buffer.byteLength).toBe(1);
});

test('an output beyond 2 GiB is a typed error, before memory is taken', () => {
  const writer = new ByteWriter('bad-marshal');
  expect(() => writer.reserve(0x8000_0000)).toThrow(PyrewriteError);
});
