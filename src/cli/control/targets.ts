import { PyrewriteError } from '../../errors.ts';
import { findProfiles } from '../top/find.ts';
import { type Recording, recordingOf } from './running-profile.ts';

/**
 * The profiles that running processes write, of those that targets stand for (as in `top`).
 * @param targets files, folders and process ids; none for all running processes
 * @throws PyrewriteError 'not-found' for a target that does not exist, or a file that no running process writes;
 * 'bad-profile' for a file that is no profile
 */
export function runningProfiles(targets: readonly string[], cwd: string): string[] {
  const paths = findProfiles(targets, cwd).flatMap(({ path, named }) =>
    named || isRunning(path) ? [recordingOf(path).file] : [],
  );
  if (paths.length > 0) return [...new Set(paths)];
  const what =
    targets.length === 0 ? 'no running process records' : `nothing records in ${targets.join(', ')}`;
  throw new PyrewriteError('not-found', what, {
    remedy:
      'a process is seen once it has loaded an instrumented module; one that the recorder in Python records cannot be asked',
  });
}

function isRunning(path: string): boolean {
  try {
    return recordingOf(path).pid > 0;
  } catch {
    return false;
  }
}

/** What processes do; those that ended meanwhile are left out. */
export function recordingsOf(paths: readonly string[]): Recording[] {
  return paths.filter(isRunning).map(recordingOf);
}
