import { readFileSync, statSync } from 'node:fs';
import type { Profile, SiteStats } from '../../profile/profile.ts';
import { decodeSource } from './decode-source.ts';

/** A source as found on the disk. */
export interface FoundSource {
  /** Null where it cannot be shown. */
  readonly text: string | null;
  /** Why not, or why it may not be what ran; empty where all is well. */
  readonly note: string;
}

/** Larger files are data and not programs. */
const MOST_BYTES = 4 << 20;

/**
 * Reads a source that a profile names. A profile can come from anywhere and name any file, and the report is
 * passed on: only what looks like Python is read.
 */
export function readSource(file: string, sites: readonly SiteStats[], profile: Profile): FoundSource {
  if (file.startsWith('<')) return missing('This code was not read from a file.');
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return missing('The source is not on this machine any more, or never was.');
  if (!stats.isFile() || stats.size > MOST_BYTES) return missing('The source is no file that can be shown.');
  const text = readText(file);
  if (text === undefined) return missing('The source cannot be read.');
  if (!looksLikePython(file, text)) return missing('The file does not look like Python, so it is not shown.');
  if (!fits(text, sites))
    return missing('The source was changed since: the operations are no longer where they were.');
  const started = Math.min(...profile.processes.slice(0, 1).map(({ startUnixNs }) => startUnixNs / 1e6));
  const changed = stats.mtimeMs > started;
  return { text, note: changed ? 'The source was changed after the run began: places may be off.' : '' };
}

function missing(note: string): FoundSource {
  return { text: null, note };
}

function readText(file: string): string | undefined {
  try {
    return decodeSource(readFileSync(file));
  } catch {
    return undefined;
  }
}

function looksLikePython(file: string, text: string): boolean {
  return /\.pyw?$/i.test(file) || /^#!.*python/.test(text);
}

/** Whether the lines are there, and most of the attributes that operations name stand where they should. */
function fits(text: string, sites: readonly SiteStats[]): boolean {
  const lines = text.split('\n');
  let there = 0;
  let checked = 0;
  for (const { line, endLine, name, opcode } of sites) {
    if (line === null) continue;
    if (line > lines.length) return false;
    if (!/^LOAD_(ATTR|METHOD|GLOBAL)$/.test(opcode) || name === null) continue;
    checked++;
    // Private names are mangled: _Class__name.
    const plain = name.replace(/^_\w*?(?=__)/, '');
    if (lines.slice(line - 1, endLine ?? line).some((shown) => shown.includes(plain))) there++;
  }
  return there * 2 >= checked;
}
