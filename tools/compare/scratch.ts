/** Folders that live as long as one run of tests. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Scratch {
  /** Has a short path, because tests make sockets there. */
  readonly folder: string;
  /** For the profiles, which are large. */
  readonly profiles: string;
}

/** Not a disk, where there is such a place. */
const MEMORY = '/dev/shm';

/** Makes the folders for a run, whose names begin with `prefix`, and removes them after it. */
export async function withScratch<T>(prefix: string, run: (scratch: Scratch) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  const profiles = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), prefix));
  try {
    return await run({ folder, profiles });
  } finally {
    for (const made of [folder, profiles]) rmSync(made, { recursive: true, force: true, maxRetries: 3 });
  }
}
