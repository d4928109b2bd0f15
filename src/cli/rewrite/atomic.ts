import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/** End of the names of files that are being written; `pyrewrite clean` removes what a power cut left. */
export const TEMPORARY_SUFFIX = '.pyrewrite-tmp';

/** Mode of a file, or undefined where there is none. */
function modeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mode;
}

/**
 * Writes a file so that it is there in full or as it was before. It keeps the mode of the file that it
 * replaces; a new one gets the mode that `like` has, as importlib does for its cache files.
 */
export function writeAtomically(file: string, bytes: Uint8Array, like?: string): void {
  writeChunksAtomically(file, [bytes], like);
}

/** {@link writeAtomically} for what is made piece by piece. */
export function writeChunksAtomically(file: string, chunks: Iterable<Uint8Array>, like?: string): void {
  const mode = modeOf(file) ?? (like === undefined ? undefined : modeOf(like)) ?? 0o644;
  const temporary = `${file}.${process.pid}${TEMPORARY_SUFFIX}`;
  mkdirSync(dirname(file), { recursive: true });
  try {
    // Owner-writable, whatever the source is, or the interpreter could not replace it later.
    const fd = openSync(temporary, 'w', (mode & 0o666) | 0o200);
    try {
      for (const bytes of chunks) {
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      }
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
