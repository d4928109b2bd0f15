import { readFileSync, realpathSync } from 'node:fs';

/**
 * Whether a process writes a profile. One that ended may have left its number to another, and a copy of a profile has the
 * number of the process, too; so the process has to have the file in its memory.
 */
export function isWriting(pid: number, path: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8').includes(` ${realpathSync(path)}\n`);
  } catch {
    return false;
  }
}
