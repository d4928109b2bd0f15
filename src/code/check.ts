import { PyrewriteError } from '../errors.ts';
import { bytesValue, type CodeObject, isTuple } from '../marshal/index.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import { disassemble, tableOf } from './disassemble.ts';
import { parseExceptionTable } from './exception-table.ts';
import { type InstructionList, NO_HANDLER, opnameAt } from './instruction-list.ts';
import { parseLinetable } from './linetable.ts';
import { parseLocationTable } from './location-table.ts';
import { stackConflicts, stackDepths, UNREACHED } from './stack-depth.ts';

/** The invariants of a code object, by name. */
export type Invariant =
  | 'decodable'
  | 'consts-in-range'
  | 'names-in-range'
  | 'locals-in-range'
  | 'handlers-sorted'
  | 'handler-depth'
  | 'locations-cover-code'
  | 'stack-consistent'
  | 'stacksize-sufficient'
  | 'never-negative-stack'
  | 'ends-in-terminator'
  | 'neighbours-kept';

export interface Violation {
  readonly invariant: Invariant;
  readonly detail: string;
}

/** Checks every invariant of one code object (not of those nested in it); no violation means that it is sound. */
export function checkCode(code: CodeObject, version: BytecodeVersion): Violation[] {
  const violations: Violation[] = [];
  const report = (invariant: Invariant, detail: string): void => {
    violations.push({ invariant, detail });
  };
  let list: InstructionList;
  try {
    list = disassemble(code, version);
  } catch (error) {
    if (!(error instanceof PyrewriteError)) throw error;
    return [{ invariant: 'decodable', detail: error.message }];
  }
  checkOperands(code, list, report);
  checkExceptionTable(code, report);
  checkLocations(code, version, report);
  checkStack(code, list, report);
  checkNeighbours(list, report);
  return violations;
}

type Report = (invariant: Invariant, detail: string) => void;

function checkOperands(code: CodeObject, list: InstructionList, report: Report): void {
  const size = (tuple: CodeObject['co_varnames']): number =>
    tuple !== undefined && isTuple(tuple) ? tuple.items.length : 0;
  const locals =
    code.co_localsplusnames === undefined ? size(code.co_varnames) : size(code.co_localsplusnames);
  const cells =
    code.co_localsplusnames === undefined ? size(code.co_cellvars) + size(code.co_freevars) : locals;
  for (let i = 0; i < list.count; i++) {
    const info = list.version.opcodes[list.opcode[i]];
    if (info === undefined) continue;
    const oparg = list.oparg[i] >>> 0;
    const index = oparg >> info.operandShift;
    const outside = (limit: number): boolean => index >= limit;
    if (info.oparg === 'const' && outside(code.co_consts.items.length))
      report('consts-in-range', `${info.opname} ${index}`);
    if (info.oparg === 'name' && outside(code.co_names.items.length))
      report('names-in-range', `${info.opname} ${index}`);
    if (info.oparg === 'local' && outside(locals)) report('locals-in-range', `${info.opname} ${index}`);
    if (info.oparg === 'local-pair' && (oparg >> 4 >= locals || (oparg & 15) >= locals)) {
      report('locals-in-range', `${info.opname} ${oparg}`);
    }
    if (info.oparg === 'free' && outside(cells)) report('locals-in-range', `${info.opname} ${index}`);
  }
}

function checkExceptionTable(code: CodeObject, report: Report): void {
  if (code.co_exceptiontable === undefined) return;
  let end = 0;
  for (const entry of parseExceptionTable(bytesValue(code.co_exceptiontable))) {
    if (entry.start < end || entry.end <= entry.start) {
      report('handlers-sorted', `entry ${entry.start}–${entry.end} after one that ends at ${end}`);
    }
    end = entry.end;
  }
}

function checkLocations(code: CodeObject, version: BytecodeVersion, report: Report): void {
  if (version.locationFormat === 'lnotab') return;
  const parse = version.locationFormat === 'linetable' ? parseLinetable : parseLocationTable;
  const runs = parse(bytesValue(tableOf(code)), code.co_firstlineno);
  const units = bytesValue(code.co_code).length >> 1;
  if (runs.start[runs.count] !== units) {
    report('locations-cover-code', `the table covers ${runs.start[runs.count]} of ${units} code units`);
  }
}

function checkStack(code: CodeObject, list: InstructionList, report: Report): void {
  const { before, max } = stackDepths(list, code.co_flags);
  if (max > code.co_stacksize)
    report('stacksize-sufficient', `needs ${max}, co_stacksize is ${code.co_stacksize}`);
  for (let i = 0; i < list.count; i++) {
    if (before[i] < 0 && before[i] !== UNREACHED)
      report('never-negative-stack', `depth ${before[i]} before instruction ${i}`);
    checkHandlerDepth(list, i, before[i], report);
  }
  // Before 3.10 a place may have two: 3.8 shares finally bodies, and there and in 3.9 a probe's handler stands behind a
  // conditional jump that is always taken.
  if (list.version.locationFormat !== 'lnotab') {
    for (const { at, depths } of stackConflicts(list, before))
      report('stack-consistent', `depth ${depths.join(' or ')} before instruction ${at}`);
  }
  const last = list.count > 0 ? list.version.opcodes[list.opcode[list.count - 1]] : undefined;
  if (before[list.count - 1] !== UNREACHED && last?.terminates !== true) {
    report('ends-in-terminator', `${last?.opname ?? 'nothing'} is last`);
  }
}

/** CPython (3.15) lets handlers cover code of less depth where that code cannot raise; a probe's operator cannot either. */
function checkHandlerDepth(list: InstructionList, i: number, depth: number, report: Report): void {
  const number = list.handler[i];
  if (number === NO_HANDLER || depth < 0 || list.handlers[number].depth <= depth) return;
  const raises = list.version.opcodes[list.opcode[i]]?.canRaise === true;
  if (!raises || (i > 0 && list.opcode[i - 1] === list.version.opmap.get('LOAD_CONST'))) return;
  report(
    'handler-depth',
    `handler of instruction ${i} keeps ${list.handlers[number].depth} of ${depth} values`,
  );
}

/** Instructions that the interpreter finds by looking at a neighbour: the first must come right before the second. */
const NEIGHBOURS: readonly (readonly [second: string, first: RegExp])[] = [
  ['NOT_TAKEN', /^(POP_JUMP_IF_\w+|END_SEND|FOR_ITER)$/],
];

function checkNeighbours(list: InstructionList, report: Report): void {
  for (const [second, first] of NEIGHBOURS) {
    const opcode = list.version.opmap.get(second);
    if (opcode === undefined) continue;
    for (let i = 1; i < list.count; i++) {
      if (list.opcode[i] !== opcode) continue;
      const before = opnameAt(list, i - 1);
      if (!first.test(before)) report('neighbours-kept', `${second} behind ${before}`);
    }
  }
}
