import { readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { isInstrumented } from '../../service/is-instrumented.ts';
import type { RewrittenModule } from '../../service/rewriter.ts';
import type { TreeFile } from './collect.ts';
import type { Compiled, Destination, RewriteJob } from './destination.ts';
import { CacheFolder, timestampPyc } from './pyc-file.ts';

/** The list of a .pyc file lies in a __pycache__ folder: its own, or the one beside it. */
export function manifestFolderOf(pyc: string): string {
  const folder = dirname(pyc);
  return basename(folder) === '__pycache__' ? folder : join(folder, '__pycache__');
}

/** A .pyc as it was before any instrumentation; undefined when that is not known. */
function readOriginal(folder: CacheFolder, path: string): Buffer | undefined {
  const bytes = folder.original(relative(folder.path, path)) ?? readFileSync(path);
  return isInstrumented(bytes) ? undefined : bytes;
}

/** Writes to the cache files that the interpreter will load, and notes what was there. */
export class InPlace implements Destination {
  readonly #job: RewriteJob;
  #folder: CacheFolder | undefined;

  constructor(job: RewriteJob) {
    this.#job = job;
  }

  /** Files come folder by folder: one list is open at a time. */
  #open(folder: string): CacheFolder {
    if (this.#folder?.path !== folder) {
      this.#folder?.save();
      this.#folder = new CacheFolder(folder);
    }
    return this.#folder;
  }

  filenameOf(file: TreeFile): string {
    return file.path;
  }

  source(file: TreeFile, compiled: Compiled, rewritten: RewrittenModule | undefined): void {
    const { cachePath, mtime, size } = compiled;
    const folder = this.#open(dirname(cachePath));
    const name = basename(cachePath);
    if (rewritten?.code === undefined) {
      // Probes of an earlier selection would stay in force.
      if (folder.entry(name) !== undefined) folder.restore(name);
      return;
    }
    const bytes = timestampPyc(this.#job.magic, mtime, size, rewritten.code);
    const source = relative(folder.path, file.path);
    const entry = { source, sourceMtime: mtime, sourceSize: size, ...this.#choice(rewritten.report.sites) };
    folder.replace(name, bytes, entry, file.path);
  }

  readPyc(file: TreeFile): Buffer | undefined {
    return readOriginal(this.#open(manifestFolderOf(file.path)), file.path);
  }

  pyc(file: TreeFile, _original: Buffer, bytes: Uint8Array | undefined, sites: number): void {
    const folder = this.#open(manifestFolderOf(file.path));
    const name = relative(folder.path, file.path);
    const entry = { source: null, sourceMtime: null, sourceSize: null, ...this.#choice(sites) };
    if (bytes !== undefined) folder.replace(name, bytes, entry, file.path);
    else if (folder.entry(name) !== undefined) folder.restore(name);
  }

  other(): void {}

  finish(): void {
    this.#folder?.save();
  }

  #choice(sites: number) {
    const { opcodes, functions, types, gc, callers, sample, overhead } = this.#job;
    return { opcodes, functions, types, gc, callers, sample, overhead, sites };
  }
}

/** --dry-run: reads as {@link InPlace} would, writes nothing. */
export class Nowhere implements Destination {
  filenameOf(file: TreeFile): string {
    return file.path;
  }

  source(): void {}

  readPyc(file: TreeFile): Buffer | undefined {
    return readOriginal(new CacheFolder(manifestFolderOf(file.path)), file.path);
  }

  pyc(): void {}

  other(): void {}

  finish(): void {}
}
