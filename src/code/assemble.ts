import { int32Column, uint8Column } from '../bytes/columns.ts';
import { PyrewriteError } from '../errors.ts';
import type { BytecodeVersion, OpcodeInfo } from '../opcodes/types.ts';
import { encodeExceptionTable } from './exception-table.ts';
import { type InstructionList, NO_LABEL } from './instruction-list.ts';
import { encodeLinetable } from './linetable.ts';
import { encodeLnotab } from './lnotab.ts';
import { encodeLocationTable } from './location-table.ts';

/** The bytes of the fields that a list of instructions determines. */
export interface AssembledCode {
  readonly co_code: Uint8Array;
  /** co_linetable, or co_lnotab where the version has that. */
  readonly linetable: Uint8Array;
  /** Empty where the version has none. */
  readonly co_exceptiontable: Uint8Array;
}

/** Where the instructions of a list come to lie. */
export interface Layout {
  /** Code unit where each instruction starts; one more element for the end. */
  readonly starts: Int32Array;
  /** Code units of each instruction, prefixes and caches included. */
  readonly sizes: Uint8Array;
  /** Code units of prefixes and opcode. */
  readonly widths: Uint8Array;
}

/**
 * Encodes a list: offsets, EXTENDED_ARG, jump distances, location and exception tables.
 * An unedited list gives back the bytes it was decoded from.
 * @param firstlineno `co_firstlineno`, where the line tables start
 */
export function assemble(list: InstructionList, firstlineno: number): AssembledCode {
  return encodeLaidOut(list, layOut(list), firstlineno);
}

/** {@link assemble} for a list whose layout is known. */
export function encodeLaidOut(list: InstructionList, layout: Layout, firstlineno: number): AssembledCode {
  return {
    co_code: encode(list, layout),
    linetable: encodeLines(list, layout, firstlineno),
    co_exceptiontable: encodeExceptionTable(list, layout.starts),
  };
}

function encodeLines(list: InstructionList, layout: Layout, firstlineno: number): Uint8Array {
  if (list.lineMarks !== undefined) {
    return encodeLnotab(list.lineMarks, (label) => layout.starts[list.labels[label]]);
  }
  const encodeTable = list.version.locationFormat === 'linetable' ? encodeLinetable : encodeLocationTable;
  return encodeTable(list, layout.sizes, firstlineno);
}

/**
 * Sizes depend on jump distances and distances on sizes: repeat until no jump needs more room.
 * Sizes start from `list.width` and only grow, so that this ends, and so that CPython's own
 * choice survives where two sizes are consistent (a backward jump over 254 units).
 */
export function layOut(list: InstructionList): Layout {
  const { count, version } = list;
  const widths = uint8Column(count);
  widths.set(list.width.subarray(0, count));
  const caches = cacheCounts(version);
  const sizes = uint8Column(count);
  const starts = int32Column(count + 1);
  const jumps: number[] = [];
  for (let i = 0; i < count; i++) {
    if (list.target[i] !== NO_LABEL) jumps.push(i);
    else widths[i] = Math.max(widths[i], widthOf(list.oparg[i] >>> 0));
  }
  const layout = { starts, sizes, widths };
  let grew = true;
  while (grew) {
    let unit = 0;
    for (let i = 0; i < count; i++) {
      starts[i] = unit;
      sizes[i] = widths[i] + caches[list.opcode[i]];
      unit += sizes[i];
    }
    starts[count] = unit;
    grew = growJumps(list, layout, jumps);
  }
  return layout;
}

function growJumps(list: InstructionList, layout: Layout, jumps: readonly number[]): boolean {
  let grew = false;
  for (const i of jumps) {
    const width = widthOf(jumpOparg(list, layout, i));
    if (width <= layout.widths[i]) continue;
    layout.widths[i] = width;
    grew = true;
  }
  return grew;
}

function jumpOparg(list: InstructionList, layout: Layout, i: number): number {
  const info = infoOf(list.version, list.opcode[i]);
  const target = layout.starts[list.labels[list.target[i]]];
  const end = layout.starts[i + 1];
  const isBackward = info.jump === 'backward' || info.refers === 'backward';
  const distance = info.jump === 'absolute' ? target : isBackward ? end - target : target - end;
  if (distance < 0) {
    throw new PyrewriteError('bad-edit', `${info.opname} cannot jump ${isBackward ? 'forward' : 'backward'}`);
  }
  return (distance * 2) / list.version.jumpUnit;
}

/** Code units for an instruction with this oparg, caches aside. */
export function widthOf(oparg: number): number {
  return oparg < 0x100 ? 1 : oparg < 0x10000 ? 2 : oparg < 0x1000000 ? 3 : 4;
}

function encode(list: InstructionList, layout: Layout): Uint8Array {
  const { count, version } = list;
  const extendedArg = version.opmap.get('EXTENDED_ARG') ?? 0;
  const bytes = uint8Column(layout.starts[count] * 2);
  for (let i = 0; i < count; i++) {
    const oparg = list.target[i] === NO_LABEL ? list.oparg[i] >>> 0 : jumpOparg(list, layout, i);
    let at = layout.starts[i] * 2;
    for (let left = layout.widths[i] - 1; left > 0; left--) {
      bytes[at++] = extendedArg;
      bytes[at++] = (oparg >>> (left * 8)) & 255;
    }
    bytes[at++] = list.opcode[i];
    bytes[at] = oparg & 255;
  }
  return bytes;
}

const cacheCountsOf = new WeakMap<BytecodeVersion, Uint8Array>();

function cacheCounts(version: BytecodeVersion): Uint8Array {
  let counts = cacheCountsOf.get(version);
  if (counts === undefined) {
    counts = Uint8Array.from(version.opcodes, (info) => info?.caches ?? 0);
    cacheCountsOf.set(version, counts);
  }
  return counts;
}

function infoOf(version: BytecodeVersion, opcode: number): OpcodeInfo {
  const info = version.opcodes[opcode];
  if (info === undefined)
    throw new PyrewriteError('bad-edit', `opcode ${opcode} is unknown to Python ${version.name}`);
  return info;
}
