import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteReader } from '../../src/bytes/byte-reader.ts';
import { ByteWriter } from '../../src/bytes/byte-writer.ts';
import {
  ENTRY_START,
  readExceptionVarint,
  readLocationVarint,
  readSignedLocationVarint,
  writeExceptionVarint,
  writeLocationVarint,
  writeSignedLocationVarint,
} from '../../src/bytes/varint.ts';
import { PyrewriteError } from '../../src/errors.ts';

const MAX = 0x3fff_ffff;

interface Codec {
  readonly read: (input: ByteReader) => number;
  readonly write: (output: ByteWriter, value: number) => void;
  readonly least: number;
  readonly most: number;
  readonly pairs: readonly (readonly [value: number, bytes: readonly number[]])[];
}

const CODECS: Readonly<Record<string, Codec>> = {
  exceptionVarint: {
    read: readExceptionVarint,
    write: (output, value) => writeExceptionVarint(output, value),
    least: 0,
    most: MAX,
    pairs: [
      [0, [0]],
      [63, [63]],
      [64, [0x41, 0x00]],
      [200, [0x43, 0x08]],
      [4096, [0x41, 0x40, 0x00]],
      [MAX, [0x7f, 0x7f, 0x7f, 0x7f, 0x3f]],
    ],
  },
  locationVarint: {
    read: readLocationVarint,
    write: writeLocationVarint,
    least: 0,
    most: MAX,
    pairs: [
      [0, [0]],
      [63, [63]],
      [64, [0x40, 0x01]],
      [200, [0x48, 0x03]],
      [4096, [0x40, 0x40, 0x01]],
      [MAX, [0x7f, 0x7f, 0x7f, 0x7f, 0x3f]],
    ],
  },
  signedLocationVarint: {
    read: readSignedLocationVarint,
    write: writeSignedLocationVarint,
    least: -(MAX >> 1),
    most: MAX >> 1,
    pairs: [
      [0, [0]],
      [1, [2]],
      [-1, [3]],
      [31, [62]],
      [-31, [63]],
      [32, [0x40, 0x01]],
      [-32, [0x41, 0x01]],
    ],
  },
};

function encode(codec: Codec, value: number): number[] {
  const output = new ByteWriter('bad-table');
  codec.write(output, value);
  return [...output.toBytes()];
}

function decode(codec: Codec, bytes: readonly number[]): number {
  return codec.read(new ByteReader(Uint8Array.from(bytes), 'bad-table'));
}

test.each(Object.entries(CODECS))('%s: known values, both ways', (_, codec) => {
  for (const [value, bytes] of codec.pairs) {
    expect(encode(codec, value)).toEqual(bytes);
    expect(decode(codec, bytes)).toBe(value);
  }
});

test.each(Object.entries(CODECS))('%s: reading what was written', (_, codec) => {
  fc.assert(
    fc.property(fc.integer({ min: codec.least, max: codec.most }), (value) => {
      expect(decode(codec, encode(codec, value))).toBe(value);
    }),
  );
});

test.each(Object.entries(CODECS))('%s: bad input is a typed error', (_, codec) => {
  for (const bytes of [[], [0x40], [0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x3f]]) {
    expect(() => decode(codec, bytes)).toThrow(PyrewriteError);
  }
  for (const value of [codec.least - 1, codec.most + 1, Number.NaN]) {
    expect(() => encode(codec, value)).toThrow(PyrewriteError);
  }
});

test('the first byte of an entry of co_exceptiontable is marked', () => {
  const output = new ByteWriter('bad-table');
  writeExceptionVarint(output, 200, ENTRY_START);
  const bytes = output.toBytes();
  expect([...bytes]).toEqual([0xc3, 0x08]);
  expect(readExceptionVarint(new ByteReader(bytes, 'bad-table'))).toBe(200);
});

test('zero chunks that lead nowhere do not overflow', () => {
  const bytes = new Array(400).fill(0x40).concat(0x00);
  expect(readLocationVarint(new ByteReader(Uint8Array.from(bytes), 'bad-table'))).toBe(0);
});
