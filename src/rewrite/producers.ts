import { stackEffect } from '../opcodes/stack-effect.ts';
import type { Context } from './context.ts';

/** The producer lies behind a jump target, or is not to be known. */
export const UNKNOWN_PRODUCER = -1;

/** Opcodes that leave what is on top of the stack behind them as it was. */
const LEAVES_TOP =
  /^(STORE_(?!FAST_LOAD_FAST)|POP_|DELETE_|NOP|EXTENDED_ARG|KW_NAMES|PRECALL|NOT_TAKEN|LIST_APPEND|LIST_EXTEND|SET_ADD|SET_UPDATE|MAP_ADD|DICT_|END_)/;

/**
 * The instruction that first filled a stack slot, seen from before instruction `i`, in straight-line code.
 * @param depth 0 for the top of the stack, 1 for the one below …
 * @returns the instruction whose result reaches up to the slot, or UNKNOWN_PRODUCER
 */
export function producerOf(context: Context, i: number, depth: number): number {
  return findBack(context, i, depth, () => false);
}

/** The instruction that made the value that is in the slot: with `a.b`, the one that loaded `b`. */
export function writerOf(context: Context, i: number, depth: number): number {
  return findBack(context, i, depth, (j, isTop) => isTop && !LEAVES_TOP.test(context.nameAt(j)));
}

function findBack(
  context: Context,
  i: number,
  depth: number,
  writes: (j: number, isTop: boolean) => boolean,
): number {
  let level = 0;
  const slot = -1 - depth;
  for (let j = i - 1; j >= 0; j--) {
    if (context.targets[j + 1] === 1) return UNKNOWN_PRODUCER;
    const info = context.infoAt(j);
    if (info.terminates) return UNKNOWN_PRODUCER;
    const before = level - stackEffect(info, context.list.oparg[j] >>> 0, false);
    if (level > slot && (before <= slot || writes(j, level - 1 === slot))) return j;
    level = before;
  }
  return UNKNOWN_PRODUCER;
}
