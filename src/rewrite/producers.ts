import { stackEffect } from '../opcodes/stack-effect.ts';
import type { Context } from './context.ts';

/** The producer lies behind a jump target, or is not to be known. */
export const UNKNOWN_PRODUCER = -1;

/**
 * The instruction that first filled a stack slot, seen from before instruction `i`, in straight-line code.
 * @param depth 0 for the top of the stack, 1 for the one below …
 * @returns the instruction whose result reaches up to the slot, or UNKNOWN_PRODUCER
 */
export function producerOf(context: Context, i: number, depth: number): number {
  let level = 0;
  const slot = -1 - depth;
  for (let j = i - 1; j >= 0; j--) {
    if (context.targets[j + 1] === 1) return UNKNOWN_PRODUCER;
    const info = context.infoAt(j);
    if (info.terminates) return UNKNOWN_PRODUCER;
    const before = level - stackEffect(info, context.list.oparg[j] >>> 0, false);
    if (before <= slot && level > slot) return j;
    level = before;
  }
  return UNKNOWN_PRODUCER;
}
