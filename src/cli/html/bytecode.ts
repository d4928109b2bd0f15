import { layOut } from '../../code/assemble.ts';
import { disassemble, type InstructionList, NO_LABEL, NO_LOCATION, nestedCode } from '../../code/index.ts';
import { operandText } from '../../code/operand-text.ts';
import type { PageCode, PageInstruction } from '../../html/data.ts';
import { type CodeObject, strValue } from '../../marshal/index.ts';
import type { BytecodeVersion } from '../../opcodes/types.ts';
import { childQualname } from '../../rewrite/qualname.ts';

/** Longer constants tell nothing that a person would read. */
const LONGEST_OPERAND = 80;

/** The instructions of the module's functions that are among the wanted ones. */
export function listBytecode(
  module: CodeObject,
  version: BytecodeVersion,
  wanted: ReadonlySet<string>,
): PageCode[] {
  const codes: PageCode[] = [];
  const visit = (code: CodeObject, name: string): void => {
    if (wanted.has(name)) codes.push({ function: name, instructions: listInstructions(code, version) });
    for (const nested of nestedCode(code)) visit(nested.code, childQualname(code, name, nested.code));
  };
  visit(module, strValue(module.co_name));
  return codes;
}

function listInstructions(code: CodeObject, version: BytecodeVersion): PageInstruction[] {
  const list = disassemble(code, version);
  const { starts } = layOut(list);
  const rows: PageInstruction[] = [];
  for (let i = 0; i < list.count; i++) {
    const opname = version.opcodes[list.opcode[i]]?.opname;
    if (opname === undefined) continue;
    const offset = (starts[i] + list.width[i] - 1) * 2;
    const operand = operandOf(code, list, i, starts);
    rows.push([...placeOf(list, i), offset, operand === '' ? opname : `${opname} ${operand}`]);
  }
  return rows;
}

function placeOf(
  { location, locations }: InstructionList,
  i: number,
): [line: number, from: number, to: number] {
  const row = location[i];
  if (row === NO_LOCATION) return [-1, -1, -1];
  return [locations.lineno[row], locations.colOffset[row], locations.endColOffset[row]];
}

/** What the operand means, or the number itself; where jumps go. */
function operandOf(code: CodeObject, list: InstructionList, i: number, starts: Int32Array): string {
  const info = list.version.opcodes[list.opcode[i]];
  if (info === undefined || info.oparg === 'none') return '';
  if (list.target[i] !== NO_LABEL) return `to ${starts[list.labels[list.target[i]]] * 2}`;
  const oparg = list.oparg[i] >>> 0;
  const text = operandText(code, list.version, info, oparg) || String(oparg);
  return text.length > LONGEST_OPERAND ? `${text.slice(0, LONGEST_OPERAND)}…` : text;
}
