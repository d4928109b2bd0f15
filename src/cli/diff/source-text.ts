import { readFileSync, statSync } from 'node:fs';
import type { MatchableSite } from '../../diff/index.ts';

/** No source file is this large; what is, is not read. */
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * Reads the text of sites from the source, as far as it is at hand and not changed since the runs began: otherwise lines and
 * columns would point elsewhere.
 * @param earliest when the first run began: Unix time, milliseconds
 */
export function sourceTexts(earliest: () => number): (site: MatchableSite) => string | null {
  const files = new Map<string, readonly Buffer[] | null>();
  return (site) => {
    const lines = files.get(site.file) ?? readLines(site.file, earliest());
    files.set(site.file, lines);
    return lines === null ? null : textOf(site, lines);
  };
}

function readLines(file: string, before: number): readonly Buffer[] | null {
  try {
    const stat = statSync(file);
    if (!stat.isFile() || stat.size > MOST_BYTES || stat.mtimeMs > before) return null;
    const bytes = readFileSync(file);
    const lines: Buffer[] = [];
    for (let from = 0; from <= bytes.length; ) {
      const end = bytes.indexOf(10, from);
      lines.push(bytes.subarray(from, end < 0 ? bytes.length : end));
      from = end < 0 ? bytes.length + 1 : end + 1;
    }
    return lines;
  } catch {
    // It is elsewhere, or not ours to read: sites are matched without it.
    return null;
  }
}

/** The expression, where its columns are known; else its line. Columns count bytes. */
function textOf(
  { line, endLine, column, endColumn }: MatchableSite,
  lines: readonly Buffer[],
): string | null {
  const text = line === null ? undefined : lines[line - 1];
  if (text === undefined) return null;
  if (column === null || endColumn === null || endLine !== line) return text.toString('utf8').trim();
  return text.subarray(column, endColumn).toString('utf8');
}
