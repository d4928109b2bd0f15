import { int32Column } from '../bytes/columns.ts';
import {
  findTargets,
  type InstructionList,
  NO_HANDLER,
  NO_LABEL,
  NO_LOCATION,
  opnameAt,
} from '../code/instruction-list.ts';
import { ListBuilder } from '../code/list-builder.ts';
import { type Idioms, idiomsOf, NO_OPCODE, type Op, truthTestOf } from '../opcodes/idioms.ts';
import type { Operand } from '../opcodes/operands.ts';
import { entryOf, handlesInPlace, needsTwin, stubLocation } from './disguise.ts';
import { placesOf } from './operand-probes.ts';
import type { Prologue } from './prologue.ts';
import { emitPrologue, emitPrologueHandler } from './prologue.ts';
import { SITE_AWAIT } from './site.ts';
import type { Unit } from './unit.ts';

/** Instructions that a probed unit adds at most, but for prefixes; and each operand that is looked at. */
const PER_UNIT = 22;
const PER_OPERAND = 6;

/** What is woven into a list. */
export interface Weaving {
  readonly units: readonly Unit[];
  /** What is looked at before unit `k` begins. */
  readonly operands: readonly (readonly Operand[])[];
  /** Index in co_consts of the first placeholder; unit `k` uses `firstConst + k`, the operands' follow in order. */
  readonly firstConst: number;
  /** Index in co_consts of the first number that tells where in the frame an operand is; see `placesOf`. */
  readonly firstPlace: number;
  readonly prologue: Prologue | undefined;
}

interface Loom {
  readonly list: InstructionList;
  readonly out: ListBuilder;
  readonly idioms: Idioms;
  readonly weaving: Weaving;
  /** 1 where a jump or a handler enters an instruction. */
  readonly targets: Uint8Array;
  /** Unit that begins before, includes, or ends behind an instruction; -1 for none. */
  readonly beginAt: Int32Array;
  readonly unitAt: Int32Array;
  readonly endAt: Int32Array;
  /** Unit that ends where an instruction is entered; -1 for none. */
  readonly enterAt: Int32Array;
  /** Instruction → units that need a stub before it. */
  readonly stubsAt: Map<number, number[]>;
  /** Per unit: index in co_consts of the placeholder of its first operand. */
  readonly operandConst: Int32Array;
  /** Number that tells where in the frame an operand is → its index in co_consts. */
  readonly placeConst: ReadonlyMap<number, number>;
  /** Per unit: label of its stub, label of its cold handler, number of its handler. */
  readonly stub: Int32Array;
  readonly cold: Int32Array;
  readonly handler: Int32Array;
  /** Per unit: label of an instruction that must look like one that is jumped to, and -1; see {@link entryOf}. */
  readonly entry: Int32Array;
  /** Per unit: label of the site's twin, a second one without a probe that nothing ever runs; see {@link needsTwin}. */
  readonly twin: Int32Array;
}

/** Puts the probes of all units, and the prologue, into a copy of the list. */
export function weave(list: InstructionList, weaving: Weaving): InstructionList {
  const loom = newLoom(list, weaving);
  weaving.units.forEach((_, k) => {
    prepare(loom, k);
  });
  for (let i = 0; i < list.count; i++) weaveInstruction(loom, i);
  loom.out.bind(list.count);
  weaving.units.forEach((_, k) => {
    if (!handlesInPlace(list.version)) emitColdHandler(loom, k);
  });
  if (weaving.prologue !== undefined) emitPrologueHandler(loom.out, loom.idioms, weaving.prologue);
  return loom.out.finish();
}

function newLoom(list: InstructionList, weaving: Weaving): Loom {
  const units = weaving.units.length;
  const operandConst = int32Column(units);
  let operands = 0;
  weaving.operands.forEach((list, k) => {
    operandConst[k] = weaving.firstConst + units + operands;
    operands += list.length;
  });
  const none = (size: number): Int32Array => int32Column(size).fill(-1);
  return {
    list,
    out: new ListBuilder(list, list.count + units * PER_UNIT + operands * PER_OPERAND + 32),
    idioms: idiomsOf(list.version),
    weaving,
    targets: findTargets(list),
    beginAt: none(list.count),
    unitAt: none(list.count),
    endAt: none(list.count),
    enterAt: none(list.count),
    stubsAt: new Map(),
    operandConst,
    placeConst: new Map(placesOf(weaving.operands).map((place, k) => [place, weaving.firstPlace + k])),
    stub: none(units),
    cold: none(units),
    handler: none(units),
    entry: none(units),
    twin: none(units),
  };
}

function prepare(loom: Loom, k: number): void {
  const unit = loom.weaving.units[k];
  loom.beginAt[unit.begin] = k;
  loom.unitAt.fill(k, unit.begin, unit.last + 1);
  if (unit.end === 'after' || unit.end === 'loop' || unit.end === 'loop-stub') loom.endAt[unit.last] = k;
  if (unit.end === 'loop') loom.endAt[unit.exit] = k;
  if (unit.end === 'target') loom.enterAt[unit.exit] = k;
  if (unit.end === 'loop-stub') {
    loom.stub[k] = loom.out.newLabel();
    const stubs = loom.stubsAt.get(unit.exit);
    if (stubs === undefined) loom.stubsAt.set(unit.exit, [k]);
    else stubs.push(k);
  }
  if (canRaise(loom.list, unit)) openHandler(loom, k, unit);
  if (unit.kind === SITE_AWAIT) coverCleanup(loom, k, unit);
  if (needsTwin(loom.list, unit)) loom.twin[k] = loom.out.newLabel();
  if (entryOf(loom.list, loom.targets, unit) !== undefined) loom.entry[k] = loom.out.newLabel();
}

/** What is thrown into a suspended await passes through its CLEANUP_THROW, which stands at the end of the code. */
function coverCleanup({ list, unitAt }: Loom, k: number, unit: Unit): void {
  const cleanup = list.version.opmap.get('CLEANUP_THROW');
  for (let i = unit.begin; i <= unit.last; i++) {
    if (list.handler[i] === NO_HANDLER) continue;
    const target = list.labels[list.handlers[list.handler[i]].target];
    if (list.opcode[target] === cleanup) unitAt[target] = k;
  }
}

/** Whether any instruction of the unit can raise: without that it needs no handler. */
export function canRaise(list: InstructionList, unit: Unit): boolean {
  for (let i = unit.begin; i <= unit.last; i++) {
    if (list.version.opcodes[list.opcode[i]]?.canRaise !== false) return true;
  }
  return false;
}

function openHandler(loom: Loom, k: number, unit: Unit): void {
  loom.cold[k] = loom.out.newLabel();
  if (!loom.list.version.hasExceptionTable) return;
  const outer = loom.list.handler[unit.site];
  const depth = outer === NO_HANDLER ? 0 : loom.list.handlers[outer].depth;
  loom.handler[k] = loom.out.addHandler({ target: loom.cold[k], depth, lasti: true });
}

function weaveInstruction(loom: Loom, i: number): void {
  const { list, out } = loom;
  if (loom.weaving.prologue?.at === i) {
    out.moveLineMarks(i);
    emitPrologue(out, loom.idioms, loom.weaving.prologue, list.location[i]);
  }
  emitStubs(loom, i);
  out.bind(i);
  if (loom.enterAt[i] >= 0) emitEnd(loom, loom.enterAt[i], list.location[i], list.handler[i]);
  const begun = loom.beginAt[i];
  if (begun >= 0) {
    emitOperands(loom, begun, i);
    emitBegin(loom, begun, i);
  }
  const turns = turnsAt(loom, i);
  if (turns === 'YIELD_VALUE') emitSuspend(loom, i);
  emitOriginal(loom, i);
  if (turns === 'RESUME') emitTurn(loom, i);
  const ended = loom.endAt[i];
  if (ended >= 0 && entersAt(loom, ended, 'end', i)) out.bind(loom.entry[ended]);
  const k = loom.unitAt[i];
  const behind = k >= 0 && hasBehind(loom, k, i) ? out.newLabel() : NO_LABEL;
  // What does not jump would go on into the twin, and a debugger takes what it finds there from both ways in.
  const isJump = ended === k && loom.twin[k] < 0 && loom.idioms.end === NO_OPCODE;
  const over = isJump ? behind : NO_LABEL;
  if (ended >= 0) emitEnd(loom, ended, endLocation(loom, ended, i), list.handler[i], over);
  if (behind === NO_LABEL) return;
  if (loom.weaving.units[k].end !== 'never' && over === NO_LABEL)
    out.emitJump(loom.idioms.jumpForward, behind, list.location[i], list.handler[i]);
  emitBehind(loom, k, behind);
}

/** The opcode's name where an await is suspended or goes on; else ''. */
function turnsAt({ list, unitAt, weaving, idioms }: Loom, i: number): string {
  const unit = weaving.units[unitAt[i]];
  if (unit?.kind !== SITE_AWAIT || idioms.turn === undefined) return '';
  const opname = opnameAt(list, i);
  return opname === 'YIELD_VALUE' || opname === 'RESUME' ? opname : '';
}

function emitTurn({ list, out, idioms, weaving, unitAt }: Loom, i: number): void {
  if (idioms.turn === undefined) return;
  const [location, handler] = [list.location[i], list.handler[i]];
  out.emit(idioms.loadConst, weaving.firstConst + unitAt[i], location, handler);
  out.emit(idioms.turn.opcode, idioms.turn.oparg, location, handler);
  out.emit(idioms.popTop, 0, location, handler);
}

/** Where the interpreter looks for a SEND right before YIELD_VALUE, one stands there that is jumped over. */
function emitSuspend(loom: Loom, i: number): void {
  const { list, out, idioms } = loom;
  emitTurn(loom, i);
  if (!idioms.needsSendBeforeYield) return;
  const over = out.newLabel();
  out.emitJump(idioms.jumpForward, over, list.location[i], list.handler[i]);
  out.copy(i - 1);
  out.bind(over);
}

/** Whether instruction `i` ends a unit that has something behind it which is jumped over. */
function hasBehind({ list, cold, twin, weaving }: Loom, k: number, i: number): boolean {
  if (i !== weaving.units[k].last) return false;
  return twin[k] >= 0 || (cold[k] >= 0 && handlesInPlace(list.version));
}

function emitBehind(loom: Loom, k: number, behind: number): void {
  const { list, out, weaving } = loom;
  const { site } = weaving.units[k];
  if (loom.cold[k] >= 0 && handlesInPlace(list.version)) emitColdHandler(loom, k);
  if (loom.twin[k] >= 0) {
    out.bind(loom.twin[k]);
    out.copy(site);
  }
  out.bind(behind);
}

/** At the exit of a loop the probe belongs to what follows, so that branch events keep their destination. */
function endLocation(loom: Loom, k: number, i: number): number {
  const unit = loom.weaving.units[k];
  const follows = unit.end === 'loop' && i === unit.exit && i + 1 < loom.list.count;
  return loom.list.location[follows ? i + 1 : i];
}

/**
 * `operand in probe` for a copy of each operand, or for the number that tells where it is: nothing of the operand runs
 * for that, and `in ()` is false.
 */
function emitOperands(loom: Loom, k: number, i: number): void {
  const { list, out, idioms, weaving } = loom;
  const location = beginLocation(loom, i);
  const emit = ({ opcode, oparg }: Op): void => out.emit(opcode, oparg, location, list.handler[i]);
  weaving.operands[k].forEach((operand, j) => {
    loadOperand(loom, operand).forEach(emit);
    emit({ opcode: idioms.loadConst, oparg: loom.operandConst[k] + j });
    emit(idioms.contains);
    emit({ opcode: idioms.popTop, oparg: 0 });
  });
}

function loadOperand({ idioms, placeConst }: Loom, { depth, place = 0 }: Operand): readonly Op[] {
  const copy = depth === 0 ? undefined : idioms.copy(depth);
  if (copy !== undefined) return copy;
  const constant = placeConst.get(place);
  if (constant === undefined) throw new RangeError(`no copy of a value at depth ${depth}`);
  return [{ opcode: idioms.loadConst, oparg: constant }];
}

/** Instructions whose callee the interpreter may run in the same loop, whatever it is specialized for. */
const CALLS = /^CALL(_KW|_FUNCTION_EX)?$/;

/**
 * Where an exception out of an inlined callee is looked up one unit before the call, that unit is what monitoring tools
 * are told of: it belongs to what stood there before, unless control comes from elsewhere, too.
 */
function beginLocation({ list, targets }: Loom, i: number): number {
  const { looksUpCallerBeforeInstruction, opcodes } = list.version;
  const isAsked = looksUpCallerBeforeInstruction && CALLS.test(opnameAt(list, i));
  const follows = isAsked && targets[i] !== 1 && opcodes[list.opcode[i - 1]]?.jump === 'none';
  return list.location[follows ? i - 1 : i];
}

function emitBegin(loom: Loom, k: number, i: number): void {
  const { list, out, idioms } = loom;
  const location = beginLocation(loom, i);
  const outer = list.handler[i];
  out.emit(idioms.loadConst, loom.weaving.firstConst + k, location, outer);
  out.emit(idioms.begin, 0, location, outer);
  // An exception out of an inlined callee is looked up one unit before the instruction: the range starts here.
  const early = list.version.looksUpCallerBeforeInstruction && loom.handler[k] >= 0;
  if (loom.twin[k] >= 0) out.emitJump(idioms.jumpIfTrue, loom.twin[k], location, outer);
  else out.emit(idioms.popTop, 0, location, early ? loom.handler[k] : outer);
  if (loom.cold[k] >= 0 && !list.version.hasExceptionTable) {
    out.emitJump(idioms.setupFinally, loom.cold[k], location);
  }
}

function entersAt(loom: Loom, k: number, place: 'site' | 'end', i: number): boolean {
  const unit = loom.weaving.units[k];
  return loom.entry[k] >= 0 && i === unit.last && entryOf(loom.list, loom.targets, unit) === place;
}

function emitOriginal(loom: Loom, i: number): void {
  const { list, out } = loom;
  const k = loom.unitAt[i];
  if (k >= 0 && entersAt(loom, k, 'site', i)) out.bind(loom.entry[k]);
  const handler = k >= 0 ? coveredBy(loom, k, i) : list.handler[i];
  if (k >= 0 && loom.weaving.units[k].end === 'truth') emitTruthTest(loom, k, i, handler);
  else if (k >= 0 && loom.stub[k] >= 0 && i === loom.weaving.units[k].site)
    out.copy(i, handler, loom.stub[k]);
  else out.copy(i, handler);
}

/** The unit's own handler covers what the site's outer handler covered; inner handlers keep theirs. */
function coveredBy(loom: Loom, k: number, i: number): number {
  const { list } = loom;
  const same = isSameHandler(list, list.handler[i], list.handler[loom.weaving.units[k].site]);
  return same && loom.handler[k] >= 0 ? loom.handler[k] : list.handler[i];
}

/** An inner handler's range splits the outer one's into two entries of the table. */
function isSameHandler({ handlers }: InstructionList, a: number, b: number): boolean {
  if (a === b) return true;
  if (a === NO_HANDLER || b === NO_HANDLER) return false;
  const { target, depth, lasti } = handlers[a];
  return target === handlers[b].target && depth === handlers[b].depth && lasti === handlers[b].lasti;
}

function emitTruthTest(loom: Loom, k: number, i: number, handler: number): void {
  const { list, out, idioms } = loom;
  const location = list.location[i];
  const outer = list.handler[i];
  const test = truthTestOf(list.version, list.opcode[i]);
  if (test === undefined) throw new RangeError(`instruction ${i} tests nothing`);
  if (test.keeps) out.emit(idioms.copyTop.opcode, idioms.copyTop.oparg, location, outer);
  out.emit(test.not, 0, location, handler);
  emitEnd(loom, k, location, outer);
  out.emitJump(test.inverted, list.target[i], location, outer);
  if (test.keeps) out.emit(idioms.popTop, 0, location, outer);
}

/** @param over where an end that is a jump goes on, if not right behind it */
function emitEnd(loom: Loom, k: number, location: number, handler: number, over: number = NO_LABEL): void {
  const { out, idioms, list } = loom;
  if (loom.cold[k] >= 0 && !list.version.hasExceptionTable) out.emit(idioms.popBlock, 0, location);
  out.emit(idioms.loadConst, loom.weaving.firstConst + k, location, handler);
  if (idioms.end !== NO_OPCODE) {
    out.emit(idioms.end, 0, location, handler);
    out.emit(idioms.popTop, 0, location, handler);
  } else if (over !== NO_LABEL) {
    out.emitJump(idioms.jumpIfFalse, over, location, handler);
  } else {
    const next = out.newLabel();
    out.emitJump(idioms.jumpIfTrue, next, location, handler);
    out.bind(next);
  }
}

/** A stub ends the loop's operation and goes on where the loop would; only its own FOR_ITER enters it. */
function emitStubs(loom: Loom, i: number): void {
  const stubs = loom.stubsAt.get(i);
  if (stubs === undefined) return;
  const { list, out, idioms, weaving } = loom;
  const location = list.location[i];
  const previous = i > 0 ? list.version.opcodes[list.opcode[i - 1]] : undefined;
  if (previous === undefined || !previous.terminates)
    out.emitJump(idioms.jumpForward, i, location, list.handler[i]);
  stubs.forEach((k, nth) => {
    if (nth > 0) out.emitJump(idioms.jumpForward, i, location, list.handler[i]);
    out.bind(loom.stub[k]);
    emitEnd(loom, k, stubLocation(list, weaving.units[k], i), list.handler[i]);
  });
}

function emitColdHandler(loom: Loom, k: number): void {
  if (loom.cold[k] < 0) return;
  const { list, out, idioms } = loom;
  const outer = list.version.hasExceptionTable ? list.handler[loom.weaving.units[k].site] : NO_HANDLER;
  out.bind(loom.cold[k]);
  out.emit(idioms.loadConst, loom.weaving.firstConst + k, NO_LOCATION, outer);
  out.emit(idioms.raised, 0, NO_LOCATION, outer);
  out.emit(idioms.popTop, 0, NO_LOCATION, outer);
  out.emit(idioms.reraise.opcode, idioms.reraise.oparg, NO_LOCATION, outer);
  // END_FINALLY goes on where there is no exception, which is never so here: lead nowhere else.
  const ends = list.version.opcodes[idioms.reraise.opcode]?.terminates;
  if (ends !== true) out.emitJump(idioms.jumpBack, loom.cold[k], NO_LOCATION);
  if (loom.entry[k] >= 0) out.emitJump(idioms.jumpBack, loom.entry[k], NO_LOCATION);
}
