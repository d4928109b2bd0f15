import { words } from './atoms.ts';
import { ARITHMETIC_OPCODES, TRUTH_TESTS } from './names.ts';

/** What an operation is for, whatever its opcode is called in a version. Each operation has one, unlike groups. */
export const FAMILIES = [
  'attr',
  'call',
  'arith',
  'compare',
  'contains',
  'subscript',
  'iter',
  'global',
  'import',
  'build',
  'await',
  'raise',
  'with',
  'store',
  'other',
] as const;

/** One of {@link FAMILIES}. */
export type Family = (typeof FAMILIES)[number];

function plain(atom: string): string {
  return atom.split(':', 1)[0];
}

const MEMBERS: readonly (readonly [Family, readonly string[]])[] = [
  ['attr', words('LOAD_ATTR LOAD_METHOD LOAD_SUPER_ATTR STORE_ATTR DELETE_ATTR')],
  ['call', words('CALL CALL_KW CALL_FUNCTION CALL_FUNCTION_KW CALL_FUNCTION_EX CALL_METHOD')],
  ['arith', words('BINARY_OP UNARY_NEGATIVE UNARY_INVERT UNARY_POSITIVE')],
  ['arith', ARITHMETIC_OPCODES],
  ['compare', words('COMPARE_OP IS_OP MATCH_CLASS MATCH_KEYS MATCH_MAPPING MATCH_SEQUENCE GET_LEN')],
  ['compare', ['UNARY_NOT', 'TO_BOOL', ...TRUTH_TESTS.map(plain)]],
  ['contains', ['CONTAINS_OP']],
  ['subscript', words('BINARY_SUBSCR STORE_SUBSCR DELETE_SUBSCR BINARY_SLICE STORE_SLICE BUILD_SLICE')],
  ['iter', words('GET_ITER FOR_ITER UNPACK_SEQUENCE UNPACK_EX GET_AITER GET_ANEXT')],
  [
    'global',
    words(
      'LOAD_GLOBAL LOAD_NAME LOAD_CLASSDEREF LOAD_FROM_DICT_OR_DEREF LOAD_FROM_DICT_OR_GLOBALS LOAD_BUILD_CLASS',
    ),
  ],
  ['import', words('IMPORT_NAME IMPORT_FROM IMPORT_STAR')],
  ['await', words('GET_AWAITABLE GET_YIELD_FROM_ITER YIELD_FROM SEND')],
  ['raise', words('RAISE_VARARGS CHECK_EXC_MATCH CHECK_EG_MATCH JUMP_IF_NOT_EXC_MATCH PREP_RERAISE_STAR')],
  [
    'with',
    words('SETUP_WITH BEFORE_WITH BEFORE_ASYNC_WITH LOAD_SPECIAL WITH_EXCEPT_START WITH_CLEANUP_START'),
  ],
  ['with', ['WITH_CLEANUP_FINISH']],
  [
    'store',
    words(`POP_TOP STORE_FAST DELETE_FAST STORE_FAST_LOAD_FAST STORE_FAST_STORE_FAST STORE_NAME DELETE_NAME
      STORE_GLOBAL DELETE_GLOBAL STORE_DEREF DELETE_DEREF`),
  ],
  [
    'build',
    words('MAKE_FUNCTION LIST_APPEND LIST_EXTEND LIST_TO_TUPLE SET_ADD SET_UPDATE MAP_ADD DICT_MERGE'),
  ],
  ['build', words('DICT_UPDATE COPY_DICT_WITHOUT_KEYS SET_FUNCTION_ATTRIBUTE SETUP_ANNOTATIONS')],
  [
    'build',
    words('FORMAT_VALUE FORMAT_SIMPLE FORMAT_WITH_SPEC CONVERT_VALUE CALL_INTRINSIC_1 CALL_INTRINSIC_2'),
  ],
];

const BY_OPCODE: ReadonlyMap<string, Family> = new Map(
  MEMBERS.flatMap(([family, opcodes]) => opcodes.map((opcode) => [opcode, family] as const)),
);

/** Opcodes whose operand says what they do: COMPARE_OP has `in` in one version. */
const BY_OPERAND: Readonly<Record<string, Readonly<Record<string, Family>>>> = {
  COMPARE_OP: {
    in: 'contains',
    'not in': 'contains',
    'exception match': 'raise',
  },
  BINARY_OP: { '[]': 'subscript' },
  CALL_INTRINSIC_1: { INTRINSIC_IMPORT_STAR: 'import', INTRINSIC_UNARY_POSITIVE: 'arith' },
  CALL_INTRINSIC_2: { INTRINSIC_PREP_RERAISE_STAR: 'raise' },
};

/**
 * The family of an operation as a profile names it.
 * @param opcode CPython's own name of the opcode, of any version
 * @param operand what its operand names, such as the operator
 * @returns `other` for one that is known to no family
 */
export function familyOf(opcode: string, operand: string | null): Family {
  const special = operand === null ? undefined : BY_OPERAND[opcode]?.[operand];
  return special ?? BY_OPCODE.get(opcode) ?? (opcode.startsWith('BUILD_') ? 'build' : 'other');
}
