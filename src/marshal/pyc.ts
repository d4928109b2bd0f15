import { Parser } from 'binary-parser';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { PyrewriteError } from '../errors.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import { versionForMagic } from '../opcodes/versions.ts';
import { MarshalReader } from './reader.ts';
import { type CodeObject, isCode } from './types.ts';
import { writeMarshal } from './writer.ts';

/** Length of the header of a .pyc, in bytes (PEP 552). */
export const PYC_HEADER_LENGTH = 16;

/** u16 after the magic number: CR LF, so that a transfer as text shows. */
const NEWLINE = 0x0a0d;
const FLAG_HASH_BASED = 1;
const FLAG_CHECK_SOURCE = 2;

/** How the interpreter finds out that a .pyc is stale: the words of `py_compile.PycInvalidationMode`. */
export type PycHeader =
  | {
      readonly invalidation: 'timestamp';
      /** Modification time of the source, in seconds, modulo 2^32. */
      readonly mtime: number;
      /** Size of the source in bytes, modulo 2^32. */
      readonly sourceSize: number;
    }
  | {
      readonly invalidation: 'checked-hash' | 'unchecked-hash';
      /** 8 bytes: {@link sourceHash} of the source. */
      readonly hash: Uint8Array;
    };

/** The content of a .pyc file. */
export interface Pyc {
  readonly version: BytecodeVersion;
  readonly header: PycHeader;
  readonly code: CodeObject;
  /** Bytes behind the code object. Interpreters ignore them, and none writes any. */
  readonly trailer: Uint8Array;
}

interface RawHeader {
  readonly magic: number;
  readonly newline: number;
  readonly flags: number;
  readonly mtime: number;
  readonly sourceSize: number;
}

// Flat on purpose: a nested `choice` parser would not inherit the endianness.
const HEADER = new Parser()
  .endianness('little')
  .uint16('magic')
  .uint16('newline')
  .uint32('flags')
  .uint32('mtime')
  .uint32('sourceSize');

/**
 * Reads a .pyc file of any supported version. The result shares memory with `bytes`, which must not change
 * while it is in use.
 *
 * @throws PyrewriteError 'bad-magic', 'bad-header' or 'bad-marshal', with the offset in the file
 */
export function readPyc(bytes: Uint8Array): Pyc {
  const version = readVersion(bytes);
  const header = readHeader(bytes);
  const reader = new MarshalReader(bytes, version, PYC_HEADER_LENGTH);
  const code = reader.readObject();
  if (!isCode(code)) return reader.fail('the file holds no code object', PYC_HEADER_LENGTH);
  return { version, header, code, trailer: reader.bytes.subarray(reader.offset) };
}

/**
 * Writes a .pyc file. One that was read and not edited gives the same bytes.
 *
 * @throws PyrewriteError 'bad-marshal' if the version can not hold the code object
 */
export function writePyc(pyc: Pyc): Uint8Array {
  return writeMarshal(pyc.code, pyc.version, { before: encodeHeader(pyc), after: pyc.trailer });
}

function readVersion(bytes: Uint8Array): BytecodeVersion {
  if (bytes.length < 4)
    throw new PyrewriteError('bad-header', 'the file is too short for a .pyc', { offset: bytes.length });
  const magic = bytes[0] | (bytes[1] << 8);
  if ((bytes[2] | (bytes[3] << 8)) !== NEWLINE) {
    throw new PyrewriteError('bad-magic', 'not a .pyc file: no CR LF after the magic number', { offset: 2 });
  }
  try {
    return versionForMagic(magic);
  } catch (error) {
    if (!(error instanceof PyrewriteError)) throw error;
    const remedy = error.remedy === undefined ? {} : { remedy: error.remedy };
    throw new PyrewriteError(error.code, error.message, { offset: 0, ...remedy });
  }
}

function readHeader(bytes: Uint8Array): PycHeader {
  // Checked here, because binary-parser throws a bare RangeError.
  if (bytes.length < PYC_HEADER_LENGTH) {
    throw new PyrewriteError('bad-header', `header of ${bytes.length} bytes, 16 expected`, {
      offset: bytes.length,
    });
  }
  const { flags, mtime, sourceSize } = HEADER.parse(bytes.subarray(0, PYC_HEADER_LENGTH)) as RawHeader;
  if (flags === 0) return { invalidation: 'timestamp', mtime, sourceSize };
  const hash = bytes.subarray(8, PYC_HEADER_LENGTH);
  if (flags === FLAG_HASH_BASED) return { invalidation: 'unchecked-hash', hash };
  if (flags === (FLAG_HASH_BASED | FLAG_CHECK_SOURCE)) return { invalidation: 'checked-hash', hash };
  throw new PyrewriteError('bad-header', `unknown flags 0x${flags.toString(16)}`, {
    offset: 4,
    remedy: 'Python would not load this file either; compile the source again',
  });
}

function encodeHeader({ version, header }: Pyc): Uint8Array {
  const output = new ByteWriter('bad-header', PYC_HEADER_LENGTH);
  output.uint16(version.magic);
  output.uint16(NEWLINE);
  if (header.invalidation === 'timestamp') {
    output.int32(0);
    output.int32(header.mtime);
    output.int32(header.sourceSize);
    return output.bytes;
  }
  if (header.hash.length !== 8) {
    throw new PyrewriteError('bad-header', `source hash of ${header.hash.length} bytes, 8 expected`, {
      offset: 8,
    });
  }
  output.int32(
    header.invalidation === 'checked-hash' ? FLAG_HASH_BASED | FLAG_CHECK_SOURCE : FLAG_HASH_BASED,
  );
  output.copy(header.hash);
  return output.bytes;
}
