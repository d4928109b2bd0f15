import { words } from './atoms.ts';

/** Suffix of BINARY_* and INPLACE_* up to 3.10, and of NB_* and NB_INPLACE_* where it is another word. */
const ARITHMETIC: readonly (readonly [suffix: string, nb: string])[] = [
  ['ADD', 'ADD'],
  ['AND', 'AND'],
  ['FLOOR_DIVIDE', 'FLOOR_DIVIDE'],
  ['LSHIFT', 'LSHIFT'],
  ['MATRIX_MULTIPLY', 'MATRIX_MULTIPLY'],
  ['MODULO', 'REMAINDER'],
  ['MULTIPLY', 'MULTIPLY'],
  ['OR', 'OR'],
  ['POWER', 'POWER'],
  ['RSHIFT', 'RSHIFT'],
  ['SUBTRACT', 'SUBTRACT'],
  ['TRUE_DIVIDE', 'TRUE_DIVIDE'],
  ['XOR', 'XOR'],
];

/** Opcodes of the arithmetic operators before BINARY_OP replaced them. */
export const ARITHMETIC_OPCODES: readonly string[] = ARITHMETIC.flatMap(([suffix]) => [
  `BINARY_${suffix}`,
  `INPLACE_${suffix}`,
]);

/** Jumps that test truth themselves where there is no TO_BOOL. */
export const TRUTH_TESTS: readonly string[] = words(`
  JUMP_IF_FALSE_OR_POP:truth JUMP_IF_TRUE_OR_POP:truth POP_JUMP_IF_FALSE:truth POP_JUMP_IF_TRUE:truth
  POP_JUMP_BACKWARD_IF_FALSE:truth POP_JUMP_BACKWARD_IF_TRUE:truth
  POP_JUMP_FORWARD_IF_FALSE:truth POP_JUMP_FORWARD_IF_TRUE:truth`);

const JUMPS_IF_TRUE = words('POP_JUMP_IF_TRUE POP_JUMP_FORWARD_IF_TRUE POP_JUMP_BACKWARD_IF_TRUE');
const JUMPS_IF_FALSE = words('POP_JUMP_IF_FALSE POP_JUMP_FORWARD_IF_FALSE POP_JUMP_BACKWARD_IF_FALSE');
const JUMPS_IF_NONE = words('POP_JUMP_IF_NONE POP_JUMP_FORWARD_IF_NONE POP_JUMP_BACKWARD_IF_NONE');
const JUMPS_IF_NOT_NONE = words(
  'POP_JUMP_IF_NOT_NONE POP_JUMP_FORWARD_IF_NOT_NONE POP_JUMP_BACKWARD_IF_NOT_NONE',
);
const EXCEPTION_MATCH = words('CHECK_EXC_MATCH JUMP_IF_NOT_EXC_MATCH COMPARE_OP:exception-match');
const KEYWORD_CALLS = words('CALL_FUNCTION_KW CALL_KW');
const WITH_ENTER = words('BEFORE_WITH SETUP_WITH LOAD_SPECIAL:__enter__');
const UNPACKED_LISTS = words('LIST_EXTEND BUILD_LIST_UNPACK BUILD_TUPLE_UNPACK BUILD_TUPLE_UNPACK_WITH_CALL');

function arithmeticNames(): Record<string, readonly string[]> {
  return Object.fromEntries(
    ARITHMETIC.flatMap(([suffix, nb]) => [
      [`BINARY_${suffix}`, [`BINARY_${suffix}`, `BINARY_OP:NB_${nb}`]],
      [`INPLACE_${suffix}`, [`INPLACE_${suffix}`, `BINARY_OP:NB_INPLACE_${nb}`]],
    ]),
  );
}

/** A name in each of a list of names, with the same meaning. */
function alike(
  names: readonly string[],
  atoms: readonly string[] = names,
): Record<string, readonly string[]> {
  return Object.fromEntries(names.map((name) => [name, atoms]));
}

/**
 * What a name selects, in whatever version has it: a name means the same operation everywhere.
 * A name that is not here selects the opcode of that name. (CALL is the group of that name.)
 */
export const NAMES: Readonly<Record<string, readonly string[]>> = {
  ...arithmeticNames(),
  BINARY_OP: ['BINARY_OP:arithmetic', ...ARITHMETIC_OPCODES],
  ...alike(['BINARY_SUBSCR'], words('BINARY_SUBSCR BINARY_OP:NB_SUBSCR')),
  BINARY_SLICE: words('BINARY_SLICE BINARY_SUBSCR:sliced BINARY_OP:sliced'),
  STORE_SLICE: words('STORE_SLICE STORE_SUBSCR:sliced'),

  LOAD_ATTR: words('LOAD_ATTR LOAD_METHOD LOAD_SUPER_ATTR'),
  LOAD_METHOD: words('LOAD_METHOD LOAD_ATTR:method LOAD_SUPER_ATTR:method'),

  CALL_FUNCTION: words('CALL_FUNCTION CALL'),
  CALL_METHOD: words('CALL_METHOD CALL'),
  PRECALL: words('CALL_FUNCTION CALL_METHOD CALL'),
  ...alike([...KEYWORD_CALLS, 'KW_NAMES'], KEYWORD_CALLS),
  CALL_INTRINSIC_1: words(
    'CALL_INTRINSIC_1 ASYNC_GEN_WRAP IMPORT_STAR LIST_TO_TUPLE PRINT_EXPR UNARY_POSITIVE',
  ),
  CALL_INTRINSIC_2: words('CALL_INTRINSIC_2 PREP_RERAISE_STAR'),
  ASYNC_GEN_WRAP: words('ASYNC_GEN_WRAP CALL_INTRINSIC_1:INTRINSIC_ASYNC_GEN_WRAP'),
  IMPORT_STAR: words('IMPORT_STAR CALL_INTRINSIC_1:INTRINSIC_IMPORT_STAR'),
  LIST_TO_TUPLE: words('LIST_TO_TUPLE CALL_INTRINSIC_1:INTRINSIC_LIST_TO_TUPLE'),
  PREP_RERAISE_STAR: words('PREP_RERAISE_STAR CALL_INTRINSIC_2:INTRINSIC_PREP_RERAISE_STAR'),
  PRINT_EXPR: words('PRINT_EXPR CALL_INTRINSIC_1:INTRINSIC_PRINT'),
  UNARY_POSITIVE: words('UNARY_POSITIVE CALL_INTRINSIC_1:INTRINSIC_UNARY_POSITIVE'),

  COMPARE_OP: words('COMPARE_OP:rich'),
  CONTAINS_OP: words('CONTAINS_OP COMPARE_OP:contains'),
  IS_OP: words('IS_OP COMPARE_OP:is'),
  ...alike(words('CHECK_EXC_MATCH JUMP_IF_NOT_EXC_MATCH'), EXCEPTION_MATCH),

  TO_BOOL: ['TO_BOOL', 'UNARY_NOT:truth', ...TRUTH_TESTS],
  ...alike(JUMPS_IF_TRUE),
  ...alike(JUMPS_IF_FALSE),
  ...alike(JUMPS_IF_NONE),
  ...alike(JUMPS_IF_NOT_NONE),

  FORMAT_VALUE: words('FORMAT_VALUE FORMAT_SIMPLE FORMAT_WITH_SPEC CONVERT_VALUE'),
  FORMAT_SIMPLE: words('FORMAT_SIMPLE FORMAT_VALUE:no-spec'),
  FORMAT_WITH_SPEC: words('FORMAT_WITH_SPEC FORMAT_VALUE:spec'),
  CONVERT_VALUE: words('CONVERT_VALUE FORMAT_VALUE:conversion'),

  STORE_FAST: words('STORE_FAST STORE_FAST_LOAD_FAST STORE_FAST_STORE_FAST'),
  LOAD_FAST: words(`LOAD_FAST LOAD_FAST_CHECK LOAD_FAST_BORROW LOAD_FAST_LOAD_FAST STORE_FAST_LOAD_FAST
    LOAD_FAST_BORROW_LOAD_FAST_BORROW`),
  LOAD_FAST_BORROW: words('LOAD_FAST_BORROW LOAD_FAST_BORROW_LOAD_FAST_BORROW'),
  LOAD_CONST: words('LOAD_CONST LOAD_SMALL_INT LOAD_COMMON_CONSTANT'),
  ...alike(words('LOAD_CLASSDEREF LOAD_FROM_DICT_OR_DEREF')),

  GET_ITER: words('GET_ITER:iterator'),
  GET_YIELD_FROM_ITER: words('GET_YIELD_FROM_ITER GET_ITER:yield-from'),
  // the instruction that waits is timed together with the one that got what it waits for
  ...alike(
    words('YIELD_FROM SEND'),
    words('GET_AWAITABLE GET_ANEXT GET_YIELD_FROM_ITER GET_ITER:yield-from'),
  ),
  ...alike(words('BEFORE_WITH SETUP_WITH'), WITH_ENTER),
  BEFORE_ASYNC_WITH: words('BEFORE_ASYNC_WITH LOAD_SPECIAL:__aenter__'),
  LOAD_SPECIAL: words('LOAD_SPECIAL BEFORE_WITH SETUP_WITH BEFORE_ASYNC_WITH'),
  ...alike(words('WITH_EXCEPT_START WITH_CLEANUP_START')),

  BUILD_MAP: words('BUILD_MAP BUILD_CONST_KEY_MAP'),
  ...alike(words('DICT_MERGE BUILD_MAP_UNPACK_WITH_CALL')),
  ...alike(words('DICT_UPDATE BUILD_MAP_UNPACK')),
  ...alike(words('SET_UPDATE BUILD_SET_UNPACK')),
  LIST_EXTEND: UNPACKED_LISTS,
  MAKE_FUNCTION: words('MAKE_FUNCTION SET_FUNCTION_ATTRIBUTE'),
  RETURN_VALUE: words('RETURN_VALUE RETURN_CONST'),
  ...alike(words('RERAISE END_FINALLY')),
};

/**
 * What a name selects in a version that has none of its own instructions: the nearest operation,
 * which may be more than what was asked for (3.11 and 3.12 mark keyword calls in another instruction).
 */
export const FALLBACKS: Readonly<Record<string, readonly string[]>> = {
  ...alike([...KEYWORD_CALLS, 'KW_NAMES'], ['CALL']),
  ...alike(words('BUILD_LIST_UNPACK BUILD_TUPLE_UNPACK BUILD_TUPLE_UNPACK_WITH_CALL'), ['LIST_EXTEND']),
  BUILD_CONST_KEY_MAP: ['BUILD_MAP'],
  JUMP_IF_FALSE_OR_POP: JUMPS_IF_FALSE,
  JUMP_IF_TRUE_OR_POP: JUMPS_IF_TRUE,
  LOAD_ASSERTION_ERROR: ['LOAD_COMMON_CONSTANT'],
  LOAD_CLOSURE: ['LOAD_FAST'],
  LOAD_COMMON_CONSTANT: ['LOAD_CONST'],
  LOAD_FAST_BORROW: ['LOAD_FAST'],
  LOAD_FAST_BORROW_LOAD_FAST_BORROW: ['LOAD_FAST'],
  LOAD_FAST_CHECK: ['LOAD_FAST'],
  LOAD_FAST_LOAD_FAST: ['LOAD_FAST'],
  LOAD_FROM_DICT_OR_GLOBALS: ['LOAD_NAME'],
  LOAD_SMALL_INT: ['LOAD_CONST'],
  RETURN_CONST: ['RETURN_VALUE'],
  SET_FUNCTION_ATTRIBUTE: ['MAKE_FUNCTION'],
  STORE_FAST_LOAD_FAST: words('STORE_FAST LOAD_FAST'),
  STORE_FAST_STORE_FAST: ['STORE_FAST'],
};
