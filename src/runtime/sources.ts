import { createHash, type Hash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runtimePyFile } from '../python/runtime-py.ts';

/** Folder of the C sources: the same place beside src/ and beside dist/. */
export const NATIVE_FOLDER: string = fileURLToPath(new URL('../../native', import.meta.url));

/** The recorder written in Python, for machines without a C compiler. */
export const FALLBACK_FILE: string = runtimePyFile('_pyrewrite_fallback.py');

/** What {@link FALLBACK_FILE} imports; must lie beside it. */
export const FALLBACK_COMPANION: string = runtimePyFile('_pyrewrite_profile.py');

/** Name of the extension module: one file for CPython 3.8 and later, with the GIL. */
export const MODULE_FILE = '_pyrewrite.abi3.so';

/** What the C sources are compiled to. */
export interface RuntimeVariant {
  /** Name of the extension module. */
  readonly file: string;
  /** What the compiler gets besides. */
  readonly flags: readonly string[];
}

/** For interpreters with the GIL. */
export const WITH_GIL: RuntimeVariant = { file: MODULE_FILE, flags: [] };

/**
 * For interpreters without it, which have no stable ABI.
 * @param suffix what their extension modules end with, e.g. `.cpython-313t-x86_64-linux-gnu.so`
 */
export function freeThreadedVariant(suffix: string): RuntimeVariant {
  return { file: `_pyrewrite${suffix}`, flags: ['-DPYREWRITE_FREE_THREADED=1'] };
}

/** The C files to compile, absolute, in a fixed order. */
export function nativeSources(folder: string = NATIVE_FOLDER): readonly string[] {
  return namesIn(folder, '.c').map((name) => join(folder, name));
}

/** Adds every native file's name and content to a hash. */
export function hashSources(hash: Hash, folder: string = NATIVE_FOLDER): void {
  for (const name of [...namesIn(folder, '.c'), ...namesIn(folder, '.h')]) {
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(folder, name)))
      .update('\0');
  }
}

/** Version of this package, which the module gives as `__version__`. */
export function packageVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(text) as { version?: unknown }).version ?? '0');
}

/** A short name for content. */
export function shortHash(...parts: readonly (string | Uint8Array)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex').slice(0, 16);
}

function namesIn(folder: string, extension: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(extension))
    .sort();
}
