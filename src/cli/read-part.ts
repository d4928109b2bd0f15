import { readSync } from 'node:fs';

/**
 * Bytes of a file from `offset` on, as many as there are of `length`.
 * @param room where to put them, if it is of that length
 */
export function readPart(fd: number, offset: number, length: number, room?: Uint8Array): Uint8Array {
  const bytes = room?.length === length ? room : new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const got = readSync(fd, bytes, done, length - done, offset + done);
    if (got === 0) break;
    done += got;
  }
  return bytes.subarray(0, done);
}
