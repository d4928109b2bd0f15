import { type CodeObject, isStr, strValue } from '../marshal/index.ts';
import type { Context } from './context.ts';
import { producerOf, UNKNOWN_PRODUCER, writerOf } from './producers.ts';

// Instructions that CPython recognizes by their neighbour (cpython's unicode_concatenate, specialize.c):
// a probe between them would change how long the program takes, not what it does. So the probe comes later.

/** Store that lets the addition before it work in place → load of the same variable. */
const IN_PLACE: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [
    'STORE_FAST',
    new Set([
      'LOAD_FAST',
      'LOAD_FAST_CHECK',
      'LOAD_FAST_BORROW',
      'LOAD_FAST_LOAD_FAST',
      'LOAD_FAST_BORROW_LOAD_FAST_BORROW',
      'STORE_FAST_LOAD_FAST',
    ]),
  ],
  ['STORE_DEREF', new Set(['LOAD_DEREF', 'LOAD_CLASSDEREF', 'LOAD_CLOSURE'])],
  ['STORE_NAME', new Set(['LOAD_NAME'])],
]);

/** Whether instruction `i` adds. */
function isAddition(context: Context, i: number): boolean {
  const opname = context.nameAt(i);
  if (opname === 'BINARY_ADD' || opname === 'INPLACE_ADD') return true;
  if (opname !== 'BINARY_OP') return false;
  const operation = context.list.version.nbOps[context.list.oparg[i]];
  return operation !== undefined && (operation[1] === '+' || operation[1] === '+=');
}

/**
 * Whether the addition at `i` and the store behind it are `s += t` or `s = s + t`, which the interpreter
 * does in place for str (linear instead of quadratic) only if they are neighbours.
 */
export function isInPlaceAddition(context: Context, i: number): boolean {
  if (!isAddition(context, i)) return false;
  const loads = IN_PLACE.get(context.nameAt(i + 1));
  if (loads === undefined) return false;
  const producer = producerOf(context, i, 1);
  if (producer === UNKNOWN_PRODUCER) return true;
  if (!loads.has(context.nameAt(producer))) return false;
  return loadsLocal(context, producer, context.list.oparg[i + 1]);
}

function loadsLocal(context: Context, load: number, variable: number): boolean {
  const oparg = context.list.oparg[load];
  if (context.infoAt(load).oparg !== 'local-pair') return oparg === variable;
  return oparg >> 4 === variable || (oparg & 15) === variable;
}

/** Whether the call at `i` is `x.append(y)` as a statement, which the interpreter does without a call. */
export function isListAppend(context: Context, code: CodeObject, i: number): boolean {
  if (context.list.oparg[i] !== 1 || context.nameAt(i + 1) !== 'POP_TOP') return false;
  const callable = calleeLoad(context, i);
  if (callable === UNKNOWN_PRODUCER) return false;
  const load = context.nameAt(callable);
  if (load !== 'LOAD_METHOD' && load !== 'LOAD_ATTR') return false;
  const name = code.co_names.items[context.list.oparg[callable] >> context.infoAt(callable).operandShift];
  return name !== undefined && isStr(name) && strValue(name) === 'append';
}

/** Operands above the callable: what `oparg` counts, plus what the call takes besides. */
export function operandsAbove(context: Context, i: number): number {
  const oparg = context.list.oparg[i];
  switch (context.nameAt(i)) {
    case 'CALL_FUNCTION':
    case 'CALL_METHOD':
    case 'CALL':
    case 'PRECALL':
      return oparg;
    case 'CALL_FUNCTION_KW':
    case 'CALL_KW':
      return oparg + 1;
    case 'CALL_FUNCTION_EX':
      return 1 + (oparg & 1);
    default:
      return 0;
  }
}

/** The instruction that loaded what the call at `i` calls, or UNKNOWN_PRODUCER. */
export function calleeLoad(context: Context, i: number): number {
  const from = context.nameAt(i - 1) === 'PRECALL' ? i - 1 : i;
  const depth = operandsAbove(context, from);
  const upper = writerOf(context, from, depth);
  if (upper !== UNKNOWN_PRODUCER && context.nameAt(upper) === 'PUSH_NULL') {
    return writerOf(context, from, depth + 1);
  }
  return upper;
}
