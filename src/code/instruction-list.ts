import { uint8Column } from '../bytes/columns.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import type { LineMarks } from './lnotab.ts';
import type { Locations } from './locations.ts';

/** A jump target or handler entry that does not exist. */
export const NO_LABEL = -1;
/** Row of {@link Locations} for an instruction that has no location. */
export const NO_LOCATION = -1;
/** Index in `handlers` of an instruction that no handler covers. */
export const NO_HANDLER = -1;

/** One exception-table entry without its range: the instructions that it covers name it by index. */
export interface Handler {
  /** Label of the handler's first instruction. */
  readonly target: number;
  /** Values kept on the stack. */
  readonly depth: number;
  /** Whether the offset of the raising instruction is pushed below the exception. */
  readonly lasti: boolean;
}

/**
 * The instructions of one code object, one column per property (a struct of arrays: files have
 * millions of instructions). Inline caches and EXTENDED_ARG prefixes are implied.
 *
 * Labels are numbers. In a list that `disassemble` made, label `i` stands before instruction `i`
 * (and label `count` at the end); edits keep these numbers and add others behind them.
 */
export interface InstructionList {
  readonly version: BytecodeVersion;
  readonly count: number;
  readonly opcode: Uint8Array;
  /** Operand as in `dis`; meaningless for jumps, which have a `target`. */
  readonly oparg: Int32Array;
  /** Code units for prefixes and opcode at least (CPython sometimes uses more than needed). */
  readonly width: Uint8Array;
  /** Label that a jump goes to (or that END_ASYNC_FOR refers to, or that a NOP tells the distance of), else NO_LABEL. */
  readonly target: Int32Array;
  /** Row in `locations`, or NO_LOCATION. */
  readonly location: Int32Array;
  /** Index in `handlers`, or NO_HANDLER. */
  readonly handler: Int32Array;
  /** Label → index of the instruction that it stands before (`count`: the end). */
  readonly labels: Int32Array;
  readonly handlers: readonly Handler[];
  readonly locations: Locations;
  /** Where the line changes, for the format that states only changes (3.8's lnotab). */
  readonly lineMarks: LineMarks | undefined;
}

/** 1 for each instruction that a jump or an exception handler enters; one more element for the end. */
export function findTargets(list: InstructionList): Uint8Array {
  const entered = uint8Column(list.count + 1);
  for (let i = 0; i < list.count; i++) {
    const label = list.target[i];
    if (label !== NO_LABEL) entered[list.labels[label]] = 1;
  }
  for (const handler of list.handlers) entered[list.labels[handler.target]] = 1;
  return entered;
}

/** CPython's name of an instruction; '' for what is no opcode. */
export function opnameAt({ version, opcode }: InstructionList, i: number): string {
  return version.opcodes[opcode[i]]?.opname ?? '';
}

/** Source line of an instruction; -1 for none. */
export function lineAt({ location, locations }: InstructionList, i: number): number {
  const row = location[i];
  return row === NO_LOCATION ? -1 : locations.lineno[row];
}
