import { int32Column, uint8Column } from '../bytes/columns.ts';
import { PyrewriteError } from '../errors.ts';
import { bytesValue, type CodeObject } from '../marshal/index.ts';
import type { BytecodeVersion, OpcodeInfo } from '../opcodes/types.ts';
import { attachHandlers, parseExceptionTable } from './exception-table.ts';
import { type Handler, type InstructionList, NO_HANDLER, NO_LABEL, NO_LOCATION } from './instruction-list.ts';
import { parseLinetable } from './linetable.ts';
import { type LineMarks, linesOfMarks, parseLnotab } from './lnotab.ts';
import { type LocationRuns, parseLocationTable } from './location-table.ts';
import { type Locations, newLocations } from './locations.ts';

interface Columns {
  count: number;
  opcode: Uint8Array;
  oparg: Int32Array;
  width: Uint8Array;
  /** Code unit where each instruction (its first EXTENDED_ARG) starts; one more element for the end. */
  start: Int32Array;
}

/**
 * Decodes a code object into instructions with labels, handlers and locations.
 * @throws PyrewriteError 'bad-code' for code that CPython's compiler cannot have written, 'bad-table' for a malformed table
 */
export function disassemble(code: CodeObject, version: BytecodeVersion): InstructionList {
  const bytes = bytesValue(code.co_code);
  const columns = decode(bytes, version);
  const indexOfUnit = indexUnits(columns, bytes.length >> 1);
  const target = resolveJumps(columns, version, indexOfUnit);
  const handler = int32Column(columns.count).fill(NO_HANDLER);
  const handlers = decodeHandlers(code, indexOfUnit, handler);
  const labels = int32Column(columns.count + 1);
  for (let i = 0; i <= columns.count; i++) labels[i] = i;
  const { location, locations, lineMarks } = decodeLocations(code, version, columns, indexOfUnit);
  return {
    version,
    count: columns.count,
    opcode: columns.opcode,
    oparg: columns.oparg,
    width: columns.width,
    target,
    location,
    handler,
    labels,
    handlers,
    locations,
    lineMarks,
  };
}

function decode(bytes: Uint8Array, version: BytecodeVersion): Columns {
  const units = bytes.length >> 1;
  if (bytes.length % 2 !== 0) throw badCode('co_code has an odd length', bytes.length);
  const columns: Columns = {
    count: 0,
    opcode: uint8Column(units),
    oparg: int32Column(units),
    width: uint8Column(units),
    start: int32Column(units + 1),
  };
  const extendedArg = version.opmap.get('EXTENDED_ARG') ?? -1;
  let count = 0;
  let unit = 0;
  while (unit < units) {
    const first = unit;
    let opcode = bytes[unit * 2];
    let oparg = bytes[unit * 2 + 1];
    unit++;
    while (opcode === extendedArg) {
      if (unit >= units || unit - first > 3) throw badCode('EXTENDED_ARG without an instruction', first * 2);
      opcode = bytes[unit * 2];
      oparg = (oparg << 8) | bytes[unit * 2 + 1];
      unit++;
    }
    const info = version.opcodes[opcode];
    if (info === undefined) throw badCode(`opcode ${opcode} is unknown to Python ${version.name}`, first * 2);
    columns.start[count] = first;
    columns.opcode[count] = opcode;
    columns.oparg[count] = oparg;
    columns.width[count++] = unit - first;
    unit = skipCaches(bytes, unit, units, info);
  }
  columns.start[count] = units;
  columns.count = count;
  return columns;
}

/** Cache entries are zero in a file (the interpreter fills them), so they need not be kept. */
function skipCaches(bytes: Uint8Array, unit: number, units: number, info: OpcodeInfo): number {
  const end = unit + info.caches;
  if (end > units) throw badCode(`inline caches of ${info.opname} are cut off`, unit * 2);
  for (let at = unit * 2; at < end * 2; at++) {
    if (bytes[at] !== 0) throw badCode(`inline cache of ${info.opname} is not empty`, at);
  }
  return end;
}

function indexUnits(columns: Columns, units: number): Int32Array {
  const indexOfUnit = int32Column(units + 1).fill(-1);
  for (let i = 0; i <= columns.count; i++) indexOfUnit[columns.start[i]] = i;
  return indexOfUnit;
}

function resolveJumps(columns: Columns, version: BytecodeVersion, indexOfUnit: Int32Array): Int32Array {
  const target = int32Column(columns.count).fill(NO_LABEL);
  for (let i = 0; i < columns.count; i++) {
    const info = version.opcodes[columns.opcode[i]];
    if (info === undefined || (info.jump === 'none' && info.refers === 'none')) continue;
    const unit = targetUnit(info, columns.oparg[i] >>> 0, columns.start[i + 1], version.jumpUnit);
    const index = Number.isInteger(unit) && unit >= 0 && unit < indexOfUnit.length ? indexOfUnit[unit] : -1;
    if (index < 0)
      throw badCode(`${info.opname} jumps into the middle of an instruction`, columns.start[i] * 2);
    target[i] = index;
  }
  return target;
}

/** Operands of jumps count from the end of the instruction, its caches included. */
function targetUnit(info: OpcodeInfo, oparg: number, end: number, jumpUnit: 1 | 2): number {
  const distance = (oparg * jumpUnit) / 2;
  if (info.jump === 'absolute') return distance;
  return info.jump === 'forward' ? end + distance : end - distance;
}

function decodeHandlers(code: CodeObject, indexOfUnit: Int32Array, handler: Int32Array): Handler[] {
  if (code.co_exceptiontable === undefined) return [];
  const table = bytesValue(code.co_exceptiontable);
  return table.length === 0 ? [] : attachHandlers(parseExceptionTable(table), indexOfUnit, handler);
}

interface DecodedLocations {
  readonly location: Int32Array;
  readonly locations: Locations;
  readonly lineMarks: LineMarks | undefined;
}

function decodeLocations(
  code: CodeObject,
  version: BytecodeVersion,
  columns: Columns,
  indexOfUnit: Int32Array,
): DecodedLocations {
  const table = bytesValue(tableOf(code));
  if (version.locationFormat === 'lnotab') {
    const lineMarks = parseLnotab(table, indexOfUnit);
    return { ...locationsOfLines(linesOfMarks(lineMarks, columns.count, code.co_firstlineno)), lineMarks };
  }
  const parse = version.locationFormat === 'linetable' ? parseLinetable : parseLocationTable;
  const runs = parse(table, code.co_firstlineno);
  return { location: spread(runs, columns), locations: runs.locations, lineMarks: undefined };
}

/** The table that maps instructions to lines, whatever the version calls it. */
export function tableOf(code: CodeObject): NonNullable<CodeObject['co_linetable']> {
  const table = code.co_linetable ?? code.co_lnotab;
  if (table === undefined) throw new PyrewriteError('bad-code', 'code object has no line table');
  return table;
}

function locationsOfLines(lines: Int32Array): { location: Int32Array; locations: Locations } {
  const count = lines.length;
  const locations: Locations = newLocations(0);
  locations.count = count;
  locations.lineno = lines;
  locations.endLineno = int32Column(count).fill(-1);
  locations.colOffset = locations.endLineno;
  locations.endColOffset = locations.endLineno;
  return { location: lines.map((_, i) => i), locations };
}

function spread(runs: LocationRuns, columns: Columns): Int32Array {
  const location = int32Column(columns.count).fill(NO_LOCATION);
  let run = 0;
  for (let i = 0; i < columns.count; i++) {
    while (run < runs.count && runs.start[run + 1] <= columns.start[i]) run++;
    if (run < runs.count) location[i] = runs.row[run];
  }
  return location;
}

function badCode(what: string, offset: number): PyrewriteError {
  return new PyrewriteError('bad-code', what, { offset });
}
