import type { Context } from './context.ts';
import { SITE_OPERATION } from './site.ts';
import type { Found } from './unit.ts';

/**
 * FOR_ITER leaves in two ways. An item: the next instruction. Exhausted: its target, or, where that is
 * END_FOR, behind END_FOR and the pop that belongs to it, which the interpreter skips or executes as it likes.
 */
export function findLoop(context: Context, i: number): Found {
  const target = context.targetOf(i);
  const base = { site: i, kind: SITE_OPERATION, begin: i, last: i } as const;
  if (context.nameAt(target) !== 'END_FOR') return { ...base, end: 'loop-stub', exit: target };
  const pop = context.nameAt(target + 1);
  const exit =
    (pop === 'POP_TOP' && popsIterator(context, target)) || pop === 'POP_ITER' ? target + 1 : target;
  if (exit !== target && context.targets[exit] === 1) return 'its exit is jumped to';
  return { ...base, end: 'loop', exit };
}

/** Where END_FOR pops one value only, the POP_TOP behind it pops the iterator. */
function popsIterator(context: Context, endFor: number): boolean {
  return context.infoAt(endFor).effect === -1;
}
