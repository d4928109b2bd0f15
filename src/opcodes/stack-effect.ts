import type { OpcodeFacts, StackEffect } from './types.ts';

/** Number of one bits. */
function popcount(value: number): number {
  let count = 0;
  for (let rest = value; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The change of the stack's depth that a shape gives for an oparg. */
function evaluate(effect: StackEffect, oparg: number): number {
  if (typeof effect === 'number') return effect;
  switch (effect[0]) {
    case 'linear':
      return effect[1] + effect[2] * oparg;
    case 'bit':
      return (oparg & effect[2]) === 0 ? effect[1] : effect[1] + effect[3];
    case 'popcount':
      return effect[1] + effect[3] * popcount(oparg & effect[2]);
    case 'equals':
      return oparg === effect[2] ? effect[1] + effect[3] : effect[1];
    case 'unpack-ex':
      return (oparg & 255) + (oparg >> 8);
  }
}

/**
 * Change of the stack's depth by one instruction, in entries: `dis.stack_effect(opcode, oparg, jump=jump)`.
 * @param jump whether the instruction's jump is taken; the same for most opcodes.
 */
export function stackEffect(info: OpcodeFacts, oparg: number, jump: boolean): number {
  return evaluate(jump ? info.jumpEffect : info.effect, oparg);
}
