/**
 * What no interpreter says about its opcodes, by opname. Checked against the headers that CPython installs
 * (pycore_opcode_metadata.h, pycore_opcode_utils.h) where there are some: test/opcodes/properties.test.ts.
 */

/** Control never goes on with the next instruction. */
const TERMINATES: ReadonlySet<string> = new Set([
  'JUMP_ABSOLUTE',
  'JUMP_BACKWARD',
  'JUMP_BACKWARD_NO_INTERRUPT',
  'JUMP_FORWARD',
  'RAISE_VARARGS',
  'RERAISE',
  'RETURN_CONST',
  'RETURN_VALUE',
]);

/**
 * Opcodes that cannot raise, with the first minor version of which that is true.
 * Dropping a reference may run `__del__`, whose exceptions go nowhere: POP_TOP cannot raise.
 */
const CANNOT_RAISE: Readonly<Record<string, number>> = {
  BEGIN_FINALLY: 8,
  CALL_FINALLY: 8,
  COPY: 11,
  COPY_FREE_VARS: 11,
  DUP_TOP: 8,
  DUP_TOP_TWO: 8,
  END_FOR: 12,
  END_SEND: 12,
  EXTENDED_ARG: 8,
  GEN_START: 10,
  IS_OP: 9,
  JUMP_BACKWARD_NO_INTERRUPT: 11,
  JUMP_FORWARD: 8,
  KW_NAMES: 11,
  LOAD_ASSERTION_ERROR: 9,
  LOAD_COMMON_CONSTANT: 14,
  LOAD_CONST: 8,
  // up to 3.11 it raises UnboundLocalError; from 3.12 on LOAD_FAST_CHECK does
  LOAD_FAST: 12,
  LOAD_FAST_AND_CLEAR: 12,
  LOAD_FAST_BORROW: 14,
  LOAD_FAST_BORROW_LOAD_FAST_BORROW: 14,
  LOAD_FAST_LOAD_FAST: 13,
  LOAD_SMALL_INT: 14,
  MATCH_MAPPING: 10,
  MATCH_SEQUENCE: 10,
  NOP: 8,
  NOT_TAKEN: 14,
  POP_BLOCK: 8,
  POP_EXCEPT: 11,
  POP_ITER: 14,
  // up to 3.12 they may call __bool__
  POP_JUMP_IF_FALSE: 13,
  POP_JUMP_IF_NONE: 12,
  POP_JUMP_IF_NOT_NONE: 12,
  POP_JUMP_IF_TRUE: 13,
  POP_TOP: 8,
  PUSH_EXC_INFO: 11,
  PUSH_NULL: 11,
  RETURN_CONST: 12,
  RETURN_VALUE: 8,
  ROT_FOUR: 8,
  ROT_N: 10,
  ROT_THREE: 8,
  ROT_TWO: 8,
  SETUP_ASYNC_WITH: 8,
  SETUP_FINALLY: 8,
  STORE_DEREF: 8,
  STORE_FAST: 8,
  STORE_FAST_LOAD_FAST: 13,
  STORE_FAST_STORE_FAST: 13,
  SWAP: 11,
  UNARY_NOT: 13,
  // up to 3.11 it may have to wrap the value of an asynchronous generator
  YIELD_VALUE: 12,
};

/** Whether control never goes on with the next instruction. */
export function terminates(opname: string): boolean {
  return TERMINATES.has(opname);
}

/** Whether an opcode of 3.`minor` may raise by itself; true when not known to be safe. */
export function canRaise(opname: string, minor: number): boolean {
  const since = CANNOT_RAISE[opname];
  return since === undefined || minor < since;
}
