import { isAbsolute, relative } from 'node:path/posix';

/** A path relative to a folder, where it is in it. */
export function shorten(file: string, cwd: string): string {
  if (!isAbsolute(file)) return file;
  const path = relative(cwd, file);
  return path === '' || path.startsWith('..') ? file : path;
}
