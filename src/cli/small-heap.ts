import { setFlagsFromString } from 'node:v8';

/** Profiles of at most so many bytes make no heap that is worth the time. */
const SMALL = 8 << 20;

/**
 * Has V8 collect garbage when the heap is half as large again as what is in use. By itself it lets the heap grow several times as
 * large, as long as the machine has memory: of two large profiles that are read one after the other, both would be in memory.
 * @param bytes how long a profile is that is going to be read
 */
export function keepHeapSmall(bytes: number): void {
  if (bytes > SMALL) setFlagsFromString('--heap-growing-percent=50');
}
