import { uint8Column } from '../bytes/columns.ts';
import { lineAt } from '../code/instruction-list.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import type { Context } from './context.ts';
import { type Flow, findLoops, flowOf, forEachSource, type Loop, NOWHERE } from './flow.ts';
import { startsLine } from './operand-probes.ts';
import type { Unit } from './unit.ts';

/** Where a function's two bodies meet, and what of it is there twice: docs/explanation/sampling.md. */
export interface Gates {
  readonly flow: Flow;
  /** 1 where a gate stands before an instruction. */
  readonly gate: Uint8Array;
  /** 1 where a stretch begins, whose original and copy stand side by side. */
  readonly cut: Uint8Array;
  /** 1 for each instruction that has a copy with probes. */
  readonly copied: Uint8Array;
}

/** What the choice of gates looks at. */
interface Survey {
  readonly context: Context;
  readonly flow: Flow;
  /** 1 for the instructions of units, and for those that must stay with them. */
  readonly timed: Uint8Array;
  /** 1 where no gate may stand, because a unit would be taken apart. */
  readonly whole: Uint8Array;
  readonly gate: Uint8Array;
  readonly cut: Uint8Array;
}

/**
 * Chooses gates: where the function starts, at the head of each loop with a unit in it, and behind what has no copy.
 * @param start the first instruction behind the function's prologue
 */
export function chooseGates(context: Context, units: readonly Unit[], start: number): Gates {
  const { count } = context.list;
  const survey: Survey = {
    context,
    flow: flowOf(context.list),
    timed: uint8Column(count),
    whole: uint8Column(count),
    gate: uint8Column(count),
    cut: uint8Column(count),
  };
  for (const unit of units) markUnit(survey, unit);
  addGate(survey, start);
  const loops = findLoops(survey.flow).filter(({ head }) => !isWait(survey, head));
  const isTimed = ({ body }: Loop): boolean => [...body].some((i) => survey.timed[i] === 1);
  for (const loop of loops) if (isTimed(loop)) addGate(survey, loop.head);
  addHandlerGates(survey);
  const untimed = outermost(loops.filter((loop) => !isTimed(loop)));
  const before = leadsToUnit(survey);
  for (const loop of untimed) passByLoop(survey, before, loop);
  const leads = leadsToUnit(survey);
  for (let i = 0; i < count; i++) if (leads[i] === 0) survey.gate[i] = 0;
  const { flow, gate, cut } = survey;
  return { flow, gate, cut, copied: findCopied(survey, leads) };
}

function markUnit({ context, timed, whole }: Survey, unit: Unit): void {
  timed.fill(1, unit.begin, unit.last + 1);
  whole.fill(1, unit.begin + 1, unit.last + 1);
  if (unit.end !== 'loop' && unit.end !== 'target') return;
  const first = unit.end === 'loop' ? context.targetOf(unit.site) : unit.exit;
  timed.fill(1, first, unit.exit + 1);
  whole.fill(1, first, unit.exit + 1);
}

/** The loop that waits within an await. */
function isWait({ context, whole }: Survey, head: number): boolean {
  return context.nameAt(head) === 'SEND' || whole[head] === 1;
}

function addGate(survey: Survey, i: number): boolean {
  const at = gatePlace(survey, i);
  if (at === NOWHERE) return false;
  survey.gate[at] = 1;
  survey.cut[at] = 1;
  return true;
}

/**
 * What has to come before a gate: what the interpreter reaches by looking at a neighbour, and up to 3.10 the start of a
 * block, before which a signal must find no other instruction.
 */
const COMES_FIRST =
  /^(END_FOR|POP_ITER|END_ASYNC_FOR|NOT_TAKEN|PUSH_EXC_INFO|SETUP_(FINALLY|WITH|ASYNC_WITH))$/;
const NEVER_BEFORE = /^(END_SEND|CLEANUP_THROW|RESUME|YIELD_FROM)$/;

/** Where a gate for those who enter instruction `i` may stand, or {@link NOWHERE}. */
function gatePlace(survey: Survey, i: number): number {
  const { context, whole, flow } = survey;
  let at = i;
  while (at !== NOWHERE && comesFirst(context, at)) at = flow.next[at];
  return at === NOWHERE || whole[at] === 1 || NEVER_BEFORE.test(context.nameAt(at)) ? NOWHERE : at;
}

function comesFirst(context: Context, i: number): boolean {
  return COMES_FIRST.test(context.nameAt(i)) || endsLoop(context, i);
}

/** Whether instruction `i` belongs to what the interpreter expects where a `for` loop ends. */
export function endsLoop({ nameAt, infoAt }: Context, i: number): boolean {
  if (nameAt(i) === 'POP_TOP' && i > 0 && nameAt(i - 1) === 'END_FOR') return infoAt(i - 1).effect === -1;
  return /^(END_FOR|POP_ITER)$/.test(nameAt(i));
}

/**
 * Where handlers are blocks, the one that was pushed in one body is in force in the other, too: so all handlers are
 * entered in the original, and begin with a gate. A `finally` that is called returns to where it was called from.
 */
function addHandlerGates(survey: Survey): void {
  const { context, flow, cut } = survey;
  if (context.list.version.hasExceptionTable) return;
  for (let i = 0; i < context.list.count; i++) {
    if (context.nameAt(i) === 'CALL_FINALLY') addGate(survey, flow.next[i]);
    if (!isSetup(context, i)) continue;
    const handler = flow.jump[i];
    cut[handler] = 1;
    addGate(survey, isExceptClause(context, handler) ? flow.next[handler] : handler);
  }
}

/** Whether instruction `i` pushes a block. */
export function isSetup(context: Pick<Context, 'nameAt' | 'list'>, i: number): boolean {
  return context.nameAt(i).startsWith('SETUP_') && context.list.target[i] >= 0;
}

/** Debuggers know an except clause by the instruction that begins its line. */
function isExceptClause({ list, nameAt }: Context, i: number): boolean {
  return /^(DUP_TOP|POP_TOP)$/.test(nameAt(i)) && startsLine(list, i);
}

function outermost(loops: readonly Loop[]): Loop[] {
  return loops.filter(({ head }) => !loops.some((other) => other.head !== head && other.body.has(head)));
}

/** A loop without a unit runs in the original alone: gates behind it lead back. */
function passByLoop(survey: Survey, leads: Uint8Array, { head, body }: Loop): void {
  const { flow, cut } = survey;
  const exits = new Set<number>();
  for (const i of body) {
    for (const to of [flow.next[i], flow.jump[i], flow.handler[i]])
      if (to !== NOWHERE && !body.has(to) && leads[to] === 1) exits.add(to);
  }
  const places = [...exits].map((exit) => gatePlace(survey, exit));
  if (places.some((place) => place === NOWHERE || body.has(place))) return;
  for (const exit of exits) addGate(survey, exit);
  cut[head] = 1;
}

/** 1 for each instruction from which control comes to a unit without passing a gate. */
function leadsToUnit({ flow, timed, gate }: Survey): Uint8Array {
  const leads = uint8Column(timed.length);
  leads.set(timed);
  const work: number[] = [];
  for (let i = 0; i < timed.length; i++) if (timed[i] === 1) work.push(i);
  for (let i = work.pop(); i !== undefined; i = work.pop()) {
    if (gate[i] === 1) continue;
    forEachSource(flow, i, (from) => {
      if (leads[from] === 1) return;
      leads[from] = 1;
      work.push(from);
    });
  }
  return leads;
}

/** What a copy may leave for the original: instructions that begin something, not the second half of anything. */
const BEGINS =
  /^(LOAD_(CONST|FAST|FAST_CHECK|FAST_BORROW|NAME|GLOBAL|DEREF|SMALL_INT)|PUSH_NULL|NOP|JUMP_\w+|FOR_ITER|GET_ANEXT|RAISE_VARARGS|DELETE_\w+)$/;

/** All that runs behind an open gate until the next gate, as far as it leads to a unit. */
function findCopied(survey: Survey, leads: Uint8Array): Uint8Array {
  const { flow, gate, context } = survey;
  const copied = uint8Column(gate.length);
  const stretch = stretches(survey.cut);
  const work: number[] = [];
  const enter = (i: number): void => {
    if (copied[i] === 1) return;
    copied[i] = 1;
    work.push(i);
  };
  for (let i = 0; i < gate.length; i++) if (gate[i] === 1) enter(i);
  for (let i = work.pop(); i !== undefined; i = work.pop()) {
    const from = i;
    const isAhead = (to: number): boolean =>
      !isSideBySide(context.list.version) || stretch[to] !== stretch[from] || to <= from;
    const leaves = (to: number): boolean => leads[to] === 0 && mayLeave(context, to) && isAhead(to);
    const next = flow.next[i];
    const jump = flow.jump[i];
    const handler = flow.handler[i];
    if (next !== NOWHERE && gate[next] === 0 && (!leaves(next) || repeatsLine(context, i))) enter(next);
    if (
      jump !== NOWHERE &&
      gate[jump] === 0 &&
      (isSetup(context, i) ? isAsyncEnd(context, jump) : !leaves(jump))
    )
      enter(jump);
    // The end of an `async for` names the place in the loop of whose branch tools are told.
    const isNeeded = (to: number): boolean => leads[to] === 1 || !isAhead(to) || isAsyncEnd(context, to);
    if (handler !== NOWHERE && gate[handler] === 0 && isNeeded(handler)) enter(handler);
  }
  return copied;
}

/** Whether the interpreter knows the end of an `async for` by the handler being right at it. */
export function isAsyncEnd({ nameAt }: Pick<Context, 'nameAt'>, handler: number): boolean {
  return nameAt(handler) === 'END_ASYNC_FOR';
}

/** Whether tracers are told once more of the line behind instruction `i`: a jump in between would keep that from them. */
function repeatsLine({ list, infoAt, targets }: Context, i: number): boolean {
  return list.version.repeatsLineBehindCallee && infoAt(i).caches > 0 && targets[i + 1] === 1;
}

/**
 * Whether the two forms of a stretch stand side by side. Where going back is a new line for tracers, what is ahead has to
 * be ahead in both bodies. But 3.8's `frame.f_lineno = n` looks for blocks in all of the code, from its start to its
 * end, so that there one body has to stand behind the other.
 */
export function isSideBySide({ reportsSteppingBack, maxBlocks, takesIterForLoop }: BytecodeVersion): boolean {
  return reportsSteppingBack && (maxBlocks === 0 || takesIterForLoop);
}

function stretches(cut: Uint8Array): Int32Array {
  let number = 0;
  return Int32Array.from(cut, (starts) => (number += starts));
}

function mayLeave(context: Context, i: number): boolean {
  const { list, targets } = context;
  if (!BEGINS.test(context.nameAt(i))) return false;
  return targets[i] === 1 || lineAt(list, i) !== lineAt(list, i - 1);
}
