import { findTargets, type InstructionList } from '../code/instruction-list.ts';
import type { OpcodeInfo } from '../opcodes/types.ts';

/** A list with what the search for units asks of it again and again. */
export interface Context {
  readonly list: InstructionList;
  /** 1 where a jump or a handler enters; see `findTargets`. */
  readonly targets: Uint8Array;
  /** The instruction's opcode, '' outside the list. */
  nameAt(i: number): string;
  infoAt(i: number): OpcodeInfo;
  /** Instruction that instruction `i` jumps to. */
  targetOf(i: number): number;
}

export function newContext(list: InstructionList): Context {
  const infoAt = (i: number): OpcodeInfo => {
    const info = list.version.opcodes[list.opcode[i]];
    if (info === undefined) throw new RangeError(`no instruction ${i}`);
    return info;
  };
  return {
    list,
    targets: findTargets(list),
    nameAt: (i) => (i >= 0 && i < list.count ? infoAt(i).opname : ''),
    infoAt,
    targetOf: (i) => list.labels[list.target[i]],
  };
}

/** Whether any of the instructions from `first` to `last` is entered from elsewhere. */
export function enteredWithin(context: Context, first: number, last: number): boolean {
  for (let i = first; i <= last; i++) if (context.targets[i] === 1) return true;
  return false;
}
