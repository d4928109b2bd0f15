import { isAbsolute, relative } from 'node:path';
import type { ReportSite } from './report.ts';

/** `file:line:column`, relative to `cwd` for files in it; the column counts from 0, as in `co_positions()`. */
export function formatPlace(
  site: Pick<ReportSite, 'file' | 'function' | 'line' | 'column'>,
  cwd: string | undefined,
): string {
  const file = shortPath(site.file, cwd);
  if (site.line === null) return `${file} (${site.function})`;
  return site.column === null ? `${file}:${site.line}` : `${file}:${site.line}:${site.column}`;
}

/** A path relative to `cwd` where it lies in it. */
export function shortPath(file: string, cwd: string | undefined): string {
  if (cwd === undefined || !isAbsolute(file)) return file;
  const path = relative(cwd, file);
  return path === '' || path.startsWith('..') ? file : path;
}
