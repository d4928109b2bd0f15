import type { Context } from './context.ts';
import { SITE_AWAIT } from './site.ts';
import type { Found } from './unit.ts';

/** Instructions at most from the one that makes the awaitable to the one that waits. */
const REACH = 4;

/**
 * An await or `yield from`: from the instruction that gets the iterator to the one where its value is there.
 * In between the function is suspended, perhaps many times.
 */
export function findAwait(context: Context, i: number): Found {
  const opname = context.nameAt(i);
  if (opname === 'YIELD_FROM' || opname === 'SEND') return 'timed as part of the await that it belongs to';
  const wait = findWait(context, i);
  if (wait < 0) return 'the await behind it is not of the usual form';
  const begin = awaitBegin(context, i);
  if (typeof begin === 'string') return begin;
  const base = { site: i, kind: SITE_AWAIT, begin } as const;
  if (context.nameAt(wait) === 'YIELD_FROM') return { ...base, last: wait, end: 'after', exit: -1 };
  const received = context.targetOf(wait);
  if (context.nameAt(received) === 'END_SEND') {
    const last = context.nameAt(received + 1) === 'NOT_TAKEN' ? received + 1 : received;
    return { ...base, last, end: 'after', exit: -1 };
  }
  return { ...base, last: received - 1, end: 'target', exit: received };
}

function findWait(context: Context, i: number): number {
  for (let j = i + 1; j <= i + REACH; j++) {
    const opname = context.nameAt(j);
    if (opname === 'SEND' || opname === 'YIELD_FROM') return j;
  }
  return -1;
}

/** CPython (up to 3.10) words its error messages by the instructions right before GET_AWAITABLE. */
function awaitBegin(context: Context, i: number): number | string {
  if (context.nameAt(i) !== 'GET_AWAITABLE' || context.list.version.hasExceptionTable) return i;
  const before = context.nameAt(i - 1);
  if (before === 'BEFORE_ASYNC_WITH')
    return 'a probe before BEFORE_ASYNC_WITH would let a signal in before the block is entered';
  if (before === 'WITH_CLEANUP_START')
    return 'the block that WITH_CLEANUP_START leaves must be the innermost';
  if (before === 'WITH_EXCEPT_START') return i - 1;
  if (before === 'CALL_FUNCTION' && context.nameAt(i - 2) === 'DUP_TOP') return i - 2;
  return i;
}
