import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import { PROFILE_MAGIC } from '../../profile/format.ts';

/** A profile to watch. */
export interface Found {
  readonly path: string;
  /** Named itself: it is shown even if its process ended before. */
  readonly named: boolean;
}

/**
 * The profiles that targets stand for: files, folders, process ids; without any, those of all running processes that can be
 * looked into.
 * @throws PyrewriteError 'not-found' for a target that does not exist
 */
export function findProfiles(targets: readonly string[], cwd: string): Found[] {
  if (targets.length === 0) return runningProcesses().flatMap((pid) => mappedProfiles(pid).map(unnamed));
  return targets.flatMap((target) => {
    const path = resolve(cwd, target);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory() === true) return profilesIn(path).map(unnamed);
    if (stat !== undefined) return [{ path, named: true }];
    if (/^\d+$/.test(target) && existsSync(`/proc/${target}`))
      return mappedProfiles(Number(target)).map(unnamed);
    throw new PyrewriteError('not-found', `there is no file, folder or running process ${target}`, {
      file: target,
      remedy: 'without a target, all running processes that record are shown',
    });
  });
}

function unnamed(path: string): Found {
  return { path, named: false };
}

function profilesIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.prof'))
    .map((name) => join(folder, name));
}

function runningProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The profiles that a process has mapped: it writes them. Those of other users cannot be seen. */
function mappedProfiles(pid: number): string[] {
  let maps: string;
  try {
    maps = readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch {
    return [];
  }
  // A shared mapping that is written to, of a file.
  const paths = [...maps.matchAll(/^\S+ rw-s \S+ \S+ \d+ +(\/(?!dev\/|memfd:).*)$/gm)].map(
    ([, path]) => path,
  );
  return [...new Set(paths)].filter(isProfile);
}

function isProfile(path: string): boolean {
  try {
    const fd = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(PROFILE_MAGIC.length);
      return (
        readSync(fd, bytes, 0, bytes.length, 0) === bytes.length && bytes.toString('latin1') === PROFILE_MAGIC
      );
    } finally {
      closeSync(fd);
    }
  } catch {
    return false;
  }
}
