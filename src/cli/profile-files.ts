import { closeSync, fstatSync, openSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PyrewriteError } from '../errors.ts';
import { mergeAll } from '../profile/merge.ts';
import { type ByteSource, inMemory } from '../profile/paged-bytes.ts';
import type { Profile } from '../profile/profile.ts';
import { readProfiles } from '../profile/reader.ts';
import { aboutFile, readInput } from './input-file.ts';
import { readPart } from './read-part.ts';
import { keepHeapSmall } from './small-heap.ts';

/**
 * The profiles that a command line names, as one. Each process is read for itself, so that memory is needed for the sum
 * and not for all of them.
 * @param files names of files, `-` for standard input, or folders, which stand for the `.prof` files in them
 * @throws PyrewriteError 'bad-profile' for what is no profile, 'not-found' for a folder without any
 */
export function readProfileFiles(files: readonly string[], cwd: string): Profile {
  const notes: string[] = [];
  const merged = mergeAll(eachProfile(files, cwd, notes));
  return { ...merged, notes: [...merged.notes, ...notes] };
}

/**
 * The profile of each process, one after the other; {@link readProfileFiles}.
 * @param notes gets what is wrong between the profiles of a file
 */
export function* eachProfile(files: readonly string[], cwd: string, notes: string[]): Generator<Profile> {
  for (const file of files.flatMap((name) => profilesNamed(name, cwd))) {
    try {
      yield* file === '-' ? readProfiles(inMemory(readInput(file, cwd)), notes) : readFrom(file, cwd, notes);
    } catch (error) {
      throw aboutFile(error, file);
    }
  }
}

/** A folder stands for the profiles in it. */
function profilesNamed(name: string, cwd: string): string[] {
  const path = resolve(cwd, name);
  if (name === '-' || statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return [name];
  const found = readdirSync(path)
    .filter((entry) => entry.endsWith('.prof'))
    .sort();
  if (found.length === 0) {
    throw new PyrewriteError('not-found', `there is no .prof file in ${name}`, { file: name });
  }
  return found.map((entry) => join(name, entry));
}

function* readFrom(file: string, cwd: string, notes: string[]): Generator<Profile> {
  const path = resolve(cwd, file);
  const fd = openSync(path, 'r');
  try {
    const stat = fstatSync(fd);
    keepHeapSmall(stat.size);
    // What is no regular file, such as a pipe, cannot be read from the middle.
    const source = stat.isFile() ? fileSource(fd, stat.size) : inMemory(readInput(file, cwd));
    yield* readProfiles(source, notes);
  } finally {
    closeSync(fd);
  }
}

function fileSource(fd: number, size: number): ByteSource {
  return {
    length: size,
    read: (offset, length, room) => readPart(fd, offset, Math.max(0, Math.min(length, size - offset)), room),
  };
}
