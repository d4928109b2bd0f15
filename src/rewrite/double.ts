import { int32Column } from '../bytes/columns.ts';
import { type InstructionList, lineAt, NO_HANDLER, NO_LABEL } from '../code/instruction-list.ts';
import { ListBuilder } from '../code/list-builder.ts';
import { type Idioms, idiomsOf, NO_OPCODE } from '../opcodes/idioms.ts';
import type { Context } from './context.ts';
import { NOWHERE } from './flow.ts';
import { endsLoop, type Gates, isAsyncEnd, isSetup, isSideBySide } from './gates.ts';
import { lineMarksFor } from './line-marks.ts';
import type { Unit } from './unit.ts';

/** A list with each stretch that leads to a unit twice, and gates that choose: docs/explanation/sampling.md. */
export interface Doubled {
  /** To weave the probes into; labels are numbers of instructions, as in a list that `disassemble` made. */
  readonly list: InstructionList;
  /** The units in their copies. */
  readonly units: readonly Unit[];
  /** Original instruction → the one in the list that runs outside of windows. */
  readonly original: Int32Array;
  /** Original instruction → where it is entered: its gate, where it has one. */
  readonly entry: Int32Array;
}

/** Indices in co_consts of what a gate tests: whether any window is open, and whether to enter it. */
export interface GateConsts {
  readonly open: number;
  readonly enter: number;
}

interface Press {
  readonly context: Context;
  readonly list: InstructionList;
  readonly gates: Gates;
  readonly idioms: Idioms;
  readonly consts: GateConsts;
  readonly out: ListBuilder;
  readonly sideBySide: boolean;
  /** Loops that leave by a stub. */
  readonly stubs: ReadonlySet<number>;
  /** Original instruction → label of its copy, made when it is first needed. */
  readonly labels: Int32Array;
  /** Original instruction → place of the instruction itself, of its way in, of its copy. */
  readonly original: Int32Array;
  readonly entry: Int32Array;
  readonly copy: Int32Array;
  /** Original instruction → label of a jump there, for copies that cannot jump back. */
  readonly landings: Map<number, number>;
  /** Handler that begins as {@link isExitCall} says → label of it behind its gate; and of its form for copies. */
  readonly exits: Map<number, number>;
  readonly exitLandings: Map<number, number>;
  /** Original instruction → loops that leave to it by a stub, which needs something of the copy to stand before. */
  readonly leaving: Map<number, number[]>;
  /** Such a loop → that place. */
  readonly stubAt: Map<number, number>;
  /** Original handler → its form for copies. */
  readonly handlers: Int32Array;
}

/** Doubles what leads to a unit. */
export function doubleCode(
  context: Context,
  gates: Gates,
  units: readonly Unit[],
  consts: GateConsts,
): Doubled {
  const press = newPress(context, gates, units, consts);
  for (const [first, end] of stretchesOf(press)) {
    emitOriginals(press, first, end);
    emitCopies(press, first, end);
  }
  press.out.bind(context.list.count);
  const { original, entry } = press;
  return { list: relabelled(press), units: units.map((unit) => copiedUnit(press, unit)), original, entry };
}

function newPress(context: Context, gates: Gates, units: readonly Unit[], consts: GateConsts): Press {
  const { list } = context;
  const none = (size: number): Int32Array => int32Column(size).fill(-1);
  return {
    context,
    list,
    gates,
    idioms: idiomsOf(list.version),
    consts,
    out: new ListBuilder(list, list.count * 3),
    sideBySide: isSideBySide(list.version),
    stubs: new Set(units.flatMap(({ end, site }) => (end === 'loop-stub' ? [site] : []))),
    labels: none(list.count),
    original: none(list.count + 1),
    entry: none(list.count + 1),
    copy: none(list.count),
    landings: new Map(),
    exits: new Map(),
    exitLandings: new Map(),
    leaving: new Map(),
    stubAt: new Map(),
    handlers: none(list.handlers.length),
  };
}

function stretchesOf({ gates, list, sideBySide }: Press): [first: number, end: number][] {
  const starts = [0];
  if (sideBySide) for (let i = 1; i < list.count; i++) if (gates.cut[i] === 1) starts.push(i);
  return starts.map((first, k) => [first, starts[k + 1] ?? list.count]);
}

function emitOriginals(press: Press, first: number, end: number): void {
  const { list, gates, out } = press;
  for (let i = first; i < end; i++) {
    emitFoothold(press, i);
    out.bind(i);
    press.entry[i] = out.count;
    if (gates.gate[i] === 1) emitGate(press, i);
    press.original[i] = out.count;
    const exit = press.exits.get(i);
    if (exit !== undefined) out.bind(exit);
    const isExit = isSetup(press.context, i) && isExitCall(press, press.context.targetOf(i));
    out.copy(
      i,
      list.handler[i],
      isExit ? labelIn(press, press.exits, press.context.targetOf(i)) : list.target[i],
    );
  }
  const last = end - 1;
  if (end < list.count && gates.flow.next[last] !== NOWHERE && hasCopies(press, first, end))
    out.emitJump(press.idioms.jumpForward, end, list.location[last], list.handler[last]);
}

function hasCopies({ gates: { copied } }: Press, first: number, end: number): boolean {
  return copied.subarray(first, end).includes(1);
}

/**
 * While no window is open only the first test is run: a jump costs the same, taken or not. Where the gate is passed often,
 * the runtime makes a jump of the NOP meanwhile: its oparg is the distance, so that a single byte changes.
 */
function emitGate(press: Press, i: number): void {
  const { list, out, idioms, consts } = press;
  const location = list.location[i];
  const handler = list.handler[i];
  const over = out.newLabel();
  const test = (constant: number, jump: number, target: number): void => {
    out.emit(idioms.loadConst, constant, location, handler);
    if (idioms.toBool !== NO_OPCODE) out.emit(idioms.toBool, 0, location, handler);
    out.emitJump(jump, target, location, handler);
    if (idioms.notTaken !== NO_OPCODE) out.emit(idioms.notTaken, 0, location, handler);
  };
  out.emitJump(idioms.nop, over, location, handler);
  test(consts.open, idioms.jumpIfFalse, over);
  test(consts.enter, idioms.jumpIfTrue, labelOfCopy(press, i));
  out.bind(over);
}

function labelOfCopy({ labels, out }: Press, i: number): number {
  if (labels[i] < 0) labels[i] = out.newLabel();
  return labels[i];
}

function emitCopies(press: Press, first: number, end: number): void {
  const { list, gates, out, copy, sideBySide } = press;
  for (let i = first; i < end; i++) {
    if (!sideBySide) emitLanding(press, i);
    emitExitLanding(press, i);
    if (gates.copied[i] === 0) {
      emitCounterpart(press, i);
      continue;
    }
    if (needsPad(press, i)) emitPad(press, i);
    emitLookupPlace(press, i);
    emitLineBefore(press, i);
    out.bind(labelOfCopy(press, i));
    copy[i] = out.count;
    out.copy(i, copiedHandler(press, i), copiedTarget(press, i));
    const next = gates.flow.next[i];
    if (next !== NOWHERE && !(next < end && isInCopy(press, next))) emitWayOn(press, i, next, end);
  }
  if (!sideBySide) return;
  for (const to of [...press.leaving.keys()]) emitLanding(press, to);
  if (end < list.count && !startsLine(list, end) && hasCopies(press, first, end)) emitPad(press, end);
}

/** Where lines begin at places, any instruction may be the first of its line that is copied, and be jumped to. */
function needsPad({ gates, list }: Press, i: number): boolean {
  const byPlace = list.version.locationFormat === 'lnotab';
  return gates.gate[i] === 1 ? byPlace || !startsLine(list, i) : byPlace && !startsLine(list, i);
}

/**
 * What is entered in the middle of its line must not begin one by where it stands: a debugger would jump there, and
 * tracers would be told. So an instruction of that line stands before it, which nothing runs.
 */
function emitPad({ list, out, idioms }: Press, i: number): void {
  const { lastLocation } = out;
  const sameLine = lastLocation >= 0 && list.locations.lineno[lastLocation] === lineAt(list, i);
  if (!sameLine) out.emit(idioms.nop, 0, list.location[i], list.handler[i]);
}

/**
 * If a tool's callback raises where a handler begins, the interpreter takes for its place the instruction before, which
 * nothing may ever run: that one is needed, with its handler.
 */
function emitLookupPlace(press: Press, i: number): void {
  const { context, list, gates, out, idioms } = press;
  if (context.nameAt(i) !== 'PUSH_EXC_INFO' || i === 0 || gates.copied[i - 1] === 1) return;
  out.emit(idioms.nop, 0, list.location[i - 1], copiedHandler(press, i - 1));
}

/** Never begins a line for tracers, nor ends one: what stands behind begins one if its line is not that of what stands before. */
const SEEN_THROUGH = /^(END_FOR|POP_ITER|END_ASYNC_FOR)$/;

/** Whether instruction `i` is the first one behind the end of a loop and begins no line, though its line is another one. */
function isSeenThrough({ context, list }: Press, i: number): boolean {
  if (i < 2 || !SEEN_THROUGH.test(context.nameAt(i - 1)) || list.version.reportsSteppingBack) return false;
  let before = i - 2;
  while (before > 0 && SEEN_THROUGH.test(context.nameAt(before))) before--;
  return lineAt(list, before) === lineAt(list, i) && context.targets[i] !== 1;
}

/** What copies jump to begins a line for tracers. Where none began, that is the second instruction of the line. */
function emitFoothold(press: Press, i: number): void {
  const { list, gates, out, idioms } = press;
  if (!isSeenThrough(press, i) || gates.copied[i - 1] === 0 || isInCopy(press, i)) return;
  out.emit(idioms.nop, 0, list.location[i], list.handler[i]);
}

/** Where a loop ends, tracers see through its end: so what stands before it must be of the line that it is without gates. */
function emitLineBefore(press: Press, i: number): void {
  const { context, list, out, idioms } = press;
  const isEnd = i > 0 && SEEN_THROUGH.test(context.nameAt(i)) && !SEEN_THROUGH.test(context.nameAt(i - 1));
  if (!isEnd || list.version.reportsSteppingBack) return;
  const { lastLocation } = out;
  if (lastLocation >= 0 && list.locations.lineno[lastLocation] === lineAt(list, i - 1)) return;
  out.emit(idioms.nop, 0, list.location[i - 1], copiedHandler(press, i - 1));
}

function startsLine(list: InstructionList, i: number): boolean {
  return i === 0 || lineAt(list, i) !== lineAt(list, i - 1);
}

/** Whether control that comes from a copy goes to the copy of an instruction. */
function isInCopy({ gates }: Press, i: number): boolean {
  return gates.copied[i] === 1 && gates.gate[i] === 0;
}

/** From the end of a copy to what comes next, unless that follows by itself: the next stretch's original. */
function emitWayOn(press: Press, i: number, next: number, end: number): void {
  const { out, idioms, list, sideBySide, leaving } = press;
  const to = isInCopy(press, next) ? labelOfCopy(press, next) : next;
  if (to === end && sideBySide && leaving.size === 0 && startsLine(list, end)) return;
  const jump = sideBySide ? idioms.jumpForward : idioms.jumpBack;
  const place = isBranchTo(press, i) ? next : i;
  out.emitJump(jump, to, list.location[place], copiedHandler(press, i));
}

/** What tells of a branch that leads to what stands behind it (3.14+). */
const BRANCH_ENDS = /^(NOT_TAKEN|END_ASYNC_FOR)$/;

/** Whether tools see what stands behind instruction `i` as the destination of a branch. */
function isBranchTo({ context, list }: Press, i: number): boolean {
  if (list.version.reportsSteppingBack) return false;
  return endsLoop(context, i) || BRANCH_ENDS.test(context.nameAt(i)) || context.infoAt(i).jump !== 'none';
}

/** Label of what a copied instruction jumps to or refers to. */
function copiedTarget(press: Press, i: number): number {
  const { list, context, gates, stubs, leaving, sideBySide } = press;
  if (list.target[i] === NO_LABEL) return NO_LABEL;
  const to = list.labels[list.target[i]];
  const info = context.infoAt(i);
  if (info.jump === 'none') return gates.copied[to] === 1 ? labelOfCopy(press, to) : to;
  if (to >= list.count) return to;
  // Handlers of blocks are entered in the original, whichever body pushed the block.
  const inCopy = isSetup(context, i) ? isAsyncEnd(context, to) : isInCopy(press, to);
  if (inCopy) return labelOfCopy(press, to);
  if (isSetup(context, i) && isExitCall(press, to)) return labelIn(press, press.exitLandings, to);
  if (stubs.has(i)) leaving.set(to, [...(leaving.get(to) ?? []), i]);
  return sideBySide || info.jump !== 'forward' ? to : labelOfLanding(press, to);
}

function labelIn({ out }: Press, labels: Map<number, number>, to: number): number {
  const label = labels.get(to) ?? out.newLabel();
  labels.set(to, label);
  return label;
}

function labelOfLanding(press: Press, to: number): number {
  return labelIn(press, press.landings, to);
}

/** Where a debugger's jump knows a `with` by what its handler begins with, no gate may stand before that. */
function isExitCall({ context }: Press, i: number): boolean {
  return context.nameAt(i) === 'WITH_CLEANUP_START';
}

/** A handler for blocks of copies, which goes on in the original. */
function emitExitLanding(press: Press, i: number): void {
  const { list, out, exitLandings, idioms } = press;
  const label = exitLandings.get(i);
  if (label === undefined) return;
  out.bind(label);
  out.emit(list.opcode[i], list.oparg[i], list.location[i]);
  out.emitJump(idioms.jumpBack, i + 1, list.location[i]);
  exitLandings.delete(i);
}

/**
 * A jump to an instruction of the original, in the copy's place of it or ahead of it. Where lines begin at places it
 * belongs to the line before it, so that none begins here: tracers shall be told where it goes to, if they were without it.
 */
function emitLanding(press: Press, to: number): void {
  const { list, out, landings, leaving, idioms, sideBySide } = press;
  const label = landings.get(to);
  const loops = leaving.get(to);
  if (label === undefined && loops === undefined) return;
  if (label !== undefined) out.bind(label);
  for (const loop of loops ?? []) press.stubAt.set(loop, out.count);
  const jump = sideBySide ? idioms.jumpForward : idioms.jumpBack;
  const isQuiet = list.version.locationFormat === 'lnotab';
  out.emitJump(jump, to, isQuiet ? out.lastLocation : list.location[to], list.handler[to]);
  landings.delete(to);
  leaving.delete(to);
}

/** Who looks for blocks from the start of the code to its end must find each one's beginning and end, run or not. */
function emitCounterpart(press: Press, i: number): void {
  const { context, list, out, sideBySide } = press;
  if (sideBySide || list.version.maxBlocks === 0) return;
  if (context.nameAt(i) === 'END_FINALLY') out.emit(list.opcode[i], 0, list.location[i]);
  if (!isSetup(context, i)) return;
  const handler = context.targetOf(i);
  if (!isAsyncEnd(context, handler))
    out.emitJump(list.opcode[i], labelOfLanding(press, handler), list.location[i]);
}

function copiedHandler(press: Press, i: number): number {
  const { list, out, handlers } = press;
  const number = list.handler[i];
  if (number === NO_HANDLER) return NO_HANDLER;
  if (handlers[number] < 0) {
    const handler = list.handlers[number];
    const to = list.labels[handler.target];
    const inCopy = to < list.count && isInCopy(press, to);
    handlers[number] = inCopy ? out.addHandler({ ...handler, target: labelOfCopy(press, to) }) : number;
  }
  return handlers[number];
}

function copiedUnit({ copy, stubAt }: Press, unit: Unit): Unit {
  const exit = unit.exit < 0 ? -1 : (stubAt.get(unit.site) ?? copy[unit.exit]);
  return { ...unit, site: copy[unit.site], begin: copy[unit.begin], last: copy[unit.last], exit };
}

/** The list with its labels numbered as its instructions are. */
function relabelled({ out, list: from, entry, original, copy }: Press): InstructionList {
  const made = out.finish();
  const labels = int32Column(made.count + 1);
  for (let i = 0; i <= made.count; i++) labels[i] = i;
  const at = (label: number): number => (label === NO_LABEL ? NO_LABEL : made.labels[label]);
  const list: InstructionList = {
    ...made,
    target: made.target.subarray(0, made.count).map(at),
    labels,
    handlers: made.handlers.map((handler) => ({ ...handler, target: at(handler.target) })),
    lineMarks: undefined,
  };
  const marksOf = int32Column(made.count).fill(-1);
  const insideOf = int32Column(made.count).fill(-1);
  for (let i = 0; i < from.count; i++) {
    marksOf[entry[i]] = i;
    insideOf[original[i]] = i;
    if (copy[i] >= 0) insideOf[copy[i]] = i;
  }
  return { ...list, lineMarks: lineMarksFor(list, from, { marksOf, insideOf }) };
}
