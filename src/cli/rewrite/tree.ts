import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import { isInstrumented } from '../../service/is-instrumented.ts';
import type { RewrittenModule } from '../../service/rewriter.ts';
import { writeAtomically } from './atomic.ts';
import type { TreeFile } from './collect.ts';
import type { Compiled, Destination, RewriteJob } from './destination.ts';
import { MANIFEST_NAME } from './manifest.ts';
import { timestampPyc } from './pyc-file.ts';

type TreePlace = Extract<RewriteJob['place'], { kind: 'tree' }>;

/** Builds a copy of the trees with instrumented files in it, in a folder that nobody uses yet. */
export class Tree implements Destination {
  readonly #job: RewriteJob;
  readonly #place: TreePlace;

  constructor(job: RewriteJob, place: TreePlace) {
    this.#job = job;
    this.#place = place;
  }

  /** Without its source beside it, code tells best where its source is. */
  filenameOf(file: TreeFile): string {
    return this.#place.sourceless ? file.path : join(this.#place.final, file.relative);
  }

  source(file: TreeFile, compiled: Compiled, rewritten: RewrittenModule | undefined): void {
    const target = join(this.#place.staging, file.relative);
    const code = rewritten?.code ?? compiled.code;
    const bytes = timestampPyc(this.#job.magic, compiled.mtime, compiled.size, code);
    if (this.#place.sourceless) {
      writeAtomically(`${target}c`, bytes, file.path);
      return;
    }
    this.other(file);
    writeAtomically(join(dirname(target), '__pycache__', basename(compiled.cachePath)), bytes, file.path);
  }

  readPyc(file: TreeFile): Buffer | undefined {
    const bytes = readFileSync(file.path);
    return isInstrumented(bytes) ? undefined : bytes;
  }

  pyc(file: TreeFile, original: Buffer, bytes: Uint8Array | undefined): void {
    writeAtomically(join(this.#place.staging, file.relative), bytes ?? original, file.path);
  }

  /** A copy with the same times: the cache files' headers speak of them. */
  other(file: TreeFile): void {
    const target = join(this.#place.staging, file.relative);
    mkdirSync(dirname(target), { recursive: true });
    if (file.kind === 'link') {
      symlinkSync(readlinkSync(file.path), target);
      return;
    }
    copyFileSync(file.path, target);
    const { atimeMs, mtimeMs } = statSync(file.path);
    utimesSync(target, atimeMs / 1000, mtimeMs / 1000);
  }

  finish(): void {}
}

/** A tree under --out: built beside, then put in place as a whole. */
export interface Staging {
  readonly staging: string;
  commit(): void;
  abandon(): void;
}

/** @throws PyrewriteError when --out names a folder that is not ours to replace */
function checkReplaceable(out: string): void {
  const stat = statSync(out, { throwIfNoEntry: false });
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    throw new PyrewriteError('usage', `--out ${out} is a file`, {
      remedy: 'name a folder that is new or empty',
    });
  }
  if (readdirSync(out).length > 0 && !existsSync(join(out, MANIFEST_NAME))) {
    throw new PyrewriteError('usage', `--out ${out} holds files that pyrewrite did not write`, {
      remedy: 'name a folder that is new, empty, or from an earlier --out',
    });
  }
}

/**
 * Prepares --out. Until commit() the old tree is there in full, after it the new one.
 * @param note what the tree's pyrewrite.json says
 */
export function stageTree(out: string, note: Readonly<Record<string, unknown>>): Staging {
  checkReplaceable(out);
  const staging = `${out}.pyrewrite-new-${process.pid}`;
  const old = `${out}.pyrewrite-old-${process.pid}`;
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(staging, { recursive: true });
  return {
    staging,
    commit() {
      writeFileSync(join(staging, MANIFEST_NAME), `${JSON.stringify(note, null, 1)}\n`);
      if (existsSync(out)) renameSync(out, old);
      renameSync(staging, out);
      rmSync(old, { recursive: true, force: true });
    },
    abandon() {
      if (!existsSync(out) && existsSync(old)) renameSync(old, out);
      rmSync(staging, { recursive: true, force: true });
    },
  };
}
