import { type ErrorCode, PyrewriteError } from '../errors.ts';

/**
 * The same bytes as a plain `Uint8Array`, sharing memory. A node `Buffer` is another hidden class, which
 * would make every read in the hot loops polymorphic; its `slice` shares memory where `Uint8Array`'s copies.
 */
export function asPlainBytes(bytes: Uint8Array): Uint8Array {
  if (bytes.constructor === Uint8Array) return bytes;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Little-endian reads from a byte string. Nothing is read beyond its end: a short input is a
 * {@link PyrewriteError} of the reader's error code, with the offset at which the value should have started.
 */
export class ByteReader {
  readonly bytes: Uint8Array;
  /** Offset of the next byte to read. */
  offset: number;
  /** Offset behind the last byte that may be read. */
  readonly limit: number;
  /** Code of the errors thrown, e.g. 'bad-marshal'. */
  readonly errorCode: ErrorCode;

  constructor(bytes: Uint8Array, errorCode: ErrorCode, offset = 0, limit: number = bytes.length) {
    this.bytes = asPlainBytes(bytes);
    this.errorCode = errorCode;
    this.limit = Math.min(limit, bytes.length);
    this.offset = offset;
    if (!(offset >= 0 && offset <= this.limit))
      this.fail(`offset ${offset} lies outside the input`, this.limit);
  }

  /** Bytes left to read. */
  get remaining(): number {
    return this.limit - this.offset;
  }

  /** Moves over `length` bytes and returns the offset of the first. */
  skip(length: number, what = 'data'): number {
    const start = this.offset;
    if (!(length >= 0 && length <= this.limit - start)) {
      this.fail(`${what}: ${length} bytes wanted, ${this.limit - start} left`, start);
    }
    this.offset = start + length;
    return start;
  }

  uint8(what?: string): number {
    return this.bytes[this.skip(1, what)];
  }

  uint16(what?: string): number {
    const at = this.skip(2, what);
    return this.bytes[at] | (this.bytes[at + 1] << 8);
  }

  int32(what?: string): number {
    const at = this.skip(4, what);
    const bytes = this.bytes;
    return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  }

  uint32(what?: string): number {
    return this.int32(what) >>> 0;
  }

  /** The next `length` bytes, sharing memory with the input. */
  view(length: number, what?: string): Uint8Array {
    const start = this.skip(length, what);
    return this.bytes.subarray(start, start + length);
  }

  /** @throws PyrewriteError always, with the given offset */
  fail(what: string, offset: number = this.offset): never {
    throw new PyrewriteError(this.errorCode, what, { offset });
  }
}
