import { describe, expect, test } from 'vitest';
import { type ErrorCode, PyrewriteError } from '../../src/errors.ts';
import { type Pyc, readPyc, writePyc } from '../../src/marshal/index.ts';
import { VERSIONS, versionByName } from '../../src/opcodes/versions.ts';
import { bytesOf, hexOf } from '../support/hex.ts';
import { codeData } from '../support/marshal-cases.ts';

/** The .pyc of 3.12 with this header and body. */
function file(header: string, body = codeData()): Uint8Array {
  return bytesOf(`cb 0d 0d 0a ${header} ${body}`);
}

const TIMESTAMP = '00000000 01020304 ffffffff';
const HASH = '0102030405060708';

function failure(bytes: Uint8Array): { code: ErrorCode; offset: number | undefined; message: string } {
  try {
    readPyc(bytes);
  } catch (error) {
    if (error instanceof PyrewriteError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('header', () => {
  test('with time and size', () => {
    const { version, header } = readPyc(file(TIMESTAMP));
    expect(version.name).toBe('3.12');
    expect(header).toEqual({ invalidation: 'timestamp', mtime: 0x04030201, sourceSize: 0xffffffff });
  });

  test.each([
    ['unchecked-hash', '01000000'],
    ['checked-hash', '03000000'],
  ] as const)('with %s', (invalidation, flags) => {
    const { header } = readPyc(file(`${flags} ${HASH}`));
    expect(header).toEqual({ invalidation, hash: bytesOf(HASH) });
  });

  test.each([TIMESTAMP, `01000000 ${HASH}`, `03000000 ${HASH}`])('%s is written as it was read', (header) => {
    const bytes = file(header);
    expect(hexOf(writePyc(readPyc(bytes)))).toBe(hexOf(bytes));
  });

  test('each version has its magic number', () => {
    for (const version of VERSIONS) {
      const pyc: Pyc = { ...readPyc(file(TIMESTAMP)), version: versionByName('3.12') };
      const bytes = writePyc({ ...pyc, version: { ...version, codeFields: pyc.version.codeFields } });
      expect(bytes[0] | (bytes[1] << 8)).toBe(version.magic);
    }
  });

  test('a hash that is not 8 bytes is refused', () => {
    const pyc = readPyc(file(TIMESTAMP));
    const header = { invalidation: 'checked-hash', hash: new Uint8Array(7) } as const;
    expect(() => writePyc({ ...pyc, header })).toThrow('source hash of 7 bytes');
  });
});

test('bytes behind the code object are kept', () => {
  const bytes = file(TIMESTAMP, `${codeData()} 'trailer'`);
  const pyc = readPyc(bytes);
  expect(Buffer.from(pyc.trailer).toString()).toBe('trailer');
  expect(hexOf(writePyc(pyc))).toBe(hexOf(bytes));
});

test('a Buffer can be read, at any place of its memory', () => {
  const bytes = file(TIMESTAMP);
  const buffer = Buffer.concat([Buffer.from('abc'), bytes]).subarray(3);
  expect(hexOf(writePyc(readPyc(buffer)))).toBe(hexOf(bytes));
});

describe('bad files', () => {
  test.each<[name: string, bytes: Uint8Array, code: ErrorCode, offset: number, message: string]>([
    ['nothing', bytesOf(''), 'bad-header', 0, 'too short'],
    ['a text file', bytesOf("'import os'"), 'bad-magic', 2, 'not a .pyc file'],
    ['another magic number', bytesOf('11 0e 0d 0a'), 'bad-magic', 0, '3601'],
    ['half a header', bytesOf('cb 0d 0d 0a 00000000 0000'), 'bad-header', 10, '16 expected'],
    ['unknown flags', file('04000000 00000000 00000000'), 'bad-header', 4, '0x4'],
    ['check_source without a hash', file('02000000 00000000 00000000'), 'bad-header', 4, '0x2'],
    ['flags with the highest bit', file('00000080 00000000 00000000'), 'bad-header', 4, '0x80000000'],
    ['no code', file(TIMESTAMP, ''), 'bad-marshal', 16, 'expected'],
    ['no code object', file(TIMESTAMP, "'N'"), 'bad-marshal', 16, 'no code object'],
    ['cut code', file(TIMESTAMP, codeData()).subarray(0, 30), 'bad-marshal', 29, 'co_'],
  ])('%s', (_, bytes, code, offset, message) => {
    const error = failure(bytes);
    expect(error.code).toBe(code);
    expect(error.offset).toBe(offset);
    expect(error.message).toContain(message);
  });
});
