import type { Fold } from '../code/format.ts';
import type { InstructionList } from '../code/instruction-list.ts';
import { type CodeObject, isStr, strValue } from '../marshal/index.ts';
import { type Idioms, idiomsOf, NO_OPCODE } from '../opcodes/idioms.ts';
import { type ProbedCode, probedCodes } from './probed-codes.ts';
import { RUNTIME_MODULE } from './prologue.ts';

/** 0, None, IMPORT_NAME, LOAD_ATTR, table, subtraction, POP_TOP. */
const PROLOGUE_LENGTH = 7;
/** The prologue's IMPORT_NAME stands behind two loads. */
const PROLOGUE_IMPORT = 2;

/**
 * For `formatCode`: shows each probe of an instrumented module as one line that names its site, and so the
 * hand-over of the site table.
 * @returns undefined for a module without a site table
 */
export function probeFolds(
  module: CodeObject,
): ((code: CodeObject, list: InstructionList) => readonly Fold[]) | undefined {
  const codes = probedCodes(module);
  if (codes === undefined) return undefined;
  const sites = codes.reduce((sum, { record }) => sum + record.sites.length, 0);
  const probedOf = new Map(codes.map((probed) => [probed.code, probed]));
  return (code, list) => {
    const probed = probedOf.get(code);
    if (probed === undefined) return [];
    const attach = code === module ? `attach ${sites} sites` : '';
    return foldsOf(code, list, probed, attach);
  };
}

function foldsOf(code: CodeObject, list: InstructionList, probed: ProbedCode, attach: string): Fold[] {
  const folds: Fold[] = [];
  for (let i = 0; i < list.count; i++) {
    const probe = probeAt(list, i, probed) ?? operandProbeAt(list, i, probed) ?? gateAt(list, i, probed);
    if (probe !== undefined) folds.push(probe);
    else if (attach !== '' && isPrologue(code, list, i)) {
      folds.push({ first: i, count: PROLOGUE_LENGTH, text: attach });
      i += PROLOGUE_LENGTH - 1;
    }
  }
  return folds;
}

/** LOAD_CONST, operator, POP_TOP; or LOAD_CONST, conditional jump. */
function probeAt(list: InstructionList, i: number, { record, firstSite }: ProbedCode): Fold | undefined {
  const idioms = idiomsOf(list.version);
  if (i + 1 >= list.count || list.opcode[i] !== idioms.loadConst) return undefined;
  const k = list.oparg[i] - record.firstConst;
  const site = record.sites[k];
  const does = probeVerb(idioms, list.opcode[i + 1]);
  if (site === undefined || does === undefined) return undefined;
  const count = popsItself(idioms, list.opcode[i + 1]) ? 2 : 3;
  if (count === 3 && list.opcode[i + 2] !== idioms.popTop) return undefined;
  const name = site.name === '' ? '' : ` ${site.name}`;
  return { first: i, count, text: `${does} site ${firstSite + k} ${site.opname}${name}` };
}

/** LOAD_CONST, `in`, POP_TOP, for a copy of an operand that lies on the stack. */
function operandProbeAt(list: InstructionList, i: number, { record }: ProbedCode): Fold | undefined {
  const { loadConst, contains, popTop } = idiomsOf(list.version);
  if (i + 2 >= list.count || list.opcode[i] !== loadConst || list.opcode[i + 1] !== contains.opcode)
    return undefined;
  const kinds = record.sites.flatMap(({ operands }) => operands);
  const kind = kinds[list.oparg[i] - record.firstConst - record.sites.length];
  if (kind === undefined || list.opcode[i + 2] !== popTop) return undefined;
  return { first: i, count: 3, text: `look at ${kind}` };
}

/** LOAD_CONST and a conditional jump, twice; from 3.13 on each with a TO_BOOL, from 3.14 on with a NOT_TAKEN behind it. */
function gateAt(list: InstructionList, i: number, { record }: ProbedCode): Fold | undefined {
  if (record.origins === undefined) return undefined;
  const { loadConst, toBool, notTaken, jumpIfFalse, jumpIfTrue } = idiomsOf(list.version);
  const open = record.firstConst + record.sites.flatMap(({ operands }) => [0, ...operands]).length;
  const test = (jump: number): number[] =>
    [loadConst, toBool, jump, notTaken].filter((opcode) => opcode !== NO_OPCODE);
  const opcodes = [...test(jumpIfFalse), ...test(jumpIfTrue)];
  const isGate =
    list.oparg[i] === open &&
    i + opcodes.length <= list.count &&
    opcodes.every((opcode, k) => list.opcode[i + k] === opcode);
  return isGate ? { first: i, count: opcodes.length, text: 'gate' } : undefined;
}

/** A jump that ends an operation takes the probe away. */
function popsItself({ end, ends }: Idioms, opcode: number): boolean {
  return end === NO_OPCODE && ends.includes(opcode);
}

function probeVerb({ begin, raised, ends, turn }: Idioms, opcode: number): string | undefined {
  if (opcode === begin) return 'begin';
  if (opcode === raised) return 'raised';
  if (opcode === turn?.opcode) return 'suspended or resumed';
  return ends.includes(opcode) ? 'end' : undefined;
}

function isPrologue(code: CodeObject, list: InstructionList, i: number): boolean {
  const at = i + PROLOGUE_IMPORT;
  if (i + PROLOGUE_LENGTH > list.count) return false;
  const info = list.version.opcodes[list.opcode[at]];
  if (info?.opname !== 'IMPORT_NAME') return false;
  const name = code.co_names.items[list.oparg[at] >> info.operandShift];
  return name !== undefined && isStr(name) && strValue(name) === RUNTIME_MODULE;
}
