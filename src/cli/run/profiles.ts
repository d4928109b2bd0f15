import { appendFileSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The profiles that the processes of a run left in a folder, in the order of their names. */
export function listProfiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.prof'))
    .sort()
    .map((name) => join(folder, name));
}

/** Puts process profiles one after the other into one file, which is complete or not there at all. */
export function joinProfiles(profiles: readonly string[], file: string): void {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, '');
    for (const profile of profiles) appendFileSync(temporary, readFileSync(profile));
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
}
