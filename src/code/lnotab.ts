import { ByteWriter } from '../bytes/byte-writer.ts';
import { int32Column, uint8Column } from '../bytes/columns.ts';
import { PyrewriteError } from '../errors.ts';

// co_lnotab of 3.8 and 3.9: Objects/lnotab_notes.txt. Pairs (byte delta, signed line delta): the
// table states where the line changes, and tracing looks at exactly these places. So the changes
// themselves are kept, each tied to an instruction.
/** Bytes that one entry can go on. */
export const MAX_STEP = 255;

/** Line changes in code order. Several may stand at one instruction (deltas beyond ±127 are split). */
export interface LineMarks {
  readonly count: number;
  /** Label (instruction) that the change stands before. */
  readonly label: Int32Array;
  /** Bytes behind the label: CPython's optimizer leaves some changes between EXTENDED_ARG and its instruction. */
  readonly inside: Uint8Array;
  readonly delta: Int8Array;
}

/** Parses a `co_lnotab`; `indexOfUnit[u]` is the instruction that starts at code unit `u`, or -1. */
export function parseLnotab(table: Uint8Array, indexOfUnit: Int32Array): LineMarks {
  if (table.length % 2 !== 0) {
    throw new PyrewriteError('bad-table', 'co_lnotab has an odd length', { offset: table.length });
  }
  const label = int32Column(table.length >> 1);
  const inside = uint8Column(table.length >> 1);
  const delta = new Int8Array(table.length >> 1);
  let count = 0;
  let address = 0;
  for (let at = 0; at < table.length; at += 2) {
    address += table[at];
    const change = (table[at + 1] << 24) >> 24;
    if (change === 0 && table[at] === MAX_STEP) continue;
    let unit = address >> 1;
    if (unit >= indexOfUnit.length) {
      throw new PyrewriteError('bad-table', 'co_lnotab goes beyond the code', { offset: at });
    }
    while (indexOfUnit[unit] < 0) unit--;
    label[count] = indexOfUnit[unit];
    inside[count] = address - unit * 2;
    delta[count++] = change;
  }
  return { count, label, inside, delta };
}

/** Encodes line changes; `unitOf(label)` is the code unit where the label's instruction starts. */
export function encodeLnotab(marks: LineMarks, unitOf: (label: number) => number): Uint8Array {
  const out = new ByteWriter('bad-table', marks.count * 2 + 16);
  let last = 0;
  for (let k = 0; k < marks.count; k++) {
    const address = unitOf(marks.label[k]) * 2 + marks.inside[k];
    let step = address - last;
    for (; step > MAX_STEP; step -= MAX_STEP) {
      out.uint8(MAX_STEP);
      out.uint8(0);
    }
    out.uint8(step);
    out.uint8(marks.delta[k] & 255);
    last = address;
  }
  return out.view();
}

/** Line of each instruction that the changes say. */
export function linesOfMarks(marks: LineMarks, count: number, firstlineno: number): Int32Array {
  const lines = int32Column(count);
  let line = firstlineno;
  let k = 0;
  for (let i = 0; i < count; i++) {
    while (k < marks.count && marks.label[k] <= i) line += marks.delta[k++];
    lines[i] = line;
  }
  return lines;
}
