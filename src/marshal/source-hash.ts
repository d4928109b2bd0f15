import type { BytecodeVersion } from '../opcodes/types.ts';

/*
 * SipHash-c-d on 64-bit words, each as two elements of an Int32Array: low half first. BigInt would be some
 * thirty times slower, and sources are hashed by the megabyte. The state v0..v3 lies at 0, 2, 4 and 6; the
 * message word at 8.
 */
const V0 = 0;
const V1 = 2;
const V2 = 4;
const V3 = 6;
const WORD = 8;

/** u16 after the magic number in a .pyc; with it the key is `importlib.util._RAW_MAGIC_NUMBER`. */
const NEWLINE = 0x0a0d;

/**
 * The hash of a source file in a hash-based .pyc, as `importlib.util.source_hash` computes it.
 *
 * @param source bytes of the source file
 * @returns 8 bytes, as they stand in the .pyc
 */
export function sourceHash(
  source: Uint8Array,
  version: Pick<BytecodeVersion, 'magic' | 'sourceHash'>,
): Uint8Array {
  const rounds = version.sourceHash === 'siphash13' ? { each: 1, last: 3 } : { each: 2, last: 4 };
  const state = initialState((NEWLINE << 16) | version.magic);
  const whole = source.length & ~7;
  for (let at = 0; at < whole; at += 8) {
    absorb(state, int32At(source, at), int32At(source, at + 4), rounds.each);
  }
  const rest = new Uint8Array(8);
  rest.set(source.subarray(whole));
  rest[7] = source.length; // the length modulo 256 is the last byte
  absorb(state, int32At(rest, 0), int32At(rest, 4), rounds.each);
  state[V2] ^= 0xff;
  for (let i = 0; i < rounds.last; i++) round(state);
  return digest(state);
}

/** The state for the key (key, 0): CPython gives no second half. */
function initialState(key: number): Int32Array {
  const state = Int32Array.of(
    0x70736575,
    0x736f6d65,
    0x6e646f6d,
    0x646f7261,
    0x6e657261,
    0x6c796765,
    0x79746573,
    0x74656462,
    0,
    0,
  );
  state[V0] ^= key;
  state[V2] ^= key;
  return state;
}

function absorb(state: Int32Array, low: number, high: number, rounds: number): void {
  state[WORD] = low;
  state[WORD + 1] = high;
  xor(state, V3, WORD);
  for (let i = 0; i < rounds; i++) round(state);
  xor(state, V0, WORD);
}

function round(state: Int32Array): void {
  add(state, V0, V1);
  rotateLeft(state, V1, 13);
  xor(state, V1, V0);
  swapHalves(state, V0);
  add(state, V2, V3);
  rotateLeft(state, V3, 16);
  xor(state, V3, V2);
  add(state, V0, V3);
  rotateLeft(state, V3, 21);
  xor(state, V3, V0);
  add(state, V2, V1);
  rotateLeft(state, V1, 17);
  xor(state, V1, V2);
  swapHalves(state, V2);
}

function add(state: Int32Array, into: number, from: number): void {
  const low = (state[into] >>> 0) + (state[from] >>> 0);
  state[into] = low;
  state[into + 1] += state[from + 1] + (low > 0xffff_ffff ? 1 : 0);
}

function xor(state: Int32Array, into: number, from: number): void {
  state[into] ^= state[from];
  state[into + 1] ^= state[from + 1];
}

/** By 1 to 31 bits. */
function rotateLeft(state: Int32Array, at: number, bits: number): void {
  const low = state[at];
  const high = state[at + 1];
  state[at] = (low << bits) | (high >>> (32 - bits));
  state[at + 1] = (high << bits) | (low >>> (32 - bits));
}

/** Rotation by 32 bits. */
function swapHalves(state: Int32Array, at: number): void {
  const low = state[at];
  state[at] = state[at + 1];
  state[at + 1] = low;
}

function digest(state: Int32Array): Uint8Array {
  xor(state, V0, V1);
  xor(state, V0, V2);
  xor(state, V0, V3);
  const hash = new Uint8Array(8);
  for (let i = 0; i < 8; i++) hash[i] = state[i >> 2] >>> (8 * (i & 3));
  return hash;
}

function int32At(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}
