import { readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import picomatch from 'picomatch';
import type { MatchableSite } from '../../diff/index.ts';
import { PyrewriteError } from '../../errors.ts';
import type { Profile } from '../../profile/profile.ts';
import { readProfileFiles } from '../profile-files.ts';
import { sourceTexts } from './source-text.ts';

/** The runs of a side of a comparison. */
export interface SideRuns {
  /** One at a time, each read when it is asked for. */
  readonly profiles: Iterable<Profile>;
  /** The text of a site, as far as it is at hand; to be asked when all profiles were read. */
  readonly textOf: (site: MatchableSite) => string | null;
}

/**
 * The runs that a side of a comparison names: each file is one run, a folder stands for the `.prof` files in it, and a glob
 * that the shell did not expand for the files that it matches.
 * @param see is shown each profile when it was read
 * @throws PyrewriteError 'not-found' for a folder or a glob without any
 */
export function openRuns(
  names: readonly string[],
  cwd: string,
  see: (profile: Profile) => void = () => {},
): SideRuns {
  const files = names.flatMap((name) => filesOf(name, cwd));
  let earliest = Number.POSITIVE_INFINITY;
  const read = (file: string): Profile => {
    const profile = readProfileFiles([file], cwd);
    for (const { startUnixNs } of profile.processes) earliest = Math.min(earliest, startUnixNs / 1e6);
    see(profile);
    return profile;
  };
  return { profiles: each(files, read), textOf: sourceTexts(() => earliest) };
}

function* each(files: readonly string[], read: (file: string) => Profile): Generator<Profile> {
  for (const file of files) yield read(file);
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
