import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { int32Column } from '../bytes/columns.ts';
import {
  ENTRY_START,
  readLocationVarint,
  readSignedLocationVarint,
  writeLocationVarint,
  writeSignedLocationVarint,
} from '../bytes/varint.ts';
import type { InstructionList } from './instruction-list.ts';
import { NO_LOCATION } from './instruction-list.ts';
import { addLocation, type Locations, newLocations, sameLocation } from './locations.ts';

// co_linetable of 3.11 and later: Objects/locations.md (3.11), InternalDocs/code_objects.md (3.14).
const CODE_ONE_LINE_0 = 10;
const CODE_NO_COLUMNS = 13;
const CODE_LONG = 14;
const CODE_NONE = 15;
/** An entry covers at most eight code units. */
const MAX_UNITS = 8;
/** Decoded table: entry `k` covers the code units from `start[k]` to `start[k + 1]`. */
export interface LocationRuns {
  readonly count: number;
  readonly start: Int32Array;
  readonly row: Int32Array;
  readonly locations: Locations;
}

/** Parses a `co_linetable` into runs of code units. */
export function parseLocationTable(table: Uint8Array, firstlineno: number): LocationRuns {
  const input = new ByteReader(table, 'bad-table');
  const locations = newLocations((table.length >> 1) + 1);
  const start = int32Column(table.length + 1);
  const row = int32Column(table.length + 1);
  const cursor = { line: firstlineno };
  let count = 0;
  let unit = 0;
  while (input.offset < table.length) {
    const first = input.uint8('co_linetable entry');
    if ((first & ENTRY_START) === 0) input.fail('co_linetable entry has no start bit', input.offset - 1);
    start[count] = unit;
    row[count++] = parseEntry(input, cursor, (first >> 3) & 15, locations);
    unit += (first & 7) + 1;
  }
  start[count] = unit;
  return { count, start, row, locations };
}

function parseEntry(input: ByteReader, cursor: { line: number }, code: number, rows: Locations): number {
  if (code === CODE_NONE) return NO_LOCATION;
  if (code < CODE_ONE_LINE_0) {
    const second = input.uint8('co_linetable entry');
    const col = (code << 3) | (second >> 4);
    return addLocation(rows, cursor.line, cursor.line, col, col + (second & 15));
  }
  if (code < CODE_NO_COLUMNS) {
    cursor.line += code - CODE_ONE_LINE_0;
    const col = input.uint8('co_linetable entry');
    return addLocation(rows, cursor.line, cursor.line, col, input.uint8('co_linetable entry'));
  }
  cursor.line += readSignedLocationVarint(input);
  if (code === CODE_NO_COLUMNS) return addLocation(rows, cursor.line, cursor.line, -1, -1);
  const endLine = cursor.line + readLocationVarint(input);
  const col = readLocationVarint(input) - 1;
  return addLocation(rows, cursor.line, endLine, col, readLocationVarint(input) - 1);
}

/**
 * Encodes the locations of a list as CPython's `write_location_info_entry` does.
 * `sizes[i]` is the size of instruction `i` in code units, caches and prefixes included.
 */
export function encodeLocationTable(
  list: InstructionList,
  sizes: Uint8Array,
  firstlineno: number,
): Uint8Array {
  const out = new ByteWriter('bad-table', list.count * 2 + 64);
  const rows = list.locations;
  const merges = list.version.mergesEqualLocations;
  let line = firstlineno;
  let i = 0;
  while (i < list.count) {
    const row = list.location[i];
    let units = sizes[i++];
    if (merges) while (i < list.count && sameLocation(rows, row, list.location[i])) units += sizes[i++];
    for (; units > 0; units -= MAX_UNITS) {
      line = encodeEntry(out, rows, row, Math.min(units, MAX_UNITS), line);
    }
  }
  return out.view();
}

function encodeEntry(out: ByteWriter, rows: Locations, row: number, units: number, line: number): number {
  if (row === NO_LOCATION) {
    entryStart(out, CODE_NONE, units);
    return line;
  }
  const lineno = rows.lineno[row];
  const endLineno = rows.endLineno[row];
  const col = rows.colOffset[row];
  const endCol = rows.endColOffset[row];
  const delta = lineno - line;
  if (col < 0 || endCol < 0) {
    if (endLineno === lineno || endLineno === -1) {
      entryStart(out, CODE_NO_COLUMNS, units);
      writeSignedLocationVarint(out, delta);
      return lineno;
    }
  } else if (endLineno === lineno) {
    if (delta === 0 && col < 80 && endCol >= col && endCol - col < 16) {
      entryStart(out, col >> 3, units);
      out.uint8(((col & 7) << 4) | (endCol - col));
      return lineno;
    }
    if (delta >= 0 && delta < 3 && col < 128 && endCol < 128) {
      entryStart(out, CODE_ONE_LINE_0 + delta, units);
      out.uint8(col);
      out.uint8(endCol);
      return lineno;
    }
  }
  entryStart(out, CODE_LONG, units);
  writeSignedLocationVarint(out, delta);
  writeLocationVarint(out, endLineno - lineno);
  writeLocationVarint(out, col + 1);
  writeLocationVarint(out, endCol + 1);
  return lineno;
}

function entryStart(out: ByteWriter, code: number, units: number): void {
  out.uint8(ENTRY_START | (code << 3) | (units - 1));
}
