import { copyFileSync, existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isInstrumented } from '../../service/is-instrumented.ts';
import { TEMPORARY_SUFFIX, writeAtomically } from './atomic.ts';
import { type Manifest, type ManifestEntry, readManifest, writeManifest } from './manifest.ts';

const HEADER_LENGTH = 16;
const STOCK_SUFFIX = '.stock';

/** Header of a .pyc that is valid as long as its source has this time and size (PEP 552), then its code. */
export function timestampPyc(magic: number, mtime: number, size: number, code: Uint8Array): Buffer {
  const bytes = Buffer.alloc(HEADER_LENGTH + code.length);
  bytes.writeUInt16LE(magic, 0);
  bytes.write('\r\n', 2, 'latin1');
  bytes.writeUInt32LE(mtime, 8);
  bytes.writeUInt32LE(size, 12);
  bytes.set(code, HEADER_LENGTH);
  return bytes;
}

function readIfThere(file: string): Buffer | undefined {
  return existsSync(file) ? readFileSync(file) : undefined;
}

/** A sourceless .pyc lies beside the folder of its list: its name there begins with `../`. */
function stockName(name: string): string {
  return `${name.replace(/^\.\.\//, '')}${STOCK_SUFFIX}`;
}

/** Keeps the uninstrumented file beside; a link, so that it is never away. */
function keepStock(file: string, stock: string): void {
  const temporary = `${stock}${TEMPORARY_SUFFIX}`;
  mkdirSync(dirname(stock), { recursive: true });
  rmSync(temporary, { force: true });
  try {
    linkSync(file, temporary);
  } catch {
    copyFileSync(file, temporary);
  }
  renameSync(temporary, stock);
}

/** The instrumented files of one cache folder: replaces them, notes what was there, brings it back. */
export class CacheFolder {
  readonly path: string;
  readonly #manifest: Manifest;
  #changed = false;

  constructor(path: string) {
    this.path = path;
    this.#manifest = { ...readManifest(path) };
  }

  get names(): string[] {
    return Object.keys(this.#manifest);
  }

  entry(name: string): ManifestEntry | undefined {
    return this.#manifest[name];
  }

  /** Bytes of the file as it was before it was instrumented; undefined: there was none, or it is not known. */
  original(name: string): Buffer | undefined {
    const current = readIfThere(join(this.path, name));
    if (current === undefined || !isInstrumented(current)) return current;
    const previous = this.previous(name);
    return previous === undefined ? undefined : readFileSync(join(this.path, previous));
  }

  /** Name of the file that was there before, if it is still kept. */
  previous(name: string): string | undefined {
    // The list is missing a file when the command was cut off.
    const stock = this.#manifest[name]?.previous ?? stockName(name);
    return existsSync(join(this.path, stock)) ? stock : undefined;
  }

  /** Puts an instrumented file into place; what it replaces is kept. */
  replace(name: string, bytes: Uint8Array, entry: Omit<ManifestEntry, 'previous'>, like: string): void {
    const file = join(this.path, name);
    const previous = this.#keepPrevious(name, file);
    writeAtomically(file, bytes, like);
    this.#manifest[name] = { ...entry, previous };
    this.#changed = true;
  }

  #keepPrevious(name: string, file: string): string | null {
    const current = readIfThere(file);
    if (current === undefined) return null;
    // Instrumented a second time: what was there before the first time counts.
    if (isInstrumented(current)) return this.previous(name) ?? null;
    const stock = stockName(name);
    keepStock(file, join(this.path, stock));
    return stock;
  }

  /**
   * Takes the probes of a file away: what was there before comes back.
   * @returns whether the file was still instrumented
   */
  restore(name: string): boolean {
    const file = join(this.path, name);
    const previous = this.previous(name);
    const current = readIfThere(file);
    const instrumented = current !== undefined && isInstrumented(current);
    if (instrumented) rmSync(file);
    if (previous !== undefined) {
      if (instrumented) renameSync(join(this.path, previous), file);
      else rmSync(join(this.path, previous));
    }
    delete this.#manifest[name];
    this.#changed = true;
    return instrumented;
  }

  /** Writes the list; to be called when the folder is done. */
  save(): void {
    if (this.#changed) writeManifest(this.path, this.#manifest);
    this.#changed = false;
  }
}
