import { int32Column, uint8Column } from '../bytes/columns.ts';
import { stackEffect } from '../opcodes/stack-effect.ts';
import type { BytecodeVersion, OpcodeInfo } from '../opcodes/types.ts';
import { type InstructionList, NO_HANDLER, NO_LABEL } from './instruction-list.ts';

/** `CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR`: the frame starts with the sent value on its stack. */
const CO_ANY_GENERATOR = 0x20 | 0x80 | 0x200;
/** Depth of an instruction that nothing reaches. Unsound code reaches any other, negative ones included. */
export const UNREACHED = -0x8000_0000;
/** Depths are kept within ±this, so that none is taken for {@link UNREACHED}. */
const DEEPEST = 0x7fff_ffff;

export interface StackDepths {
  /** Largest depth that any path reaches: the `co_stacksize` that the code needs. */
  readonly max: number;
  /** Depth before each instruction, or UNREACHED. */
  readonly before: Int32Array;
}

/**
 * Walks all paths through a list, as CPython's `stackdepth()` does.
 * @param flags `co_flags` of the code object
 */
export function stackDepths(list: InstructionList, flags: number): StackDepths {
  const before = int32Column(list.count).fill(UNREACHED);
  const walk = { list, before, waiting: uint8Column(list.count), lowest: 0, max: 0 };
  const handled = uint8Column(list.handlers.length);
  enter(walk, 0, flags & CO_ANY_GENERATOR ? list.version.generatorEntryDepth : 0);
  for (let i = nextWaiting(walk); i >= 0; i = nextWaiting(walk)) follow(walk, i, handled);
  return { max: walk.max, before };
}

interface Walk {
  readonly list: InstructionList;
  readonly before: Int32Array;
  /** 1 for what is reached and not yet followed, none of it before `lowest`. */
  readonly waiting: Uint8Array;
  lowest: number;
  max: number;
}

/** In the order of the code, as CPython does it: where paths of different depths meet, the one from above counts. */
function nextWaiting(walk: Walk): number {
  const i = walk.waiting.indexOf(1, walk.lowest);
  if (i < 0) return -1;
  walk.lowest = i + 1;
  walk.waiting[i] = 0;
  return i;
}

function enter(walk: Walk, i: number, depth: number): void {
  if (depth > walk.max) walk.max = depth;
  if (i >= walk.list.count || walk.before[i] !== UNREACHED) return;
  walk.before[i] = bounded(depth);
  walk.waiting[i] = 1;
  if (i < walk.lowest) walk.lowest = i;
}

/** Follows the straight line from instruction `first` to its end. */
function follow(walk: Walk, first: number, handled: Uint8Array): void {
  const { list, before } = walk;
  const { returnConstSlots } = list.version;
  for (let i = first; i < list.count; i++) {
    enterHandler(walk, list.handler[i], handled);
    const info = opcodeAt(list.version, list.opcode[i]);
    const oparg = list.oparg[i] >>> 0;
    if (list.target[i] !== NO_LABEL && info.refers === 'none') {
      enter(walk, list.labels[list.target[i]], before[i] + stackEffect(info, oparg, true));
    }
    if (info.terminates) {
      if (info.opname === 'RETURN_CONST') walk.max = Math.max(walk.max, before[i] + returnConstSlots);
      return;
    }
    const after = before[i] + stackEffect(info, oparg, false);
    if (after > walk.max) walk.max = after;
    if (i + 1 >= list.count || before[i + 1] !== UNREACHED) return;
    before[i + 1] = bounded(after);
  }
}

function bounded(depth: number): number {
  return Math.max(-DEEPEST, Math.min(DEEPEST, depth));
}

function enterHandler(walk: Walk, number: number, handled: Uint8Array): void {
  if (number === NO_HANDLER || handled[number] === 1) return;
  handled[number] = 1;
  const handler = walk.list.handlers[number];
  const pushed = walk.list.version.handlerPushes + (handler.lasti ? 1 : 0);
  enter(walk, walk.list.labels[handler.target], handler.depth + pushed);
}

function opcodeAt(version: BytecodeVersion, opcode: number): OpcodeInfo {
  const info = version.opcodes[opcode];
  if (info === undefined) throw new RangeError(`opcode ${opcode} is unknown to Python ${version.name}`);
  return info;
}

/**
 * Instructions that paths of different depths reach, each with both depths. The compiler of 3.8 makes such code on purpose
 * (a `finally` body is there once, and entered with and without an exception), later ones do not.
 */
export function* stackConflicts(
  list: InstructionList,
  before: Int32Array,
): Generator<{ readonly at: number; readonly depths: readonly [number, number] }> {
  for (let i = 0; i < list.count; i++) {
    if (before[i] === UNREACHED) continue;
    const info = opcodeAt(list.version, list.opcode[i]);
    const oparg = list.oparg[i] >>> 0;
    if (list.target[i] !== NO_LABEL && info.refers === 'none') {
      const at = list.labels[list.target[i]];
      const depth = before[i] + stackEffect(info, oparg, true);
      if (at < list.count && before[at] !== depth) yield { at, depths: [before[at], depth] };
    }
    const depth = before[i] + stackEffect(info, oparg, false);
    if (!info.terminates && i + 1 < list.count && before[i + 1] !== depth)
      yield { at: i + 1, depths: [before[i + 1], depth] };
  }
}
