import { isAbsolute, normalize, relative } from 'node:path';
import picomatch from 'picomatch';

/** A test on one text. */
export type Matcher = (text: string) => boolean;

/**
 * Matches absolute paths against globs, relative ones seen from `cwd`; a glob without a slash matches a name
 * at any depth; a folder's path or glob stands for all that lies in it. No globs match nothing.
 */
export function matchPaths(globs: readonly string[], cwd: string): Matcher {
  const withContents = globs
    .map((glob) => normalize(glob.replace(/^([^/]+)\/?$/, '**/$1')).replace(/\/+$/, ''))
    .flatMap((glob) => [glob, `${glob}/**`]);
  const options = { dot: true };
  const absolute = withContents.filter(isAbsolute);
  const isAbsoluteMatch = absolute.length > 0 ? picomatch(absolute, options) : () => false;
  const fromHere = withContents.filter((glob) => !isAbsolute(glob));
  const isRelativeMatch = fromHere.length > 0 ? picomatch(fromHere, options) : () => false;
  return (path) => isAbsoluteMatch(path) || isRelativeMatch(relative(cwd, path));
}

/**
 * Matches dotted names (`a.b.c`, also `f.<locals>.g`): `*` stands for any text, dots included,
 * `?` for one letter.
 */
export function matchNames(globs: readonly string[]): Matcher {
  if (globs.length === 0) return () => false;
  const alternatives = globs.map((glob) =>
    glob
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.'),
  );
  const pattern = new RegExp(`^(?:${alternatives.join('|')})$`, 's');
  return (text) => pattern.test(text);
}
