import { type ErrorCode, PyrewriteError } from '../errors.ts';
import { uint8Column } from './columns.ts';

/** Largest output: CPython's own sizes are signed 32-bit numbers. */
const MAX_OUTPUT = 0x7fff_ffff;

/** How much larger a buffer gets when it is full. */
const GROWTH = 1.5;

/** From here on a native copy costs less than a loop; below, making its view costs more than the copy. */
const NATIVE_COPY_LENGTH = 32;

/** Little-endian writes into a buffer that grows. */
export class ByteWriter {
  /** The buffer; only the first `length` bytes are written. Replaced when it grows. */
  bytes: Uint8Array;
  /** Bytes written so far. */
  length = 0;
  /** Code of the errors thrown, e.g. 'bad-marshal'. */
  readonly errorCode: ErrorCode;

  constructor(errorCode: ErrorCode, capacity = 256) {
    this.bytes = uint8Column(capacity);
    this.errorCode = errorCode;
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.bytes.length) return;
    if (needed > MAX_OUTPUT) {
      throw new PyrewriteError(this.errorCode, `output of ${needed} bytes exceeds ${MAX_OUTPUT}`, {
        offset: this.length,
      });
    }
    const grown = new Uint8Array(
      Math.min(MAX_OUTPUT, Math.max(needed, Math.ceil(this.bytes.length * GROWTH))),
    );
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  uint8(value: number): void {
    this.reserve(1);
    this.bytes[this.length++] = value;
  }

  uint16(value: number): void {
    this.reserve(2);
    this.bytes[this.length++] = value;
    this.bytes[this.length++] = value >> 8;
  }

  /** Writes the low 32 bits; the same bytes for a signed and an unsigned number. */
  int32(value: number): void {
    this.reserve(4);
    const bytes = this.bytes;
    const at = this.length;
    bytes[at] = value;
    bytes[at + 1] = value >> 8;
    bytes[at + 2] = value >> 16;
    bytes[at + 3] = value >> 24;
    this.length = at + 4;
  }

  /** Writes `source[start, end)`. */
  copy(source: Uint8Array, start = 0, end: number = source.length): void {
    const count = end - start;
    this.reserve(count);
    const bytes = this.bytes;
    let at = this.length;
    if (count >= NATIVE_COPY_LENGTH) {
      bytes.set(source.subarray(start, end), at);
    } else {
      for (let from = start; from < end; from++) bytes[at++] = source[from];
    }
    this.length += count;
  }

  /**
   * What was written. May share memory with the writer, which must not be used afterwards, and may be a part of
   * a buffer up to half as large again.
   */
  toBytes(): Uint8Array {
    const { bytes, length } = this;
    if (length === bytes.length) return bytes;
    return length * GROWTH < bytes.length ? bytes.slice(0, length) : bytes.subarray(0, length);
  }

  /** A view of what was written, for output that is soon copied. The writer must not be used afterwards. */
  view(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}
