import { createHash } from 'node:crypto';
import { readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { readCached, writeCached } from '../python/user-cache.ts';

/** Keeps instrumented modules from one run to the next, by the content that they were made from. */
export interface ModuleCache {
  read(key: string): Buffer | undefined;
  write(key: string, content: Uint8Array): void;
  /** Deletes the ones not used for longest while the cache is larger than its limit. */
  trim(): void;
}

/** Bytes; a module takes some kilobytes. */
const DEFAULT_LIMIT = 256 << 20;
/** What is left after trimming, so that not every run trims. */
const TRIMMED_SHARE = 0.75;
/** A file read now counts as used now, but its time is not set again within this span. */
const TOUCH_AFTER_MS = 3_600_000;

/** Key of what is made from these parts. */
export function contentKey(parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest('hex').slice(0, 40);
}

function touch(file: string): void {
  try {
    const now = new Date();
    if (now.getTime() - statSync(file).mtimeMs > TOUCH_AFTER_MS) utimesSync(file, now, now);
  } catch {
    // Somebody else trimmed it: it was read already.
  }
}

function filesIn(folder: string): { file: string; size: number; used: number }[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const file = join(folder, name);
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat === undefined ? [] : [{ file, size: stat.size, used: stat.mtimeMs }];
    });
  } catch {
    return [];
  }
}

/** A cache in a folder, at most `limit` bytes after {@link ModuleCache.trim}. */
export function openModuleCache(folder: string, limit: number = DEFAULT_LIMIT): ModuleCache {
  return {
    read(key) {
      const file = join(folder, key);
      const content = readCached(file);
      if (content !== undefined) touch(file);
      return content;
    },
    write(key, content) {
      writeCached(join(folder, key), content);
    },
    trim() {
      const files = filesIn(folder).sort((a, b) => a.used - b.used);
      let total = files.reduce((sum, { size }) => sum + size, 0);
      if (total <= limit) return;
      for (const { file, size } of files) {
        if (total <= limit * TRIMMED_SHARE) return;
        rmSync(file, { force: true });
        total -= size;
      }
    },
  };
}
