import { words } from './atoms.ts';
import { ARITHMETIC_OPCODES, TRUTH_TESTS } from './names.ts';
import type { BytecodeVersion } from './types.ts';

/**
 * What is asked about an operand.
 * - `type`: its type
 * - `attribute`, `attribute-store`: its type, and where it finds the attribute that the instruction names, or puts it
 * - `callable`: what is called
 * - `dropped`: its type, and whether the last reference to it is dropped
 * - `method`: it is what is called, or the object whose method is; which one, only the attribute's name can tell
 * - `local`, `local-pair`, `cell`, `name`, `global`: the value that such a variable has, or two, and whether the last
 *   reference to it is dropped
 * - `callable-below`: what is called, deeper on the stack than copies reach
 * - `item-store`, `item-delete`, `slice-store`: the types of a container and of an index, and what is freed in it
 * - `special`: the object whose class has the special method that is called
 * - `callable-either`: what is called: the first of the values or, where that is nothing, the second
 */
export const OPERAND_KINDS = [
  'type',
  'attribute',
  'attribute-store',
  'callable',
  'method',
  'dropped',
  'local',
  'local-pair',
  'cell',
  'name',
  'global',
  'callable-below',
  'item-store',
  'item-delete',
  'slice-store',
  'special',
  'callable-either',
] as const;

/** One of {@link OPERAND_KINDS}; a site table has its number. */
export type OperandKind = (typeof OPERAND_KINDS)[number];

/** An operand of an instruction, while the instruction has not run. */
export interface Operand {
  readonly kind: OperandKind;
  /** 1 for the top of the stack, as in `COPY`; 0 where the runtime finds it in the frame. */
  readonly depth: number;
  /**
   * Where in the frame: of a variable the slot, of two the oparg; of a callable, the values above it or, where a
   * method's function may lie below its object, above that; of values on the stack the slot of the first, and for
   * `callable-either` their number × 65,536. 0 where the
   * site's name tells.
   */
  readonly place?: number;
  /** So many values on the stack, the last of them on its top; then the place depends on how many lie below. */
  readonly values?: number;
}

/**
 * How the callable of a call was loaded, where that can be told.
 * - `value`: as any value
 * - `method`: by an instruction that loads methods
 * - `below`: below the first argument, in the place of a method (decorators, generator expressions)
 * - `special`: as a special method of what was on top before
 */
export type CalleeForm = 'value' | 'method' | 'below' | 'special' | 'unknown';

type Row = readonly [operands: readonly Operand[], opcodes: readonly string[]];

function row(kind: OperandKind, depths: readonly number[], opcodes: readonly string[]): Row {
  return [depths.map((depth) => ({ kind, depth })), opcodes];
}

/** Opcodes whose operands lie at the same place in every version. Names without a variant. */
const ROWS: readonly Row[] = [
  row('attribute', [1], words('LOAD_ATTR LOAD_METHOD')),
  row('attribute-store', [1], words('STORE_ATTR DELETE_ATTR')),
  row('type', [2, 1], [...ARITHMETIC_OPCODES, ...words('BINARY_OP COMPARE_OP CONTAINS_OP')]),
  row('type', [2, 1], words('BINARY_SUBSCR')),
  row('dropped', [1], words('POP_TOP')),
  row('type', [3], words('BINARY_SLICE')),
  [[{ kind: 'item-store', depth: 0, values: 3 }], ['STORE_SUBSCR']],
  [[{ kind: 'item-delete', depth: 0, values: 2 }], ['DELETE_SUBSCR']],
  [[{ kind: 'slice-store', depth: 0, values: 4 }], ['STORE_SLICE']],
  row('type', [2], words('FORMAT_WITH_SPEC')),
  row(
    'type',
    [1],
    [
      ...TRUTH_TESTS.map((atom) => atom.split(':')[0] ?? ''),
      ...words(`UNARY_NEGATIVE UNARY_NOT UNARY_INVERT UNARY_POSITIVE TO_BOOL LOAD_SUPER_ATTR
      GET_ITER GET_LEN GET_AITER GET_ANEXT GET_AWAITABLE GET_YIELD_FROM_ITER UNPACK_SEQUENCE UNPACK_EX
      LIST_EXTEND SET_UPDATE DICT_UPDATE DICT_MERGE FORMAT_SIMPLE CONVERT_VALUE BEFORE_WITH BEFORE_ASYNC_WITH
      MATCH_MAPPING MATCH_SEQUENCE LOAD_SPECIAL IMPORT_FROM`),
    ],
  ),
];

const FIXED: ReadonlyMap<string, readonly Operand[]> = new Map(
  ROWS.flatMap(([operands, opcodes]) => opcodes.map((opname) => [opname, operands] as const)),
);

const NONE: readonly Operand[] = [];

/**
 * The operands of an instruction that are worth a look; none where they cannot be told apart on the stack.
 * @param firstCell slot of the variable that `STORE_DEREF 0` stores to
 */
export function operandsOf(
  version: BytecodeVersion,
  opcode: number,
  oparg: number,
  callee: CalleeForm,
  firstCell: number,
): readonly Operand[] {
  const opname = version.opcodes[opcode]?.opname ?? '';
  const fixed = FIXED.get(opname);
  if (fixed !== undefined) return fixed;
  switch (opname) {
    case 'FORMAT_VALUE':
      return [{ kind: 'type', depth: oparg & 4 ? 2 : 1 }];
    case 'FOR_ITER':
      return [{ kind: 'type', depth: iteratorDepth(version) }];
    case 'WITH_EXCEPT_START':
      return reachExit(version);
    case 'RAISE_VARARGS':
      return oparg > 0 ? [{ kind: 'type', depth: oparg }] : NONE;
    default:
      return opname.startsWith('CALL')
        ? calleeOf(version, opname, oparg, callee)
        : variableOf(opname, oparg, firstCell);
  }
}

/** The variable whose value is replaced or deleted. */
function variableOf(opname: string, oparg: number, firstCell: number): readonly Operand[] {
  const inFrame = (kind: OperandKind, place = 0): readonly Operand[] => [{ kind, depth: 0, place }];
  switch (opname) {
    case 'STORE_FAST':
    case 'DELETE_FAST':
      return inFrame('local', oparg);
    case 'STORE_FAST_LOAD_FAST':
      return inFrame('local', oparg >> 4);
    case 'STORE_FAST_STORE_FAST':
      return inFrame('local-pair', oparg);
    case 'STORE_DEREF':
    case 'DELETE_DEREF':
      return inFrame('cell', firstCell + oparg);
    case 'STORE_NAME':
    case 'DELETE_NAME':
      return inFrame('name');
    case 'STORE_GLOBAL':
    case 'DELETE_GLOBAL':
      return inFrame('global');
    default:
      return NONE;
  }
}

/** What lies on the stack for a loop: the iterator, and in the newest version a number above it. */
function iteratorDepth({ opmap, opcodes }: BytecodeVersion): number {
  const effect = opcodes[opmap.get('POP_ITER') ?? -1]?.effect;
  return typeof effect === 'number' ? -effect : 1;
}

function calleeOf(
  version: BytecodeVersion,
  opname: string,
  oparg: number,
  form: CalleeForm,
): readonly Operand[] {
  const above = argumentsAbove(version, opname, oparg);
  if (above === undefined) return NONE;
  if (form === 'special') return [{ kind: 'special', depth: 1 }];
  if (version.callableBelowSelf) return [{ kind: 'callable', depth: above + 2 }];
  if (!version.opmap.has('COPY')) return reachCallable(opname, above);
  if (!mayBeMethod(version, opname)) return [{ kind: 'callable', depth: above + 1 }];
  // With a method's object on the stack, its function lies below: it, or nothing.
  if (form === 'unknown') return [{ kind: 'callable-either', depth: 0, values: above + 2 }];
  if (form === 'below') return [{ kind: 'callable', depth: above + 2 }];
  return [{ kind: form === 'method' ? 'method' : 'callable', depth: above + 1 }];
}

/** Without COPY nothing below the second value can be copied; nor what may be nothing, as the function of a method. */
function reachCallable(opname: string, above: number): readonly Operand[] {
  if (opname === 'CALL_METHOD') return [{ kind: 'callable-below', depth: 0, place: above + 1 }];
  if (above < 2) return [{ kind: 'callable', depth: above + 1 }];
  return [{ kind: 'callable-below', depth: 0, place: above }];
}

/** Below the exception, the one that was handled before and, since there are tables, where the block ended. */
function reachExit({ callableBelowSelf, opmap }: BytecodeVersion): readonly Operand[] {
  if (!opmap.has('COPY')) return [{ kind: 'callable-below', depth: 0, place: 6 }];
  return [{ kind: 'callable', depth: callableBelowSelf && opmap.has('LOAD_SPECIAL') ? 5 : 4 }];
}

function mayBeMethod({ opmap }: BytecodeVersion, opname: string): boolean {
  return opname === 'CALL' && opmap.has('KW_NAMES');
}

/** Values above the callable (and self); undefined for a CALL_… that calls nothing from the stack. */
function argumentsAbove(
  { opcodes, opmap }: BytecodeVersion,
  opname: string,
  oparg: number,
): number | undefined {
  switch (opname) {
    case 'CALL':
    case 'CALL_FUNCTION':
    case 'CALL_METHOD':
      return oparg;
    case 'CALL_KW':
    case 'CALL_FUNCTION_KW':
      return oparg + 1;
    case 'CALL_FUNCTION_EX':
      return opcodes[opmap.get(opname) ?? -1]?.oparg === 'none' ? 2 : 1 + (oparg & 1);
    default:
      return undefined;
  }
}
