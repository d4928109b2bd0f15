import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { PROFILE_MAGIC } from '../profile/format.ts';

/** Whether a name on the command line is a profile: a file that begins as one, a folder of them, or standard input. */
export function isProfile(name: string, cwd: string): boolean {
  if (name === '-' || name.endsWith('.prof')) return true;
  const path = resolve(cwd, name);
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return false;
  return facts.isDirectory() || (facts.isFile() && beginsAsProfile(path));
}

function beginsAsProfile(path: string): boolean {
  const bytes = Buffer.alloc(PROFILE_MAGIC.length);
  const file = openSync(path, 'r');
  try {
    return readSync(file, bytes) === bytes.length && bytes.toString('latin1') === PROFILE_MAGIC;
  } finally {
    closeSync(file);
  }
}
