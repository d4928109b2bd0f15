import { ByteReader } from '../bytes/byte-reader.ts';
import { ByteWriter } from '../bytes/byte-writer.ts';
import { uint8Column } from '../bytes/columns.ts';
import { ENTRY_START, readExceptionVarint, writeExceptionVarint } from '../bytes/varint.ts';
import { PyrewriteError } from '../errors.ts';
import { type Handler, type InstructionList, NO_HANDLER } from './instruction-list.ts';

// co_exceptiontable of 3.11 and later: Objects/exception_handling_notes.txt (InternalDocs/exception_handling.md).
// Four varints an entry, six bits a byte, MOST significant chunk first; the first byte has bit 7 set.

/** An entry as in the file, in code units; `[start, end)` is half open. */
export interface ExceptionTableEntry {
  readonly start: number;
  readonly end: number;
  readonly target: number;
  readonly depth: number;
  readonly lasti: boolean;
}

/** Parses a `co_exceptiontable`. */
export function parseExceptionTable(table: Uint8Array): ExceptionTableEntry[] {
  const input = new ByteReader(table, 'bad-table');
  const entries: ExceptionTableEntry[] = [];
  while (input.offset < table.length) {
    if ((table[input.offset] & ENTRY_START) === 0) input.fail('co_exceptiontable entry has no start bit');
    const start = readExceptionVarint(input);
    const length = readExceptionVarint(input);
    const target = readExceptionVarint(input);
    const depthLasti = readExceptionVarint(input);
    entries.push({
      start,
      end: start + length,
      target,
      depth: depthLasti >> 1,
      lasti: (depthLasti & 1) === 1,
    });
  }
  return entries;
}

/** Ties the entries to instructions: fills `handler` per instruction and returns the handlers. */
export function attachHandlers(
  entries: readonly ExceptionTableEntry[],
  indexOfUnit: Int32Array,
  handler: Int32Array,
): Handler[] {
  const at = (unit: number): number => {
    const index = unit < indexOfUnit.length ? indexOfUnit[unit] : -1;
    if (index >= 0) return index;
    throw new PyrewriteError(
      'bad-table',
      `co_exceptiontable points inside an instruction (code unit ${unit})`,
    );
  };
  return entries.map((entry, number) => {
    handler.fill(number, at(entry.start), at(entry.end));
    return { target: at(entry.target), depth: entry.depth, lasti: entry.lasti };
  });
}

/** Encodes the handlers of a list; `starts[i]` is the code unit where instruction `i` starts. */
export function encodeExceptionTable(list: InstructionList, starts: Int32Array): Uint8Array {
  if (list.handlers.length === 0) return uint8Column(0);
  const out = new ByteWriter('bad-table', list.handlers.length * 8 + 16);
  let i = 0;
  while (i < list.count) {
    const number = list.handler[i];
    const first = i;
    while (i < list.count && list.handler[i] === number) i++;
    if (number === NO_HANDLER) continue;
    const entry = list.handlers[number];
    writeExceptionVarint(out, starts[first], ENTRY_START);
    writeExceptionVarint(out, starts[i] - starts[first]);
    writeExceptionVarint(out, starts[list.labels[entry.target]]);
    writeExceptionVarint(out, (entry.depth << 1) | (entry.lasti ? 1 : 0));
  }
  return out.view();
}
