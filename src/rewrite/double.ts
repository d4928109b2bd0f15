import { int32Column } from '../bytes/columns.ts';
import { type InstructionList, NO_HANDLER, NO_LABEL } from '../code/instruction-list.ts';
import { ListBuilder } from '../code/list-builder.ts';
import { type Idioms, idiomsOf, NO_OPCODE } from '../opcodes/idioms.ts';
import { NOWHERE } from './flow.ts';
import type { Gates } from './gates.ts';
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
  readonly list: InstructionList;
  readonly gates: Gates;
  readonly idioms: Idioms;
  readonly consts: GateConsts;
  readonly out: ListBuilder;
  /** Original instruction → label of its copy, made when it is first needed. */
  readonly labels: Int32Array;
  /** Original instruction → place of the instruction itself, of its way in, of its copy. */
  readonly original: Int32Array;
  readonly entry: Int32Array;
  readonly copy: Int32Array;
  /** Landings of copied loops that leave for the original: the loop's instruction → the landing's place. */
  readonly landingOf: Map<number, number>;
  /** What copies jump to that stands in the original: instruction → label of a jump there. */
  readonly landings: Map<number, number>;
  /** Original handler → its form for copies. */
  readonly handlers: Int32Array;
}

/** Doubles what leads to a unit. */
export function doubleCode(
  list: InstructionList,
  gates: Gates,
  units: readonly Unit[],
  consts: GateConsts,
): Doubled {
  const none = (size: number): Int32Array => int32Column(size).fill(-1);
  const press: Press = {
    list,
    gates,
    idioms: idiomsOf(list.version),
    consts,
    out: new ListBuilder(list, list.count * 3),
    labels: none(list.count),
    original: none(list.count + 1),
    entry: none(list.count + 1),
    copy: none(list.count),
    landingOf: new Map(),
    landings: new Map(),
    handlers: none(list.handlers.length),
  };
  const stubs = new Set(units.flatMap(({ end, site }) => (end === 'loop-stub' ? [site] : [])));
  if (list.version.reportsSteppingBack) {
    for (const [first, end] of stretchesOf(gates, list.count)) {
      emitOriginals(press, first, end);
      emitCopies(press, first, end, stubs);
    }
  } else {
    emitOriginals(press, 0, list.count);
    emitCopies(press, 0, list.count, stubs);
  }
  press.out.bind(list.count);
  const { original, entry } = press;
  return { list: relabelled(press), units: units.map((unit) => copiedUnit(press, unit)), original, entry };
}

function stretchesOf({ cut }: Gates, count: number): [first: number, end: number][] {
  const starts = [0];
  for (let i = 1; i < count; i++) if (cut[i] === 1) starts.push(i);
  return starts.map((first, k) => [first, starts[k + 1] ?? count]);
}

function emitOriginals(press: Press, first: number, end: number): void {
  const { list, gates, out } = press;
  for (let i = first; i < end; i++) {
    out.bind(i);
    press.entry[i] = out.count;
    if (gates.gate[i] === 1) emitGate(press, i);
    press.original[i] = out.count;
    out.copy(i);
  }
  const last = end - 1;
  if (end < list.count && gates.flow.next[last] !== NOWHERE && anyCopied(gates, first, end))
    out.emitJump(press.idioms.jumpForward, end, list.location[last], list.handler[last]);
}

function anyCopied({ copied }: Gates, first: number, end: number): boolean {
  return copied.subarray(first, end).includes(1);
}

/** A closed gate costs its first test only: where it is taken from is no matter to what runs next. */
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
  test(consts.open, idioms.jumpIfFalse, over);
  test(consts.enter, idioms.jumpIfTrue, labelOfCopy(press, i));
  out.bind(over);
}

function labelOfCopy({ labels, out }: Press, i: number): number {
  if (labels[i] < 0) labels[i] = out.newLabel();
  return labels[i];
}

function emitCopies(press: Press, first: number, end: number, stubs: ReadonlySet<number>): void {
  const { gates, out, copy } = press;
  const leaving: number[] = [];
  for (let i = first; i < end; i++) {
    if (gates.copied[i] === 0) continue;
    if (gates.gate[i] === 1) emitPad(press, i);
    out.bind(labelOfCopy(press, i));
    copy[i] = out.count;
    const to = gates.flow.jump[i];
    if (stubs.has(i) && !isInCopy(press, to)) leaving.push(i);
    out.copy(i, copiedHandler(press, i), copiedTarget(press, i, stubs.has(i)));
    const next = gates.flow.next[i];
    if (next === NOWHERE || (next < end && isInCopy(press, next))) continue;
    emitWayOn(press, i, next, end);
  }
  emitLandings(press, end, leaving);
}

/** Whether control that comes from a copy goes to the copy of an instruction. */
function isInCopy({ gates }: Press, i: number): boolean {
  return gates.copied[i] === 1 && gates.gate[i] === 0;
}

/** From the end of a copy to what comes next, unless that follows by itself: the next stretch's original. */
function emitWayOn(press: Press, i: number, next: number, end: number): void {
  const { out, idioms, list } = press;
  const to = isInCopy(press, next) ? labelOfCopy(press, next) : next;
  if (to === end && list.version.reportsSteppingBack) return;
  const jump = list.version.reportsSteppingBack ? idioms.jumpForward : idioms.jumpBack;
  out.emitJump(jump, to, list.location[i], copiedHandler(press, i));
}

/**
 * To tracers that are told of the start of a line by its place, the copy's start would be one behind its gate: it stands
 * behind another instruction of its line, which nothing runs.
 */
function emitPad({ list, out, idioms }: Press, i: number): void {
  if (list.version.locationFormat === 'lnotab') out.emit(idioms.nop, 0, list.location[i], list.handler[i]);
}

/** Label of what a copied instruction jumps to or refers to. */
function copiedTarget(press: Press, i: number, hasStub: boolean): number {
  const { list, gates, out, landings } = press;
  if (list.target[i] === NO_LABEL) return NO_LABEL;
  const to = list.labels[list.target[i]];
  const info = list.version.opcodes[list.opcode[i]];
  if (info?.jump === 'none') return gates.copied[to] === 1 ? labelOfCopy(press, to) : to;
  if (to >= list.count || isBlock(press, i)) return to;
  if (isInCopy(press, to)) return labelOfCopy(press, to);
  if (hasStub) return to;
  if (list.version.reportsSteppingBack || info?.jump === 'backward') return to;
  const known = landings.get(to);
  if (known !== undefined) return known;
  const label = out.newLabel();
  landings.set(to, label);
  return label;
}

/** Handlers of blocks are entered in the original, whichever body pushed the block. */
function isBlock({ list }: Press, i: number): boolean {
  const opname = list.version.opcodes[list.opcode[i]]?.opname ?? '';
  return opname.startsWith('SETUP_') && !list.version.hasExceptionTable;
}

function copiedHandler(press: Press, i: number): number {
  const { list, out, handlers } = press;
  const number = list.handler[i];
  if (number === NO_HANDLER) return NO_HANDLER;
  if (handlers[number] < 0) {
    const handler = list.handlers[number];
    const to = list.labels[handler.target];
    const target = to < list.count && isInCopy(press, to) ? labelOfCopy(press, to) : to;
    handlers[number] = target === to ? number : out.addHandler({ ...handler, target });
  }
  return handlers[number];
}

/** Jumps to the original for what cannot jump there itself. */
function emitLandings(press: Press, end: number, leaving: readonly number[]): void {
  const { list, out, gates, landings, landingOf, idioms } = press;
  const last = end - 1;
  const fallsOn = gates.copied[last] === 1 && gates.flow.next[last] !== NOWHERE;
  if (leaving.length > 0 && fallsOn && end < list.count)
    out.emitJump(idioms.jumpForward, end, list.location[last], copiedHandler(press, last));
  for (const i of leaving) {
    const to = gates.flow.jump[i];
    landingOf.set(i, out.count);
    out.emitJump(idioms.jumpForward, to, list.location[to], list.handler[to]);
  }
  for (const [to, label] of landings) {
    out.bind(label);
    out.emitJump(idioms.jumpBack, to, list.location[to], list.handler[to]);
  }
  landings.clear();
}

function copiedUnit({ copy, landingOf }: Press, unit: Unit): Unit {
  const exit = unit.exit < 0 ? -1 : (landingOf.get(unit.site) ?? copy[unit.exit]);
  return { ...unit, site: copy[unit.site], begin: copy[unit.begin], last: copy[unit.last], exit };
}

/** The list with its labels numbered as its instructions are. */
function relabelled(press: Press): InstructionList {
  const made = press.out.finish();
  const labels = int32Column(made.count + 1);
  for (let i = 0; i <= made.count; i++) labels[i] = i;
  const at = (label: number): number => made.labels[label];
  const list: InstructionList = {
    ...made,
    target: made.target.subarray(0, made.count).map((label) => (label === NO_LABEL ? NO_LABEL : at(label))),
    labels,
    handlers: made.handlers.map((handler) => ({ ...handler, target: at(handler.target) })),
    lineMarks: undefined,
  };
  const marksOf = int32Column(made.count).fill(-1);
  const insideOf = int32Column(made.count).fill(-1);
  for (let i = 0; i < press.list.count; i++) {
    marksOf[press.entry[i]] = i;
    insideOf[press.original[i]] = i;
    if (press.copy[i] >= 0) insideOf[press.copy[i]] = i;
  }
  return { ...list, lineMarks: lineMarksFor(list, press.list, { marksOf, insideOf }) };
}
