import type { BytecodeVersion, OpcodeInfo } from './types.ts';

/**
 * Selects some instructions of one opcode.
 * @param oparg the instruction's oparg, EXTENDED_ARG included
 * @param previous opcode of the instruction before it, -1 where there is none or it is not asked
 */
export type Condition = (oparg: number, previous: number) => boolean;

/** What an atom means in one version. */
export interface Rule {
  readonly opcode: number;
  /** undefined: every instruction of this opcode. */
  readonly condition: Condition | undefined;
}

type Variant = (version: BytecodeVersion, info: OpcodeInfo) => Condition | boolean;

const ARITHMETIC_LIMIT = 'NB_SUBSCR';

function compares(words: readonly string[]): Variant {
  return ({ cmpOps }, { operandShift }) =>
    (oparg) =>
      words.includes(cmpOps[oparg >> operandShift]);
}

function testsTruth({ opmap }: BytecodeVersion): boolean {
  return !opmap.has('TO_BOOL');
}

/** Variants of an opcode that are told apart by its oparg, its neighbour or the version. */
const VARIANTS: Readonly<Record<string, Variant>> = {
  // BINARY_OP
  arithmetic: ({ nbOps }) => {
    const subscript = nbOps.findIndex(([name]) => name === ARITHMETIC_LIMIT);
    return (oparg) => oparg !== subscript;
  },
  // COMPARE_OP: 3.8 has all of these in one opcode
  rich: compares(['<', '<=', '==', '!=', '>', '>=']),
  contains: compares(['in', 'not in']),
  is: compares(['is', 'is not']),
  'exception-match': compares(['exception match']),
  bad: compares(['BAD']),
  // LOAD_ATTR and LOAD_SUPER_ATTR, from the version on that merged LOAD_METHOD into them
  method: (_version, { operandShift }) => operandShift > 0 && ((oparg) => (oparg & 1) === 1),
  // FORMAT_VALUE
  spec: () => (oparg) => (oparg & 4) !== 0,
  'no-spec': () => (oparg) => (oparg & 4) === 0,
  conversion: () => (oparg) => (oparg & 3) !== 0,
  // GET_ITER: the version without GET_YIELD_FROM_ITER tells the two apart by oparg
  iterator: (_version, { oparg: kind }) => kind === 'none' || ((oparg) => oparg === 0),
  'yield-from': (_version, { oparg: kind }) => kind !== 'none' && ((oparg) => oparg !== 0),
  // conditional jumps and UNARY_NOT: the version without TO_BOOL calls __bool__ in them
  truth: testsTruth,
  bool: (version) => !testsTruth(version),
  // versions whose try statements push blocks
  blocks: ({ hasExceptionTable }) => !hasExceptionTable,
  // subscripts whose key was built right before
  sliced: ({ opmap, nbOps }, { opname }) => {
    const buildSlice = opmap.get('BUILD_SLICE');
    const subscript = nbOps.findIndex(([name]) => name === ARITHMETIC_LIMIT);
    if (opname !== 'BINARY_OP') return (_oparg, previous) => previous === buildSlice;
    return subscript >= 0 && ((oparg, previous) => oparg === subscript && previous === buildSlice);
  },
};

/** Operations that an oparg counts out: BINARY_OP's, the intrinsics', LOAD_SPECIAL's. */
function named(version: BytecodeVersion, { opname }: OpcodeInfo, variant: string): Condition | false {
  const lists: Readonly<Record<string, readonly string[]>> = {
    BINARY_OP: version.nbOps.map(([name]) => name),
    CALL_INTRINSIC_1: version.intrinsics1,
    CALL_INTRINSIC_2: version.intrinsics2,
    LOAD_SPECIAL: version.specialMethods,
  };
  const index = lists[opname]?.indexOf(variant) ?? -1;
  return index >= 0 && ((oparg) => oparg === index);
}

/**
 * What an atom means in a version: 'LOAD_GLOBAL' is every instruction of that opcode, 'COMPARE_OP:contains' some.
 * @returns undefined where the version has no such instruction.
 */
export function resolveAtom(version: BytecodeVersion, atom: string): Rule | undefined {
  const [opname = '', variant] = atom.split(':');
  const opcode = version.opmap.get(opname);
  const info = opcode === undefined ? undefined : version.opcodes[opcode];
  if (info === undefined) return undefined;
  if (variant === undefined) return { opcode: info.opcode, condition: undefined };
  const condition = VARIANTS[variant]?.(version, info) ?? named(version, info, variant);
  if (condition === false) return undefined;
  return { opcode: info.opcode, condition: condition === true ? undefined : condition };
}

/** The words of a text: lets the tables of this folder be read as tables. */
export function words(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
