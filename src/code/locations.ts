import { int32Column } from '../bytes/columns.ts';
/** Rows of source positions, one column per property; -1 stands for None. */
export interface Locations {
  count: number;
  lineno: Int32Array;
  endLineno: Int32Array;
  /** UTF-8 byte offsets, as in `co_positions()`. */
  colOffset: Int32Array;
  endColOffset: Int32Array;
}

/** Source position of one instruction; null where the version or the code has none. */
export interface Location {
  readonly lineno: number | null;
  readonly endLineno: number | null;
  readonly colOffset: number | null;
  readonly endColOffset: number | null;
}

export function newLocations(capacity: number): Locations {
  return {
    count: 0,
    lineno: int32Column(capacity),
    endLineno: int32Column(capacity),
    colOffset: int32Column(capacity),
    endColOffset: int32Column(capacity),
  };
}

/** Appends a row and returns its number; equal to the row before it, that row is used again. */
export function addLocation(
  rows: Locations,
  line: number,
  endLine: number,
  col: number,
  endCol: number,
): number {
  const last = rows.count - 1;
  if (
    last >= 0 &&
    rows.lineno[last] === line &&
    rows.endLineno[last] === endLine &&
    rows.colOffset[last] === col &&
    rows.endColOffset[last] === endCol
  )
    return last;
  if (rows.count === rows.lineno.length) grow(rows);
  const row = rows.count++;
  rows.lineno[row] = line;
  rows.endLineno[row] = endLine;
  rows.colOffset[row] = col;
  rows.endColOffset[row] = endCol;
  return row;
}

function grow(rows: Locations): void {
  const larger = (column: Int32Array): Int32Array => {
    const copy = int32Column(column.length * 2 + 8);
    copy.set(column);
    return copy;
  };
  rows.lineno = larger(rows.lineno);
  rows.endLineno = larger(rows.endLineno);
  rows.colOffset = larger(rows.colOffset);
  rows.endColOffset = larger(rows.endColOffset);
}

/** The row as an object with nulls, for people and for tables. */
export function locationAt(rows: Locations, row: number): Location {
  if (row < 0) return { lineno: null, endLineno: null, colOffset: null, endColOffset: null };
  const value = (n: number): number | null => (n < 0 ? null : n);
  return {
    lineno: value(rows.lineno[row]),
    endLineno: value(rows.endLineno[row]),
    colOffset: value(rows.colOffset[row]),
    endColOffset: value(rows.endColOffset[row]),
  };
}

/** Whether two rows say the same, whatever their numbers. */
export function sameLocation(rows: Locations, a: number, b: number): boolean {
  if (a === b) return true;
  if (a < 0 || b < 0) return false;
  return (
    rows.lineno[a] === rows.lineno[b] &&
    rows.endLineno[a] === rows.endLineno[b] &&
    rows.colOffset[a] === rows.colOffset[b] &&
    rows.endColOffset[a] === rows.endColOffset[b]
  );
}
