import { assembleCode } from '../code/assemble-code.ts';
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
import type { Plan } from './plan.ts';
import { type Prologue, RUNTIME_ATTACH, RUNTIME_MODULE } from './prologue.ts';
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

/** A code object with its probes, and with the new forms of the code objects nested in it. */
export function rebuildCode(
  code: CodeObject,
  plan: Plan | undefined,
  nested: readonly NewConst[],
): CodeObject {
  const consts = constsWith(code, nested, plan);
  if (plan === undefined) return replaceCode(code, { co_consts: newTuple(consts) });
  const firstConst = code.co_consts.items.length;
  const { units, operands } = plan;
  const list = weave(plan.list, { units, operands, firstConst, prologue: undefined });
  return assembleCode(
    code,
    list,
    { co_consts: newTuple(consts) },
    stackBound(code, plan.list, hasOperands(plan)),
  );
}

/** The module's code object, which also hands the site table to the runtime. */
export function rebuildModule(
  code: CodeObject,
  version: BytecodeVersion,
  plan: Plan | undefined,
  nested: readonly NewConst[],
  table: Uint8Array,
): CodeObject {
  const list = plan?.list ?? disassemble(code, version);
  const units = plan?.units ?? [];
  const operands = plan?.operands ?? [];
  const consts = constsWith(code, nested, plan);
  const names = code.co_names.items.concat([newStr(RUNTIME_MODULE), newStr(RUNTIME_ATTACH)]);
  const prologue: Prologue = {
    at: prologuePlace(list),
    zeroConst: consts.push(PLACEHOLDER) - 1,
    noneConst: consts.push(NONE) - 1,
    tableConst: consts.push(newBytes(table)) - 1,
    moduleName: names.length - 2,
    attachName: names.length - 1,
    labels: { cold: -1, handler: -1 },
  };
  const woven = weave(list, { units, operands, firstConst: code.co_consts.items.length, prologue });
  const fields = { co_consts: newTuple(consts), co_names: newTuple(names) };
  return assembleCode(code, woven, fields, stackBound(code, list, plan !== undefined && hasOperands(plan)));
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
  return consts;
}

/** Values that a truth test's or an operand's copy and a probe's constant take. */
const INLINE_VALUES = 2;
/** The same where versions without COPY copy two operands to get at one. */
const TURNED_VALUES = 3;
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
  const inline = operands && !list.version.opmap.has('COPY') ? TURNED_VALUES : INLINE_VALUES;
  return Math.max(code.co_stacksize + inline, handled, PROLOGUE_VALUES);
}

function hasOperands({ operands }: Plan): boolean {
  return operands.some((list) => list.length > 0);
}
