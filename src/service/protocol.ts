/**
 * What a Python process and the instrumenting service say to each other, all numbers little endian:
 *
 *   request   u32 length of what follows, u16 Python version (0x030c), u16 length of the file name,
 *             file name (UTF-8), marshal bytes of a code object
 *   response  u32 length of what follows, marshal bytes; length 0: leave the code as it is
 */
export interface InstrumentRequest {
  /** `major << 8 | minor`. */
  readonly python: number;
  /** `co_filename`, or the absolute path of the main program. */
  readonly filename: string;
  readonly code: Uint8Array;
}

/** More than any module's code: what asks for more does not speak this protocol. */
const MOST_BYTES = 1 << 28;

const HEAD = 4;

/** Takes the requests out of what a connection delivers, in pieces of any size. */
export class RequestReader {
  readonly #chunks: Buffer[] = [];
  #have = 0;

  /**
   * Requests that are complete with this piece.
   * @throws RangeError when the other side does not speak this protocol
   */
  push(chunk: Buffer): InstrumentRequest[] {
    this.#chunks.push(chunk);
    this.#have += chunk.length;
    const requests: InstrumentRequest[] = [];
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) requests.push(decode(frame));
    return requests;
  }

  #take(): Buffer | undefined {
    if (this.#have < HEAD) return undefined;
    const length = this.#joined(HEAD).readUInt32LE();
    if (length > MOST_BYTES) throw new RangeError(`a request of ${length} bytes`);
    if (this.#have < HEAD + length) return undefined;
    const all = this.#joined(HEAD + length);
    this.#chunks[0] = all.subarray(HEAD + length);
    this.#have -= HEAD + length;
    return all.subarray(HEAD, HEAD + length);
  }

  /** The first chunk, made at least this long. */
  #joined(length: number): Buffer {
    if (this.#chunks[0].length < length)
      this.#chunks.splice(0, this.#chunks.length, Buffer.concat(this.#chunks));
    return this.#chunks[0];
  }
}

function decode(frame: Buffer): InstrumentRequest {
  const python = frame.readUInt16LE(0);
  const codeStart = 4 + frame.readUInt16LE(2);
  if (codeStart > frame.length) throw new RangeError('the file name is longer than the request');
  return { python, filename: frame.toString('utf8', 4, codeStart), code: frame.subarray(codeStart) };
}

/** The answer's bytes; without code it says: leave it as it is. */
export function encodeResponse(code: Uint8Array = new Uint8Array(0)): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32LE(code.length);
  return Buffer.concat([head, code]);
}
