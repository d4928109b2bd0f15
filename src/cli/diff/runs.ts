import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { PyrewriteError } from '../../errors.ts';
import type { Profile } from '../../profile/profile.ts';
import { readProfileFiles } from '../profile-files.ts';

/**
 * The runs that a side of a comparison names: each file is one run, a folder stands for the `.prof` files in it, and a glob
 * that the shell did not expand for the files that it matches.
 * @throws PyrewriteError 'not-found' for a folder or a glob without any
 */
export function readRuns(names: readonly string[], cwd: string): Profile[] {
  return names.flatMap((name) => filesOf(name, cwd)).map((file) => readProfileFiles([file], cwd));
}

function filesOf(name: string, cwd: string): string[] {
  const stat = statSync(resolve(cwd, name), { throwIfNoEntry: false });
  if (stat !== undefined) return stat.isDirectory() ? existing(join(name, '*.prof'), cwd, name) : [name];
  return picomatch.scan(name).isGlob ? existing(name, cwd, name) : [name];
}

function existing(glob: string, cwd: string, name: string): string[] {
  const { base } = picomatch.scan(glob);
  const isDeep = glob.slice(base.length).replace(/^\//, '').includes('/');
  const matches = picomatch(glob);
  const folder = resolve(cwd, base);
  const entries =
    statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true
      ? readdirSync(folder, { recursive: isDeep, encoding: 'utf8' })
      : [];
  const found = entries.map((entry) => join(base, entry)).filter((file) => matches(file));
  if (found.length === 0) {
    throw new PyrewriteError('not-found', `there is no profile in ${name}`, {
      file: name,
      remedy: 'name .prof files, a folder of them, or a glob in quotation marks',
    });
  }
  return found.sort();
}
