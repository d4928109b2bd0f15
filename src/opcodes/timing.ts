import { type Rule, resolveAtom, words } from './atoms.ts';
import { ARITHMETIC_OPCODES, TRUTH_TESTS } from './names.ts';
import type { BytecodeVersion } from './types.ts';

/** Instructions that cannot be timed one by one: the rewriter knows what belongs together. */
export type Idiom =
  /** KW_NAMES, PRECALL, CALL; what stands next to a call may forbid a probe there */
  | 'call'
  /** two ways on: an item came, or the iterator is exhausted */
  | 'for-iter'
  /** suspends the frame between begin and end */
  | 'await'
  /** tests truth and jumps in one instruction */
  | 'truth-test'
  /** LOAD_SPECIAL and the CALL of what it loaded */
  | 'with-enter';

/** How an instruction can be timed. */
export type Timing =
  /** a begin probe before and an end probe behind it are safe (neighbours permitting) */
  | { readonly kind: 'plain' }
  | { readonly kind: 'special'; readonly idiom: Idiom }
  | { readonly kind: 'refused'; readonly reason: string };

type Row = readonly [timing: Timing, atoms: readonly string[]];

const PLAIN: Timing = { kind: 'plain' };

function special(idiom: Idiom, text: string, more: readonly string[] = []): Row {
  return [{ kind: 'special', idiom }, [...words(text), ...more]];
}

function refused(reason: string, text: string): Row {
  return [{ kind: 'refused', reason }, words(text)];
}

/** First match wins. Sources: cpython's ceval.c, genobject.c, frameobject.c; every pair of neighbours was tried. */
const ROWS: readonly Row[] = [
  special('for-iter', 'FOR_ITER'),
  special(
    'call',
    'CALL CALL_KW CALL_FUNCTION CALL_FUNCTION_KW CALL_FUNCTION_EX CALL_METHOD KW_NAMES PRECALL',
  ),
  special('await', 'GET_AWAITABLE GET_ANEXT GET_YIELD_FROM_ITER GET_ITER:yield-from YIELD_FROM SEND'),
  special('with-enter', 'LOAD_SPECIAL'),
  special('truth-test', '', TRUTH_TESTS),
  refused('it only jumps: TO_BOOL before it tests the value', 'POP_JUMP_IF_FALSE:bool POP_JUMP_IF_TRUE:bool'),
  refused(
    'it only jumps',
    `JUMP_ABSOLUTE JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT JUMP_FORWARD
    POP_JUMP_IF_NONE POP_JUMP_FORWARD_IF_NONE POP_JUMP_BACKWARD_IF_NONE
    POP_JUMP_IF_NOT_NONE POP_JUMP_FORWARD_IF_NOT_NONE POP_JUMP_BACKWARD_IF_NOT_NONE`,
  ),
  refused('it matches an exception and jumps in one instruction', 'JUMP_IF_NOT_EXC_MATCH'),
  refused('it leaves the frame: no probe runs behind it', 'RETURN_VALUE RETURN_CONST'),
  refused('it hands control to the caller, whose time it would be', 'YIELD_VALUE'),
  refused(
    'the interpreter needs it right before YIELD_VALUE',
    'ASYNC_GEN_WRAP CALL_INTRINSIC_1:INTRINSIC_ASYNC_GEN_WRAP',
  ),
  refused(
    'it prepares the frame, which no probe may disturb',
    'RESUME GEN_START MAKE_CELL COPY_FREE_VARS RETURN_GENERATOR',
  ),
  refused('it raises again what was raised and timed elsewhere', 'RERAISE END_FINALLY'),
  refused(
    'the interpreter knows this handler by its form',
    'PUSH_EXC_INFO POP_EXCEPT CLEANUP_THROW CALL_INTRINSIC_1:INTRINSIC_STOPITERATION_ERROR',
  ),
  refused('it is one with the instruction before it', 'END_FOR POP_ITER END_SEND NOT_TAKEN END_ASYNC_FOR'),
  refused('it is a prefix of the next instruction', 'EXTENDED_ARG'),
  refused(
    'it keeps the books of try blocks',
    'SETUP_FINALLY SETUP_ASYNC_WITH POP_BLOCK BEGIN_FINALLY CALL_FINALLY POP_FINALLY',
  ),
  refused(
    'a probe before it would let a signal in before the context manager is entered',
    'SETUP_WITH BEFORE_ASYNC_WITH:blocks',
  ),
  refused('it is one with the block that it ends', 'WITH_CLEANUP_START WITH_CLEANUP_FINISH'),
  [PLAIN, ARITHMETIC_OPCODES],
  [
    PLAIN,
    words(`BEFORE_ASYNC_WITH BEFORE_WITH BINARY_OP BINARY_SLICE BINARY_SUBSCR BUILD_CONST_KEY_MAP BUILD_INTERPOLATION
      BUILD_LIST BUILD_LIST_UNPACK BUILD_MAP BUILD_MAP_UNPACK BUILD_MAP_UNPACK_WITH_CALL BUILD_SET BUILD_SET_UNPACK
      BUILD_SLICE BUILD_STRING BUILD_TEMPLATE BUILD_TUPLE BUILD_TUPLE_UNPACK BUILD_TUPLE_UNPACK_WITH_CALL
      CALL_INTRINSIC_1 CALL_INTRINSIC_2 CHECK_EG_MATCH CHECK_EXC_MATCH COMPARE_OP CONTAINS_OP CONVERT_VALUE COPY
      COPY_DICT_WITHOUT_KEYS DELETE_ATTR DELETE_DEREF DELETE_FAST DELETE_GLOBAL DELETE_NAME DELETE_SUBSCR DICT_MERGE
      DICT_UPDATE DUP_TOP DUP_TOP_TWO FORMAT_SIMPLE FORMAT_VALUE FORMAT_WITH_SPEC GET_AITER GET_ITER:iterator GET_LEN
      IMPORT_FROM IMPORT_NAME IMPORT_STAR IS_OP LIST_APPEND LIST_EXTEND LIST_TO_TUPLE LOAD_ASSERTION_ERROR LOAD_ATTR
      LOAD_BUILD_CLASS LOAD_CLASSDEREF LOAD_CLOSURE LOAD_COMMON_CONSTANT LOAD_CONST LOAD_DEREF LOAD_FAST
      LOAD_FAST_AND_CLEAR LOAD_FAST_BORROW LOAD_FAST_BORROW_LOAD_FAST_BORROW LOAD_FAST_CHECK LOAD_FAST_LOAD_FAST
      LOAD_FROM_DICT_OR_DEREF LOAD_FROM_DICT_OR_GLOBALS LOAD_GLOBAL LOAD_LOCALS LOAD_METHOD LOAD_NAME LOAD_SMALL_INT
      LOAD_SUPER_ATTR MAKE_FUNCTION MAP_ADD MATCH_CLASS MATCH_KEYS MATCH_MAPPING MATCH_SEQUENCE NOP POP_TOP
      PREP_RERAISE_STAR PRINT_EXPR PUSH_NULL RAISE_VARARGS ROT_FOUR ROT_N ROT_THREE ROT_TWO SETUP_ANNOTATIONS SET_ADD
      SET_FUNCTION_ATTRIBUTE SET_UPDATE STORE_ATTR STORE_DEREF STORE_FAST STORE_FAST_LOAD_FAST STORE_FAST_STORE_FAST
      STORE_GLOBAL STORE_NAME STORE_SLICE STORE_SUBSCR SWAP TO_BOOL UNARY_INVERT UNARY_NEGATIVE UNARY_NOT
      UNARY_POSITIVE UNPACK_EX UNPACK_SEQUENCE WITH_EXCEPT_START`),
  ],
];

type Entry = readonly [rule: Rule, timing: Timing];

const TABLES = new Map<BytecodeVersion, readonly (readonly Entry[])[]>();

/** The rows of a version, by opcode. */
function tableOf(version: BytecodeVersion): readonly (readonly Entry[])[] {
  const known = TABLES.get(version);
  if (known !== undefined) return known;
  const table: Entry[][] = Array.from({ length: 256 }, () => []);
  for (const [timing, atoms] of ROWS) {
    for (const atom of atoms) {
      const rule = resolveAtom(version, atom);
      if (rule !== undefined) table[rule.opcode].push([rule, timing]);
    }
  }
  TABLES.set(version, table);
  return table;
}

/**
 * How an instruction can be timed, as far as its opcode and oparg tell.
 * Every real opcode has a rule; an unknown one is refused.
 */
export function timingOf(version: BytecodeVersion, opcode: number, oparg = 0): Timing {
  const entry = tableOf(version)[opcode]?.find(
    ([{ condition }]) => condition === undefined || condition(oparg, -1),
  );
  return entry?.[1] ?? { kind: 'refused', reason: 'pyrewrite has no rule for it' };
}
