import { resolveAtom, words } from './atoms.ts';
import { ARITHMETIC_OPCODES, TRUTH_TESTS } from './names.ts';
import type { BytecodeVersion } from './types.ts';

/** Opcodes that are selected together. */
export interface Group {
  readonly name: string;
  /** What the group times, in one line. */
  readonly about: string;
  /** Opcodes of every version, some only in part ('COMPARE_OP:contains'); see atoms.ts. */
  readonly members: readonly string[];
}

function group(name: string, about: string, ...members: readonly (string | readonly string[])[]): Group {
  return { name, about, members: members.flatMap((part) => (typeof part === 'string' ? words(part) : part)) };
}

/** Every group but `all`, which is their union. */
export const GROUPS: readonly Group[] = [
  group('attr', 'attribute and method loads', 'LOAD_ATTR LOAD_METHOD LOAD_SUPER_ATTR'),
  group(
    'call',
    'calls of functions, methods and classes',
    'CALL CALL_KW CALL_FUNCTION CALL_FUNCTION_KW CALL_FUNCTION_EX CALL_METHOD',
  ),
  group('arith', 'arithmetic and bit operators, in place or not', 'BINARY_OP:arithmetic', ARITHMETIC_OPCODES),
  group(
    'compare',
    'comparisons, identity tests and pattern matching',
    'COMPARE_OP:rich COMPARE_OP:is IS_OP MATCH_CLASS MATCH_KEYS MATCH_MAPPING MATCH_SEQUENCE GET_LEN',
  ),
  group('contains', 'in and not in', 'CONTAINS_OP COMPARE_OP:contains'),
  group(
    'subscript',
    'x[k]: loads, stores and deletions',
    'BINARY_SUBSCR BINARY_OP:NB_SUBSCR STORE_SUBSCR DELETE_SUBSCR',
  ),
  group(
    'slice',
    'x[a:b]: loads, stores, deletions, and slice objects',
    'BINARY_SLICE STORE_SLICE BUILD_SLICE BINARY_SUBSCR:sliced BINARY_OP:sliced STORE_SUBSCR:sliced DELETE_SUBSCR:sliced',
  ),
  group(
    'iter',
    'iteration: making iterators, every step, unpacking',
    'GET_ITER:iterator FOR_ITER UNPACK_SEQUENCE UNPACK_EX GET_AITER GET_ANEXT',
  ),
  group(
    'global',
    'names looked up in dictionaries: globals, builtins, class bodies',
    'LOAD_GLOBAL LOAD_NAME LOAD_CLASSDEREF LOAD_FROM_DICT_OR_DEREF LOAD_FROM_DICT_OR_GLOBALS LOAD_BUILD_CLASS',
  ),
  group(
    'import',
    'import statements',
    'IMPORT_NAME IMPORT_FROM IMPORT_STAR CALL_INTRINSIC_1:INTRINSIC_IMPORT_STAR',
  ),
  group(
    'build',
    'making and filling tuples, lists, sets, dicts, slices, strings, functions and type parameters',
    'BUILD_TUPLE BUILD_LIST BUILD_SET BUILD_MAP BUILD_CONST_KEY_MAP BUILD_SLICE BUILD_STRING',
    'BUILD_LIST_UNPACK BUILD_TUPLE_UNPACK BUILD_TUPLE_UNPACK_WITH_CALL BUILD_SET_UNPACK',
    'BUILD_MAP_UNPACK BUILD_MAP_UNPACK_WITH_CALL BUILD_INTERPOLATION BUILD_TEMPLATE',
    'LIST_APPEND LIST_EXTEND LIST_TO_TUPLE SET_ADD SET_UPDATE MAP_ADD DICT_MERGE DICT_UPDATE',
    'COPY_DICT_WITHOUT_KEYS MAKE_FUNCTION SET_FUNCTION_ATTRIBUTE SETUP_ANNOTATIONS',
    'CALL_INTRINSIC_1:INTRINSIC_LIST_TO_TUPLE CALL_INTRINSIC_1:INTRINSIC_TYPEVAR',
    'CALL_INTRINSIC_1:INTRINSIC_PARAMSPEC CALL_INTRINSIC_1:INTRINSIC_TYPEVARTUPLE',
    'CALL_INTRINSIC_1:INTRINSIC_SUBSCRIPT_GENERIC CALL_INTRINSIC_1:INTRINSIC_TYPEALIAS',
    'CALL_INTRINSIC_2:INTRINSIC_TYPEVAR_WITH_BOUND CALL_INTRINSIC_2:INTRINSIC_TYPEVAR_WITH_CONSTRAINTS',
    'CALL_INTRINSIC_2:INTRINSIC_SET_FUNCTION_TYPE_PARAMS CALL_INTRINSIC_2:INTRINSIC_SET_TYPEPARAM_DEFAULT',
  ),
  group(
    'format',
    'f-strings and template strings',
    'FORMAT_VALUE FORMAT_SIMPLE FORMAT_WITH_SPEC CONVERT_VALUE BUILD_STRING BUILD_INTERPOLATION BUILD_TEMPLATE',
  ),
  group(
    'unary',
    'unary operators and truth tests',
    'UNARY_NEGATIVE UNARY_INVERT UNARY_NOT UNARY_POSITIVE CALL_INTRINSIC_1:INTRINSIC_UNARY_POSITIVE TO_BOOL',
    TRUTH_TESTS,
  ),
  group(
    'await',
    'await, async for and yield from, the waiting included',
    'GET_AWAITABLE GET_YIELD_FROM_ITER GET_ITER:yield-from GET_AITER GET_ANEXT',
  ),
  group(
    'raise',
    'raising, and matching exceptions with except clauses',
    'RAISE_VARARGS CHECK_EXC_MATCH CHECK_EG_MATCH JUMP_IF_NOT_EXC_MATCH COMPARE_OP:exception-match',
    'PREP_RERAISE_STAR CALL_INTRINSIC_2:INTRINSIC_PREP_RERAISE_STAR',
  ),
  group(
    'with',
    'entering and leaving context managers',
    'SETUP_WITH BEFORE_WITH BEFORE_ASYNC_WITH LOAD_SPECIAL WITH_EXCEPT_START WITH_CLEANUP_START WITH_CLEANUP_FINISH',
  ),
  group(
    'store',
    'stores and deletions of attributes, items and variables',
    'STORE_ATTR DELETE_ATTR STORE_SUBSCR DELETE_SUBSCR STORE_SLICE STORE_NAME DELETE_NAME STORE_GLOBAL DELETE_GLOBAL',
    'STORE_DEREF DELETE_DEREF STORE_FAST DELETE_FAST STORE_FAST_LOAD_FAST STORE_FAST_STORE_FAST',
  ),
  group(
    'dealloc',
    'what may drop the last reference to an object',
    'POP_TOP STORE_FAST STORE_FAST_LOAD_FAST STORE_FAST_STORE_FAST DELETE_FAST STORE_DEREF DELETE_DEREF',
    'STORE_GLOBAL DELETE_GLOBAL STORE_NAME DELETE_NAME DELETE_ATTR DELETE_SUBSCR',
  ),
];

/** Opcodes in no group, by reason. */
const UNGROUPED: readonly (readonly [reason: string, members: readonly string[]])[] = [
  [
    'only moves references on the stack',
    words('COPY SWAP DUP_TOP DUP_TOP_TWO ROT_TWO ROT_THREE ROT_FOUR ROT_N PUSH_NULL NOP'),
  ],
  [
    'only copies a reference to the stack, which costs less than a probe',
    words(`LOAD_FAST LOAD_FAST_AND_CLEAR LOAD_FAST_BORROW LOAD_FAST_BORROW_LOAD_FAST_BORROW LOAD_FAST_CHECK
      LOAD_FAST_LOAD_FAST LOAD_CONST LOAD_SMALL_INT LOAD_COMMON_CONSTANT LOAD_ASSERTION_ERROR LOAD_DEREF
      LOAD_CLOSURE LOAD_LOCALS`),
  ],
  [
    'only jumps',
    words(`JUMP_ABSOLUTE JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT JUMP_FORWARD
      POP_JUMP_IF_NONE POP_JUMP_FORWARD_IF_NONE POP_JUMP_BACKWARD_IF_NONE
      POP_JUMP_IF_NOT_NONE POP_JUMP_FORWARD_IF_NOT_NONE POP_JUMP_BACKWARD_IF_NOT_NONE`),
  ],
  ['only jumps: TO_BOOL before it tests the value', words('POP_JUMP_IF_FALSE:bool POP_JUMP_IF_TRUE:bool')],
  [
    'is timed as part of the instruction next to it',
    words(`EXTENDED_ARG KW_NAMES PRECALL NOT_TAKEN END_FOR POP_ITER YIELD_FROM SEND END_SEND CLEANUP_THROW
      END_ASYNC_FOR ASYNC_GEN_WRAP CALL_INTRINSIC_1:INTRINSIC_ASYNC_GEN_WRAP`),
  ],
  ['prepares the frame', words('RESUME GEN_START MAKE_CELL COPY_FREE_VARS RETURN_GENERATOR')],
  ['leaves the frame: nothing runs behind it', words('RETURN_VALUE RETURN_CONST')],
  ['hands control to the caller, whose time it is', words('YIELD_VALUE')],
  [
    'handles an exception that was raised elsewhere',
    words(`RERAISE END_FINALLY PUSH_EXC_INFO POP_EXCEPT CALL_INTRINSIC_1:INTRINSIC_STOPITERATION_ERROR`),
  ],
  [
    'keeps the books of try blocks',
    words('SETUP_FINALLY SETUP_ASYNC_WITH POP_BLOCK BEGIN_FINALLY CALL_FINALLY POP_FINALLY'),
  ],
  [
    'never occurs in a compiled file',
    words(`PRINT_EXPR CALL_INTRINSIC_1:INTRINSIC_PRINT CALL_INTRINSIC_1:INTRINSIC_1_INVALID
      CALL_INTRINSIC_2:INTRINSIC_2_INVALID COMPARE_OP:bad`),
  ],
];

function contains(
  version: BytecodeVersion,
  atoms: readonly string[],
  opcode: number,
  oparg: number,
): boolean {
  return atoms.some((atom) => {
    const rule = resolveAtom(version, atom);
    return rule?.opcode === opcode && rule.condition?.(oparg, -1) !== false;
  });
}

/** Names of the groups that an instruction is in; a slice is not told from another subscript here. */
export function groupsOf(version: BytecodeVersion, opcode: number, oparg: number): readonly string[] {
  return GROUPS.filter(({ members }) => contains(version, members, opcode, oparg)).map(({ name }) => name);
}

/** Why an instruction is in no group; undefined where it is in one. */
export function whyUngrouped(version: BytecodeVersion, opcode: number, oparg: number): string | undefined {
  if (groupsOf(version, opcode, oparg).length > 0) return undefined;
  return UNGROUPED.find(([, members]) => contains(version, members, opcode, oparg))?.[0];
}
