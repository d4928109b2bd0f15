import { ByteWriter } from '../bytes/byte-writer.ts';

/** Writes messages of protocol buffers: what pprof needs of them. Zeroes are left out, as proto3 does. */
export class ProtobufWriter extends ByteWriter {
  constructor() {
    super('bad-profile', 64);
  }

  /** An int64, uint64 or bool that is not negative: a whole number below 2^53. */
  varintField(field: number, value: number): void {
    if (value === 0) return;
    this.#varint(field * 8);
    this.#varint(value);
  }

  /** `repeated int64`, packed. */
  packedField(field: number, values: readonly number[]): void {
    if (values.length === 0) return;
    const packed = new ProtobufWriter();
    for (const value of values) packed.#varint(value);
    this.bytesField(field, packed.view());
  }

  textField(field: number, text: string): void {
    this.bytesField(field, Buffer.from(text));
  }

  messageField(field: number, fill: (message: ProtobufWriter) => void): void {
    const message = new ProtobufWriter();
    fill(message);
    this.bytesField(field, message.view());
  }

  /** Length and bytes, even if there are none: an element of a list. */
  bytesField(field: number, bytes: Uint8Array): void {
    this.#varint(field * 8 + 2);
    this.#varint(bytes.length);
    this.copy(bytes);
  }

  #varint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.uint8((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.uint8(rest);
  }
}
