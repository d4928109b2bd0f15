import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/**
 * The folder where pyrewrite keeps what can be made again: `$PYREWRITE_CACHE`, else
 * `$XDG_CACHE_HOME/pyrewrite`, else `~/.cache/pyrewrite`.
 */
export function userCacheFolder(env: NodeJS.ProcessEnv): string {
  const { PYREWRITE_CACHE, XDG_CACHE_HOME, HOME } = env;
  if (PYREWRITE_CACHE) return PYREWRITE_CACHE;
  if (XDG_CACHE_HOME?.startsWith('/')) return join(XDG_CACHE_HOME, 'pyrewrite');
  const home = HOME || homedir();
  return home ? join(home, '.cache', 'pyrewrite') : join(tmpdir(), 'pyrewrite-cache');
}

/** A cached file's bytes, or undefined where there are none that can be read. */
export function readCached(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/**
 * Writes a cached file so that readers see all of it or nothing. Failure is no error: a cache may be lost.
 * @returns whether it was written
 */
export function writeCached(file: string, content: string | Uint8Array): boolean {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(temporary, content);
    renameSync(temporary, file);
    return true;
  } catch {
    rmSync(temporary, { force: true });
    return false;
  }
}
