/** Bytes that need not be in memory all at once: those of a file. */
export interface ByteSource {
  readonly length: number;
  /**
   * The bytes from `offset` on, as many as there are of `length`.
   * @param room may be used for them, where it is as long
   */
  read(offset: number, length: number, room?: Uint8Array): Uint8Array;
}

const PAGE = 1 << 18;
/** A struct of at most so many bytes that begins in a page is in it whole. */
const OVERLAP = 1 << 10;
/** Pages that are in memory at once: 16 MiB. */
const MOST_PAGES = 64;

/** Bytes in memory as a source. */
export function inMemory(bytes: Uint8Array): ByteSource {
  return { length: bytes.length, read: (offset, length) => bytes.subarray(offset, offset + length) };
}

/** Numbers anywhere in a part of a source, of which a few pages are in memory: however long it is, it takes no more. */
export class PagedBytes {
  readonly length: number;
  readonly #source: ByteSource;
  readonly #start: number;
  /** The page that was used last is the last. */
  readonly #pages = new Map<number, DataView>();
  #page = -1;
  #view: DataView = new DataView(new ArrayBuffer(0));

  /** @param start where the part begins in the source */
  constructor(source: ByteSource, start: number, length: number) {
    this.#source = source;
    this.#start = start;
    this.length = length;
  }

  /** The page with the place that was located last. */
  get view(): DataView {
    return this.#view;
  }

  /**
   * Gives where this offset lies in {@link view} from now on. A struct that begins there is in the view as far as it is in
   * the bytes.
   */
  locate(offset: number): number {
    const page = Math.floor(offset / PAGE);
    if (page !== this.#page) this.#turnTo(page);
    return offset - page * PAGE;
  }

  /** A copy or a part of the bytes, as many as there are of `length`. */
  read(offset: number, length: number): Uint8Array {
    return this.#source.read(this.#start + offset, Math.max(0, Math.min(length, this.length - offset)));
  }

  #turnTo(page: number): void {
    const view = this.#pages.get(page) ?? this.#load(page);
    this.#pages.delete(page);
    this.#pages.set(page, view);
    this.#page = page;
    this.#view = view;
  }

  #load(page: number): DataView {
    const at = page * PAGE;
    const length = Math.max(0, Math.min(PAGE + OVERLAP, this.length - at));
    const read = this.#source.read(this.#start + at, length, this.#takeRoom(length));
    // A file that was made shorter meanwhile is as one with zeroes.
    const bytes = read.length === length ? read : Uint8Array.from({ length }, (_, i) => read[i] ?? 0);
    return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** The room of the page that was not used for longest, where there are as many as may be. */
  #takeRoom(length: number): Uint8Array | undefined {
    if (this.#pages.size < MOST_PAGES) return undefined;
    const [oldest] = this.#pages;
    if (oldest === undefined) return undefined;
    const [page, { buffer, byteOffset }] = oldest;
    this.#pages.delete(page);
    // The last page is shorter than the others, and its room is not.
    return byteOffset + length <= buffer.byteLength ? new Uint8Array(buffer, byteOffset, length) : undefined;
  }
}
