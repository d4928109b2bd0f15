import { ByteWriter } from '../bytes/byte-writer.ts';
import { int32Column } from '../bytes/columns.ts';
import { PyrewriteError } from '../errors.ts';
import { type InstructionList, NO_LOCATION } from './instruction-list.ts';
import type { LocationRuns } from './location-table.ts';
import { addLocation, newLocations } from './locations.ts';

// co_linetable of 3.10: Objects/lnotab_notes.txt. Pairs (length in bytes, line delta); the delta
// applies to the range that follows, -128 means that the range has no line.
const NO_LINE = -128;
const MAX_LENGTH = 254;

/** Parses a 3.10 `co_linetable`; `start` is in code units. */
export function parseLinetable(table: Uint8Array, firstlineno: number): LocationRuns {
  if (table.length % 2 !== 0) {
    throw new PyrewriteError('bad-table', 'co_linetable has an odd length', { offset: table.length });
  }
  const pairs = table.length >> 1;
  const locations = newLocations(pairs + 1);
  const start = int32Column(pairs + 1);
  const row = int32Column(pairs + 1);
  let count = 0;
  let line = firstlineno;
  let unit = 0;
  for (let at = 0; at < table.length; at += 2) {
    const delta = (table[at + 1] << 24) >> 24;
    if (delta !== NO_LINE) line += delta;
    if (table[at] === 0) continue;
    start[count] = unit;
    row[count++] = delta === NO_LINE ? NO_LOCATION : addLocation(locations, line, -1, -1, -1);
    unit += table[at] >> 1;
  }
  start[count] = unit;
  return { count, start, row, locations };
}

/** Encodes the lines of a list as CPython 3.10's `assemble_line_range` does. */
export function encodeLinetable(list: InstructionList, sizes: Uint8Array, firstlineno: number): Uint8Array {
  const out = new ByteWriter('bad-table', list.count + 64);
  let previous = firstlineno;
  let i = 0;
  while (i < list.count) {
    const lineno = linenoAt(list, i);
    let units = 0;
    while (i < list.count && linenoAt(list, i) === lineno) units += sizes[i++];
    encodeRange(out, units * 2, lineno, lineno === -1 ? 0 : lineno - previous);
    if (lineno !== -1) previous = lineno;
  }
  return out.view();
}

function linenoAt(list: InstructionList, i: number): number {
  const row = list.location[i];
  return row === NO_LOCATION ? -1 : list.locations.lineno[row];
}

function encodeRange(out: ByteWriter, length: number, lineno: number, delta: number): void {
  let rest = lineno === -1 ? NO_LINE : delta;
  if (lineno !== -1) {
    for (; rest > 127; rest -= 127) pair(out, 0, 127);
    for (; rest < -127; rest += 127) pair(out, 0, -127);
  }
  let bytes = length;
  for (; bytes > MAX_LENGTH; bytes -= MAX_LENGTH) {
    pair(out, MAX_LENGTH, rest);
    rest = lineno === -1 ? NO_LINE : 0;
  }
  pair(out, bytes, rest);
}

function pair(out: ByteWriter, length: number, delta: number): void {
  out.uint8(length);
  out.uint8(delta & 255);
}
