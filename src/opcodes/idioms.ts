import { PyrewriteError } from '../errors.ts';
import type { BytecodeVersion } from './types.ts';

/** Stands for an instruction that a version has no use for. */
export const NO_OPCODE = -1;

/** One instruction of an idiom. */
export interface Op {
  readonly opcode: number;
  readonly oparg: number;
}

/** The instruction sequences that probes are made of, in a version's own opcodes. */
export interface Idioms {
  readonly loadConst: number;
  readonly popTop: number;
  readonly nop: number;
  /** Slot `nb_negative`: begin. */
  readonly begin: number;
  /**
   * Slot `nb_invert`: end. {@link NO_OPCODE} where operations end by a conditional jump on the probe, which is never
   * true (slot `nb_bool`): one instruction less, and with a handler in place two less, in versions whose blocks cost
   * two. Later versions report jumps to `sys.monitoring`.
   */
  readonly end: number;
  /** The operators that end an operation: {@link end}, or the jumps on the probe. */
  readonly ends: readonly number[];
  /** Left by an exception: slot `nb_bool`, whose result is an exact bool, or `nb_positive` where that one ends. */
  readonly raised: number;
  /**
   * Slot `nb_positive`: an await is suspended, or goes on. Undefined where one instruction waits, and no probe can stand
   * where it is suspended.
   */
  readonly turn: Op | undefined;
  /** Whether `throw()` finds out where a suspended await ends by the SEND right before its YIELD_VALUE. */
  readonly needsSendBeforeYield: boolean;
  /** Ends a cold handler: raise again what came in, its traceback untouched. */
  readonly reraise: Op;
  /** Pushes a copy of the top of the stack. */
  readonly copyTop: Op;
  /** `value in container`: pops both, pushes a bool. */
  readonly contains: Op;
  /**
   * Pushes a copy of a value on the stack, 1 being the top.
   * @returns undefined where the version cannot reach so deep
   */
  copy(depth: number): readonly Op[] | undefined;
  /** Makes an exact bool of the top of the stack; {@link NO_OPCODE} where conditional jumps take any object. */
  readonly toBool: number;
  /** Stands behind each conditional jump; {@link NO_OPCODE} where nothing does. */
  readonly notTaken: number;
  /** Jump that goes forward and takes any distance. */
  readonly jumpForward: number;
  /** Jump from the end of the code back into it. */
  readonly jumpBack: number;
  /** Jumps if the top of the stack is true, and pops it. */
  readonly jumpIfTrue: number;
  /** Jumps if it is false, and pops it. */
  readonly jumpIfFalse: number;
  /** Block instructions; {@link NO_OPCODE} where the version has an exception table. */
  readonly setupFinally: number;
  readonly popBlock: number;
  /** What a handler that swallows its exception starts with. */
  readonly swallow: readonly Op[];
  /** `left - right`. */
  readonly subtract: Op;
  /** Imports without a probe's help: the oparg of IMPORT_NAME for an index in co_names. */
  importName(index: number): Op;
  /** LOAD_ATTR for an index in co_names. */
  loadAttr(index: number): Op;
}

const known = new WeakMap<BytecodeVersion, Idioms>();

/** The idioms of a version. */
export function idiomsOf(version: BytecodeVersion): Idioms {
  let idioms = known.get(version);
  if (idioms === undefined) {
    idioms = defineIdioms(version);
    known.set(version, idioms);
  }
  return idioms;
}

function defineIdioms(version: BytecodeVersion): Idioms {
  const op = (...names: string[]): number => {
    for (const name of names) {
      const opcode = version.opmap.get(name);
      if (opcode !== undefined) return opcode;
    }
    throw new PyrewriteError('bad-code', `Python ${version.name} has none of ${names.join(', ')}`);
  };
  const optional = (name: string): number => version.opmap.get(name) ?? NO_OPCODE;
  const popTop = { opcode: op('POP_TOP'), oparg: 0 };
  const jumpIfFalse = op('POP_JUMP_IF_FALSE', 'POP_JUMP_FORWARD_IF_FALSE');
  const jumpIfTrue = op('POP_JUMP_IF_TRUE', 'POP_JUMP_FORWARD_IF_TRUE');
  const end = version.hasExceptionTable ? op('UNARY_INVERT') : NO_OPCODE;
  const shift = (name: string): number => version.opcodes[op(name)]?.operandShift ?? 0;
  return {
    loadConst: op('LOAD_CONST'),
    popTop: popTop.opcode,
    nop: op('NOP'),
    begin: op('UNARY_NEGATIVE'),
    end,
    ends: end === NO_OPCODE ? [jumpIfTrue, jumpIfFalse] : [end],
    raised: version.hasExceptionTable ? op('TO_BOOL', 'UNARY_NOT') : op('UNARY_POSITIVE'),
    turn: version.hasExceptionTable ? positive(version) : undefined,
    needsSendBeforeYield: version.opmap.has('SEND') && !version.opmap.has('END_SEND'),
    reraise: reraise(version, op('RERAISE', 'END_FINALLY')),
    copyTop: version.opmap.has('COPY')
      ? { opcode: op('COPY'), oparg: 1 }
      : { opcode: op('DUP_TOP'), oparg: 0 },
    contains: version.opmap.has('CONTAINS_OP')
      ? { opcode: op('CONTAINS_OP'), oparg: 0 }
      : { opcode: op('COMPARE_OP'), oparg: version.cmpOps.indexOf('in') },
    copy: (depth) => (version.opmap.has('COPY') ? copyAny(version, depth) : copyUpper(version, depth)),
    toBool: optional('TO_BOOL'),
    notTaken: optional('NOT_TAKEN'),
    jumpForward: op('JUMP_FORWARD'),
    jumpBack: op('JUMP_BACKWARD_NO_INTERRUPT', 'JUMP_ABSOLUTE'),
    jumpIfFalse,
    jumpIfTrue,
    setupFinally: optional('SETUP_FINALLY'),
    popBlock: optional('POP_BLOCK'),
    swallow: version.hasExceptionTable
      ? [popTop]
      : [popTop, popTop, popTop, { opcode: op('POP_EXCEPT'), oparg: 0 }],
    subtract: subtract(version),
    importName: (index) => importName(op('IMPORT_NAME'), index, shift('IMPORT_NAME')),
    loadAttr: (index) => ({ opcode: op('LOAD_ATTR'), oparg: index << shift('LOAD_ATTR') }),
  };
}

function positive({ opmap, intrinsics1 }: BytecodeVersion): Op {
  const opcode = opmap.get('UNARY_POSITIVE');
  if (opcode !== undefined) return { opcode, oparg: 0 };
  return {
    opcode: opmap.get('CALL_INTRINSIC_1') ?? NO_OPCODE,
    oparg: intrinsics1.indexOf('INTRINSIC_UNARY_POSITIVE'),
  };
}

/** Where the oparg has flags, bit 1 says that the import may not be made lazy. */
function importName(opcode: number, index: number, shift: number): Op {
  return { opcode, oparg: (index << shift) | (shift === 0 ? 0 : 2) };
}

/** RERAISE 1 takes the raising instruction's offset from the stack; without an oparg it is known otherwise. */
function reraise(version: BytecodeVersion, opcode: number): Op {
  return { opcode, oparg: version.opcodes[opcode]?.oparg === 'none' ? 0 : 1 };
}

function subtract(version: BytecodeVersion): Op {
  const opcode = version.opmap.get('BINARY_SUBTRACT');
  if (opcode !== undefined) return { opcode, oparg: 0 };
  const oparg = version.nbOps.findIndex(([, symbol]) => symbol === '-');
  return { opcode: version.opmap.get('BINARY_OP') ?? -1, oparg };
}

function copyAny({ opmap }: BytecodeVersion, depth: number): readonly Op[] {
  return [{ opcode: opmap.get('COPY') ?? NO_OPCODE, oparg: depth }];
}

/** Without COPY only the two upper values can be had, if nothing shall be turned. */
function copyUpper({ opmap }: BytecodeVersion, depth: number): readonly Op[] | undefined {
  const op = (name: string): Op => ({ opcode: opmap.get(name) ?? NO_OPCODE, oparg: 0 });
  if (depth === 1) return [op('DUP_TOP')];
  return depth === 2 ? [op('DUP_TOP_TWO'), op('POP_TOP')] : undefined;
}

/** A conditional jump that tests the truth of any object, taken apart. */
export interface TruthTest {
  /** The jump of the opposite condition, for use behind UNARY_NOT. */
  readonly inverted: number;
  readonly not: number;
  /** The value stays on the stack when it jumps (`JUMP_IF_…_OR_POP`). */
  readonly keeps: boolean;
}

/** How to take a conditional jump apart, or undefined for an opcode that is none. */
export function truthTestOf(version: BytecodeVersion, opcode: number): TruthTest | undefined {
  const opname = version.opcodes[opcode]?.opname ?? '';
  const match = /^(POP_JUMP|JUMP)(_FORWARD|_BACKWARD)?_IF_(TRUE|FALSE)(_OR_POP)?$/.exec(opname);
  if (match === null) return undefined;
  const keeps = match[4] !== undefined;
  const opposite = match[3] === 'TRUE' ? 'FALSE' : 'TRUE';
  const plain = `POP_JUMP${match[2] ?? ''}_IF_${opposite}`;
  const inverted = version.opmap.get(plain) ?? version.opmap.get(`POP_JUMP_FORWARD_IF_${opposite}`);
  const not = version.opmap.get('UNARY_NOT');
  return inverted === undefined || not === undefined ? undefined : { inverted, not, keeps };
}
