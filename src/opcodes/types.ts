/** How an opcode's oparg moves the instruction pointer. */
export type JumpKind =
  /** not a jump */
  | 'none'
  /** oparg counts from the end of the instruction (its caches included), forward */
  | 'forward'
  /** oparg counts from the end of the instruction (its caches included), backward */
  | 'backward'
  /** oparg is the target's offset from the start of the code */
  | 'absolute';

/**
 * Stack effect of an opcode for one branch outcome, as data; see {@link stackEffect}.
 * - number: constant
 * - `['linear', base, k]`: base + k·oparg
 * - `['bit', base, mask, k]`: base + k if oparg & mask
 * - `['popcount', base, mask, k]`: base + k·popcount(oparg & mask)
 * - `['equals', base, value, k]`: base + k if oparg === value
 * - `['unpack-ex']`: (oparg & 255) + (oparg >> 8)
 * - other shapes only if an interpreter's dump demands one
 */
export type StackEffect =
  | number
  | readonly ['linear', number, number]
  | readonly ['bit', number, number, number]
  | readonly ['popcount', number, number, number]
  | readonly ['equals', number, number, number]
  | readonly ['unpack-ex'];

/**
 * What an oparg indexes (after `oparg >> operandShift`).
 * - `local-pair`: two locals, `oparg >> 4` and `oparg & 15`
 * - `free`: up to 3.10 co_cellvars + co_freevars, then localsplus
 * - `jump`: code units (see {@link JumpKind} and {@link OpcodeInfo.refers})
 */
export type OpargKind =
  | 'none'
  | 'plain'
  | 'const'
  | 'name'
  | 'local'
  | 'local-pair'
  | 'free'
  | 'compare'
  | 'jump';

/** What an interpreter says about one of its opcodes (printed by tools/dump_opcodes.py). */
export interface OpcodeFacts {
  readonly opcode: number;
  /** CPython's own name. */
  readonly opname: string;
  /** Number of inline cache entries (code units) that follow the instruction. */
  readonly caches: number;
  readonly oparg: OpargKind;
  /** Low bits of the oparg that are flags: the index is `oparg >> operandShift` (LOAD_ATTR, COMPARE_OP, IMPORT_NAME …). */
  readonly operandShift: number;
  readonly jump: JumpKind;
  /**
   * 'backward': the oparg is a distance to another instruction although control never goes there
   * (END_ASYNC_FOR of 3.14+ names its END_SEND), so that it must be computed again after an edit. Counted as for `jump`.
   */
  readonly refers: 'none' | 'backward';
  /** Effect when execution goes on with the next instruction. */
  readonly effect: StackEffect;
  /** Effect when the jump is taken (equal to `effect` for most). */
  readonly jumpEffect: StackEffect;
}

/** One real opcode of one CPython version. */
export interface OpcodeInfo extends OpcodeFacts {
  /** Execution never goes on with the next instruction (RETURN_VALUE, RAISE_VARARGS, JUMP_FORWARD …). */
  readonly terminates: boolean;
  /** May raise by itself (conservative: true when not known to be safe). A pending signal can be raised anywhere. */
  readonly canRaise: boolean;
}

/** Name of a field after TYPE_CODE in the marshal stream, in stream order. */
export type CodeField =
  | 'co_argcount'
  | 'co_posonlyargcount'
  | 'co_kwonlyargcount'
  | 'co_nlocals'
  | 'co_stacksize'
  | 'co_flags'
  | 'co_code'
  | 'co_consts'
  | 'co_names'
  | 'co_varnames'
  | 'co_freevars'
  | 'co_cellvars'
  | 'co_localsplusnames'
  | 'co_localspluskinds'
  | 'co_filename'
  | 'co_name'
  | 'co_qualname'
  | 'co_firstlineno'
  | 'co_lnotab'
  | 'co_linetable'
  | 'co_exceptiontable';

/** Format of the table that maps instructions to lines. */
export type LocationFormat = 'lnotab' | 'linetable' | 'locations';

/** The facts of one version as its interpreter prints them; `generated/cpython-3.X.ts` holds one each. */
export interface OpcodeTable {
  /** '3.8' … '3.15' */
  readonly name: string;
  /** Released magic number, u16 (the .pyc starts with it, then 0D 0A). */
  readonly magic: number;
  /** `sys.implementation.cache_tag`, e.g. 'cpython-312'. */
  readonly cacheTag: string;
  /** Highest marshal format version that this interpreter reads (4, 5, 6). */
  readonly marshalVersion: number;
  /** Opcodes from this one on have an oparg that means something. */
  readonly haveArgument: number;
  /** EXTENDED_ARG's opcode. */
  readonly extendedArg: number;
  /** Bytes that one unit of a jump's oparg stands for: 1 (3.8, 3.9) or 2. */
  readonly jumpUnit: 1 | 2;
  readonly cmpOps: readonly string[];
  /** BINARY_OP's operations by oparg, e.g. ['NB_INPLACE_ADD', '+=']; empty before 3.11. */
  readonly nbOps: readonly (readonly [name: string, symbol: string])[];
  /** CALL_INTRINSIC_1's operations by oparg; empty before 3.12. */
  readonly intrinsics1: readonly string[];
  /** CALL_INTRINSIC_2's operations by oparg; empty before 3.12. */
  readonly intrinsics2: readonly string[];
  /** LOAD_SPECIAL's methods by oparg; empty before 3.14. */
  readonly specialMethods: readonly string[];
  /** LOAD_COMMON_CONSTANT's constants by oparg, as repr() prints them; empty before 3.14. */
  readonly commonConstants: readonly string[];
  /** Real opcodes in ascending order. Specialized, instrumented, pseudo and interpreter-internal ones are absent. */
  readonly opcodes: readonly OpcodeFacts[];
}

/**
 * Everything that differs between CPython versions. The only place where it is known:
 * other folders ask for a property and never for a version.
 */
export interface BytecodeVersion extends Omit<OpcodeTable, 'opcodes'> {
  /** e.g. [3, 12] */
  readonly number: readonly [number, number];
  /** 256 entries, by opcode; undefined where the version has none. Specialized/instrumented/pseudo opcodes are absent. */
  readonly opcodes: readonly (OpcodeInfo | undefined)[];
  /** opname → opcode, real opcodes only. */
  readonly opmap: ReadonlyMap<string, number>;
  readonly codeFields: readonly CodeField[];

  // --- traits (hand-written, each checked against the interpreters by a test)
  readonly locationFormat: LocationFormat;
  /** Keyed hash of the source in hash-based .pyc files (`_Py_KeyedHash`; the key is the magic number). */
  readonly sourceHash: 'siphash13' | 'siphash24';
  /** 3.12+: the location table has one entry per run of equal locations; 3.11: one per instruction. */
  readonly mergesEqualLocations: boolean;
  /** co_exceptiontable (3.11+) instead of SETUP_* blocks. */
  readonly hasExceptionTable: boolean;
  /** Stack depth at the entry of a generator/coroutine body before its own effects say it (see stack-depth.ts). */
  readonly generatorEntryDepth: number;
  /** Stack slots that the compiler counts for RETURN_CONST (3.13 sizes the stack before it makes one of two instructions). */
  readonly returnConstSlots: 0 | 1;
  /** Values that an exception handler finds on the stack, besides the ones kept: 6 (blocks), else 1 (+1 with lasti). */
  readonly handlerPushes: number;
  /** Largest number of nested blocks (CO_MAXBLOCKS), or 0 where there are no blocks. */
  readonly maxBlocks: number;
  /** 3.13+: an exception out of an inlined Python callee is looked up one unit before the instruction (cpython-hazards R1). */
  readonly looksUpCallerBeforeInstruction: boolean;
  /** `frame.f_lineno = n` pairs each GET_ITER and GET_AITER with a block, wherever it stands (markblocks in frameobject.c). */
  readonly takesIterForLoop: boolean;
  /** 3.9: `frame.f_lineno = n` takes each entry of co_lnotab for the beginning of a line (marklines in frameobject.c). */
  readonly takesLineSplitsForLines: boolean;
  /** 3.13+: calls find the callable below `self` or nothing; before, methods and their objects changed places with it. */
  readonly callableBelowSelf: boolean;
  /** Up to 3.11: tracers are told of a line whenever control steps back, be it within the line. */
  readonly reportsSteppingBack: boolean;
  /** 3.12: a jump target right behind an instruction that called a Python function reports its line once more. */
  readonly repeatsLineBehindCallee: boolean;
  /** 3.13: whether a line is repeated depends on how far behind it the code lies (compute_line_delta in instrumentation.c). */
  readonly repeatsFarLines: boolean;
  /** The compiled recorder works in its build without the GIL, which has the same bytecode. */
  readonly recordsFreeThreaded: boolean;
}
