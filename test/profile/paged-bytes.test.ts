import { describe, expect, test } from 'vitest';
import { type ByteSource, inMemory, PagedBytes } from '../../src/profile/paged-bytes.ts';

const MIB = 1 << 20;

/** Bytes that differ from their neighbours near and far. */
function bytesOf(length: number): Uint8Array {
  const words = new Uint32Array(length / 4);
  for (let i = 0; i < words.length; i++) words[i] = Math.imul(i + 1, 0x9e37_79b1);
  return new Uint8Array(words.buffer);
}

/** Copies into the room that it is given, as a file does, and keeps count. */
function fileOf(bytes: Uint8Array): { source: ByteSource; rooms: Set<ArrayBufferLike>; reads: () => number } {
  const rooms = new Set<ArrayBufferLike>();
  let reads = 0;
  const source: ByteSource = {
    length: bytes.length,
    read(offset, length, room) {
      const part = bytes.subarray(offset, offset + length);
      const copy = room?.length === part.length ? room : new Uint8Array(part.length);
      copy.set(part);
      rooms.add(copy.buffer);
      reads++;
      return copy;
    },
  };
  return { source, rooms, reads: () => reads };
}

describe('numbers anywhere', () => {
  const bytes = bytesOf(64 * MIB);
  const start = 512;
  const direct = new DataView(bytes.buffer, start);

  test('are those of the bytes, whatever the order; memory is that of a few pages', () => {
    const { source, rooms } = fileOf(bytes);
    const paged = new PagedBytes(source, start, bytes.length - start);
    let offset = 1;
    let checked = 0;
    for (let i = 0; i < 20_000; i++) {
      offset = (offset * 48_271) % 2_147_483_647;
      // Steps of 4 bytes and a struct of 256: many lie across the end of a page.
      const place = (offset % ((paged.length - 256) / 4)) * 4;
      const at = paged.locate(place);
      for (const k of [0, 100, 252]) {
        if (paged.view.getUint32(at + k, true) !== direct.getUint32(place + k, true))
          expect.fail(`at ${place} + ${k}`);
        checked++;
      }
    }
    const held = [...rooms].reduce((sum, room) => sum + room.byteLength, 0);
    console.log(`paged bytes: ${checked} numbers of ${bytes.length / MIB} MiB, ${held / MIB} MiB held`);
    expect(checked).toBe(60_000);
    expect(held).toBeLessThan(20 * MIB);
  });

  test('are read once where they are near', () => {
    const { source, reads } = fileOf(bytes);
    const paged = new PagedBytes(source, 0, 8 * MIB);
    for (let round = 0; round < 2; round++) for (let at = 0; at < 8 * MIB; at += 64) paged.locate(at);
    expect(reads()).toBe(32);
  });
});

test('a file that was made shorter reads as zeroes', () => {
  const bytes = bytesOf(MIB);
  const short = bytes.subarray(0, 1000);
  const paged = new PagedBytes({ length: MIB, read: (at, n) => short.subarray(at, at + n) }, 0, MIB);
  expect(paged.view.byteLength).toBe(0);
  const numbers = [996, 1000, 600_000].map((place) => {
    const at = paged.locate(place);
    return paged.view.getUint32(at, true);
  });
  expect(numbers).toEqual([new DataView(bytes.buffer).getUint32(996, true), 0, 0]);
});

test('a part is not read beyond its end', () => {
  const bytes = bytesOf(4096);
  const paged = new PagedBytes(inMemory(bytes), 1024, 1024);
  expect(paged.read(1000, 4096)).toEqual(bytes.subarray(2024, 2048));
  expect(paged.read(5000, 4)).toHaveLength(0);
  paged.locate(0);
  expect(paged.view.byteLength).toBe(1024);
});
