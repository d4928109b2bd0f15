import { int32Column } from '../bytes/columns.ts';
import { encodeCode } from '../code/assemble-code.ts';
import { replaceCode } from '../code/code-object.ts';
import { disassemble } from '../code/disassemble.ts';
import type { InstructionList } from '../code/instruction-list.ts';
import {
  type CodeObject,
  type MarshalObject,
  NONE,
  newBytes,
  newInt,
  newStr,
  newTuple,
} from '../marshal/index.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import { newContext } from './context.ts';
import { doubleCode } from './double.ts';
import { keepFarLines, type LaidOut } from './far-lines.ts';
import { splitLongLines } from './line-splits.ts';
import { placesOf } from './operand-probes.ts';
import type { Plan } from './plan.ts';
import { type Prologue, RUNTIME_ATTACH, RUNTIME_MODULE } from './prologue.ts';
import type { Unit } from './unit.ts';
import { weave } from './weave.ts';

/** A nested code object's new form and its place in co_consts. */
export interface NewConst {
  readonly index: number;
  readonly code: CodeObject;
}

/** The placeholder of a probe: without the runtime, `-0` and `~0` are computed and dropped. */
const PLACEHOLDER: MarshalObject = newInt(0);
/** The placeholder of an operand's probe: without the runtime, `operand in ()` is computed and dropped. */
const OPERAND_PLACEHOLDER: MarshalObject = newTuple([]);

/** The placeholder of what gates test first, that no window is open: without the runtime the original runs. */
const GATE_PLACEHOLDER: MarshalObject = newTuple([]);

/** A code object with probes. */
export interface Rebuilt {
  readonly code: CodeObject;
  /** Site → code unit of its instruction in the original body; empty where there is one body only. */
  readonly origins: Int32Array;
}

/** A code object with its probes, and with the new forms of the code objects nested in it. */
export function rebuildCode(code: CodeObject, plan: Plan | undefined, nested: readonly NewConst[]): Rebuilt {
  const consts = constsWith(code, nested, plan);
  if (plan === undefined)
    return { code: replaceCode(code, { co_consts: newTuple(consts) }), origins: int32Column(0) };
  const body = bodyOf(plan, code);
  const woven = keepFarLines(weave(body.list, { ...body, prologue: undefined }), code.co_firstlineno);
  return {
    code: encodeWoven(code, woven, { co_consts: newTuple(consts) }, plan),
    origins: originsOf(plan, body, woven),
  };
}

/**
 * The module's code object, which also hands the site table to the runtime.
 * @param makeTable makes the table, given the module's own origins
 */
export function rebuildModule(
  code: CodeObject,
  version: BytecodeVersion,
  plan: Plan | undefined,
  nested: readonly NewConst[],
  makeTable: (origins: Int32Array) => Uint8Array,
): CodeObject {
  const whole = plan ?? { ...NO_PLAN, list: disassemble(code, version) };
  const consts = constsWith(code, nested, plan);
  const names = code.co_names.items.concat([newStr(RUNTIME_MODULE), newStr(RUNTIME_ATTACH)]);
  const body = bodyOf(whole, code);
  const prologue: Prologue = {
    at: body.entryOf(prologuePlace(whole.list)),
    zeroConst: consts.push(PLACEHOLDER) - 1,
    noneConst: consts.push(NONE) - 1,
    tableConst: consts.push(NONE) - 1,
    moduleName: names.length - 2,
    attachName: names.length - 1,
    labels: { cold: -1, handler: -1 },
  };
  const woven = keepFarLines(weave(body.list, { ...body, prologue }), code.co_firstlineno);
  const made = encodeWoven(code, woven, { co_names: newTuple(names) }, whole);
  consts[prologue.tableConst] = newBytes(makeTable(originsOf(whole, body, woven)));
  return replaceCode(made, { co_consts: newTuple(consts) });
}

const NO_PLAN: Omit<Plan, 'list'> = { units: [], operands: [], sites: [], skipped: [], gates: undefined };

/** What is woven: the list as it is, or doubled. */
interface Body {
  readonly list: InstructionList;
  readonly units: readonly Unit[];
  readonly operands: Plan['operands'];
  readonly firstConst: number;
  readonly firstPlace: number;
  /** Where an instruction of the original code is entered. */
  entryOf(i: number): number;
  /** Where it stands, in the body that is the original. */
  originalOf(i: number): number;
}

function bodyOf(plan: Plan, code: CodeObject): Body {
  const firstConst = code.co_consts.items.length;
  const { list, units, operands, gates } = plan;
  const same = (i: number): number => i;
  const open = firstConst + units.length + operands.flat().length;
  const shared = { operands, firstConst, firstPlace: gates === undefined ? open : open + 2 };
  if (gates === undefined) return { list, units, ...shared, entryOf: same, originalOf: same };
  const doubled = doubleCode(newContext(list), gates, units, { open, enter: open + 1 });
  return {
    list: doubled.list,
    units: doubled.units,
    ...shared,
    entryOf: (i) => doubled.entry[i],
    originalOf: (i) => doubled.original[i],
  };
}

function encodeWoven(
  code: CodeObject,
  { list: woven, layout }: LaidOut,
  fields: Parameters<typeof encodeCode>[3],
  plan: Plan,
): CodeObject {
  const list = splitLongLines(woven, layout.starts);
  return encodeCode(code, list, layout, fields, stackBound(code, plan.list, hasOperands(plan)));
}

function originsOf(plan: Plan, body: Body, { list, layout: { starts, widths } }: LaidOut): Int32Array {
  if (plan.gates === undefined) return int32Column(0);
  return Int32Array.from(plan.units, ({ site }) => {
    const at = list.labels[body.originalOf(site)];
    return starts[at] + widths[at] - 1;
  });
}

/** Behind the first RESUME, where a frame begins to be visible; at the start where there is none. */
function prologuePlace(list: InstructionList): number {
  const resume = list.version.opmap.get('RESUME');
  if (resume === undefined) return 0;
  return list.opcode.subarray(0, list.count).indexOf(resume) + 1;
}

/** co_consts is often shared between code objects: the new one is a tuple of its own. */
function constsWith(code: CodeObject, nested: readonly NewConst[], plan: Plan | undefined): MarshalObject[] {
  const consts = code.co_consts.items.slice();
  for (const { index, code: child } of nested) consts[index] = child;
  for (const _ of plan?.units ?? []) consts.push(PLACEHOLDER);
  for (const _ of plan?.operands.flat() ?? []) consts.push(OPERAND_PLACEHOLDER);
  if (plan?.gates !== undefined) consts.push(GATE_PLACEHOLDER, PLACEHOLDER);
  for (const place of placesOf(plan?.operands ?? [])) consts.push(newInt(place));
  return consts;
}

/** Values that a truth test's or an operand's copy and a probe's constant take. */
const INLINE_VALUES = 2;
/** The same where versions without COPY copy two operands to get at one. */
const TWO_COPIED_VALUES = 3;
/** Values that the prologue takes: module or result, table. */
const PROLOGUE_VALUES = 2;

/**
 * Stack that woven code needs at most: a probe lies on top of what is there; a handler finds what the outer
 * handler keeps (or, with blocks, what lay there), what the interpreter pushes, and its probe's constant.
 */
function stackBound(code: CodeObject, list: InstructionList, operands: boolean): number {
  const { handlerPushes, hasExceptionTable } = list.version;
  let kept = hasExceptionTable ? 0 : code.co_stacksize;
  for (const handler of list.handlers) if (handler.depth > kept) kept = handler.depth;
  const handled = kept + handlerPushes + (hasExceptionTable ? 1 : 0) + 1;
  const inline = operands && !list.version.opmap.has('COPY') ? TWO_COPIED_VALUES : INLINE_VALUES;
  return Math.max(code.co_stacksize + inline, handled, PROLOGUE_VALUES);
}

function hasOperands({ operands }: Plan): boolean {
  return operands.some((list) => list.length > 0);
}
