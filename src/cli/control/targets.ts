import { PyrewriteError } from '../../errors.ts';
import { findProfiles } from '../top/find.ts';
import { type Recording, recordingOf } from './running-profile.ts';

/**
 * What running processes do, of those that targets stand for (as in `top`).
 * @param targets files, folders and process ids; none for all running processes
 * @throws PyrewriteError 'not-found' for a target that does not exist, or a file that no running process writes;
 * 'bad-profile' for a file that is no profile
 */
export function runningRecordings(targets: readonly string[], cwd: string): Recording[] {
  const found = new Map<string, Recording>();
  for (const { path, named } of findProfiles(targets, cwd)) {
    try {
      found.set(path, recordingOf(path));
    } catch (error) {
      if (named) throw error;
    }
  }
  if (found.size > 0) return [...found.values()];
  throw nothingRecords(
    targets,
    'a process is seen once it has loaded an instrumented module; one that the recorder in Python records cannot be asked',
  );
}

/** That targets stand for no process that records. */
export function nothingRecords(targets: readonly string[], remedy: string): PyrewriteError {
  const what =
    targets.length === 0 ? 'no running process records' : `nothing records in ${targets.join(', ')}`;
  return new PyrewriteError('not-found', what, { remedy });
}
