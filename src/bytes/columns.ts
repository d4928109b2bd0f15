/**
 * Typed arrays by the million: a column is a view of a larger buffer, because a buffer of its own costs
 * several times as much as all that is done with a short column. Zeroed, as `new Int32Array` is; never reused.
 */
const SLAB_BYTES = 1 << 18;

let slab = new ArrayBuffer(SLAB_BYTES);
let used = 0;

function take(bytes: number): number {
  const start = used;
  used += (bytes + 7) & ~7;
  return start;
}

function refill(): void {
  slab = new ArrayBuffer(SLAB_BYTES);
  used = 0;
}

/** A zeroed column of 32-bit integers. */
export function int32Column(length: number): Int32Array {
  const bytes = length * 4;
  if (bytes > SLAB_BYTES >> 3) return new Int32Array(length);
  if (used + bytes > SLAB_BYTES) refill();
  return new Int32Array(slab, take(bytes), length);
}

/** A zeroed column of bytes. */
export function uint8Column(length: number): Uint8Array {
  if (length > SLAB_BYTES >> 3) return new Uint8Array(length);
  if (used + length > SLAB_BYTES) refill();
  return new Uint8Array(slab, take(length), length);
}
