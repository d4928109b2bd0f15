import type { InstructionList } from '../code/instruction-list.ts';
import { stackDepths } from '../code/stack-depth.ts';
import type { CodeObject } from '../marshal/index.ts';
import { idiomsOf } from '../opcodes/idioms.ts';
import { type CalleeForm, type Operand, operandsOf } from '../opcodes/operands.ts';
import type { Context } from './context.ts';
import { operandsAbove } from './glue.ts';
import { UNKNOWN_PRODUCER, writerOf } from './producers.ts';
import type { Unit } from './unit.ts';

const NONE: readonly Operand[] = [];

/** Instructions between a unit's begin and its site that leave what is to be looked at where it is. */
const PREFIXES: ReadonlySet<string> = new Set(['KW_NAMES', 'PRECALL', 'LOAD_SPECIAL']);

/** The same that put something else in the place of the top. */
const REPLACES_TOP: ReadonlySet<string> = new Set(['GET_ITER', 'GET_AITER']);

/** Finds the operands of each unit that can be looked at where it begins. */
export function findOperands(
  context: Context,
  code: CodeObject,
  units: readonly Unit[],
): readonly (readonly Operand[])[] {
  const all = units.map((unit) => operandsAt(context, code, unit));
  if (!all.flat().some(({ values }) => values !== undefined)) return all;
  const { before } = stackDepths(context.list, code.co_flags);
  const base = variablesOf(code);
  return all.map((operands, k) => withPlaces(operands, base, before[units[k].begin]));
}

function operandsAt(context: Context, code: CodeObject, unit: Unit): readonly Operand[] {
  let replaced = 0;
  for (let i = unit.begin; i < unit.site; i++) {
    if (REPLACES_TOP.has(context.nameAt(i))) replaced = 1;
    else if (!PREFIXES.has(context.nameAt(i))) return NONE;
  }
  if (context.nameAt(unit.site) === 'POP_TOP' && !dropsValue(context, unit.site)) return NONE;
  const { list } = context;
  const oparg = list.oparg[unit.site] >>> 0;
  const callee = calleeForm(context, unit.site);
  const operands = operandsOf(list.version, list.opcode[unit.site], oparg, callee, firstCellOf(code));
  const idioms = idiomsOf(list.version);
  const mayCopy = !startsLine(list, unit.begin);
  const isFound = ({ depth }: Operand): boolean =>
    depth === 0 || (mayCopy && depth > replaced && idioms.copy(depth) !== undefined);
  const found = operands.map((operand) => (isFound(operand) ? operand : inFrame(context, operand)));
  return found.every((operand) => operand !== undefined) ? found : NONE;
}

/** What is called is found in the frame, too, where it may not be copied. */
function inFrame({ list }: Context, { kind, depth }: Operand): Operand | undefined {
  if (kind !== 'callable' || list.version.opmap.has('COPY')) return undefined;
  return { kind: 'callable-below', depth: 0, place: depth - 1 };
}

/** @param below values on the stack, those of the operands included */
function withPlaces(operands: readonly Operand[], base: number, below: number): readonly Operand[] {
  if (operands.some(({ values = 0 }) => values > below || base + below >= SLOTS)) return NONE;
  return operands.map((operand) => {
    const { kind, values } = operand;
    if (values === undefined) return operand;
    const slot = base + below - values;
    return { ...operand, place: kind === 'callable-either' ? values * SLOTS + slot : slot };
  });
}

/** Slots of a frame that a place can tell beside the number of values: no more lie below a call that people write. */
const SLOTS = 0x10000;

/** Variables of a frame, behind which its stack is. */
function variablesOf({ co_localsplusnames, co_varnames, co_cellvars, co_freevars }: CodeObject): number {
  const tables =
    co_localsplusnames === undefined ? [co_varnames, co_cellvars, co_freevars] : [co_localsplusnames];
  return tables.reduce((sum, table) => sum + (table?.items.length ?? 0), 0);
}

/** Cells lie behind the locals; where there is one table for all, they are counted like these. */
function firstCellOf({ co_localsplusnames, co_varnames }: CodeObject): number {
  return co_localsplusnames === undefined ? (co_varnames?.items.length ?? 0) : 0;
}

/** The numbers that the runtime is handed to find operands in the frame, each once. */
export function placesOf(operands: readonly (readonly Operand[])[]): readonly number[] {
  const places = operands.flat().flatMap(({ depth, place = 0 }) => (depth === 0 ? [place] : []));
  return [...new Set(places)];
}

/**
 * Whether a line begins at an instruction, where the version's table says so: debuggers know an except clause by the
 * DUP_TOP or POP_TOP that it begins with (see frame_setlineno in 3.8).
 */
export function startsLine({ lineMarks }: InstructionList, i: number): boolean {
  return lineMarks?.label.subarray(0, lineMarks.count).includes(i) === true;
}

/** Instructions that may leave nothing on top of the stack, or what somebody else put there. */
const MAY_LEAVE_NOTHING = /^(PUSH_NULL|LOAD_FAST_AND_CLEAR|LOAD_SPECIAL|LOAD_METHOD|SWAP|COPY|ROT_\w+)$/;

/** Whether the POP_TOP at `i` drops an object: where a `with` ends, it may be nothing. */
function dropsValue(context: Context, i: number): boolean {
  const writer = writerOf(context, i, 0);
  if (writer === UNKNOWN_PRODUCER || MAY_LEAVE_NOTHING.test(context.nameAt(writer))) return false;
  // Where an iterator comes with an index, the index of all but a list or a tuple is nothing.
  return !(context.nameAt(writer) === 'GET_ITER' && context.infoAt(writer).effect === 1);
}

/** How the call at `i` got its callable; `value` for what is no call. */
function calleeForm(context: Context, i: number): CalleeForm {
  if (!context.nameAt(i).startsWith('CALL')) return 'value';
  if (context.nameAt(i - 1) === 'LOAD_SPECIAL') return 'special';
  const from = context.nameAt(i - 1) === 'PRECALL' ? i - 1 : i;
  const depth = operandsAbove(context, from);
  const load = writerOf(context, from, depth);
  if (load === UNKNOWN_PRODUCER) return 'unknown';
  const opname = context.nameAt(load);
  if (opname === 'LOAD_METHOD' || (opname === 'LOAD_ATTR' && pushesTwo(context, load))) return 'method';
  if (opname === 'LOAD_SUPER_ATTR' && pushesTwo(context, load)) return 'unknown';
  if (pushesTwo(context, load)) return 'value';
  const below = writerOf(context, from, depth + 1);
  if (below === UNKNOWN_PRODUCER) return 'unknown';
  if (context.nameAt(below) === 'PUSH_NULL' || pushesTwo(context, below)) return 'value';
  return MAKES_CALLABLES.test(context.nameAt(below)) ? 'below' : 'unknown';
}

/** Instructions whose result is there in any case: a copy of nothing would end the interpreter. */
const MAKES_CALLABLES =
  /^(MAKE_FUNCTION|CALL|CALL_FUNCTION_EX|LOAD_(NAME|FAST|FAST_CHECK|DEREF|GLOBAL|ATTR))$/;

/** LOAD_GLOBAL, LOAD_ATTR and LOAD_SUPER_ATTR by their flag; of a global, nothing lies below it. */
function pushesTwo(context: Context, i: number): boolean {
  const loads = /^LOAD_(GLOBAL|ATTR|SUPER_ATTR)$/.test(context.nameAt(i));
  return loads && context.infoAt(i).operandShift > 0 && (context.list.oparg[i] & 1) === 1;
}
