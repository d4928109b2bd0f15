import { readFileSync, statSync } from 'node:fs';
import type { SourceLines } from '../findings/finding.ts';

/** Bytes. No source is larger; what is named like one may be. */
const LARGEST_SOURCE = 1 << 24;

/** Reads the lines of source files, each once; those that cannot be read have none. */
export function readSourceLines(): SourceLines {
  const files = new Map<string, readonly string[] | undefined>();
  return (file) => {
    if (!files.has(file)) files.set(file, linesOf(file));
    return files.get(file);
  };
}

function linesOf(file: string): readonly string[] | undefined {
  if (!file.startsWith('/')) return undefined;
  try {
    const facts = statSync(file);
    if (!facts.isFile() || facts.size > LARGEST_SOURCE) return undefined;
    return readFileSync(file, 'utf8')
      .replace(/^\ufeff/, '')
      .split(/\r\n|\r|\n/);
  } catch {
    return undefined;
  }
}
