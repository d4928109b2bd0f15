import { type CodeObject, newBytes } from '../marshal/index.ts';
import { encodeLaidOut, type Layout, layOut } from './assemble.ts';
import { replaceCode } from './code-object.ts';
import type { InstructionList } from './instruction-list.ts';
import { stackDepths } from './stack-depth.ts';

/**
 * A code object with new instructions: all fields that depend on them are computed. `fields` are replaced as given.
 * @param stacksize what the code needs at least, where that is known; else all paths are walked
 */
export function assembleCode(
  code: CodeObject,
  list: InstructionList,
  fields: Partial<Pick<CodeObject, 'co_consts' | 'co_names'>> = {},
  stacksize: number = stackDepths(list, code.co_flags).max,
): CodeObject {
  return encodeCode(code, list, layOut(list), fields, stacksize);
}

/** {@link assembleCode} for a list whose layout is known. */
export function encodeCode(
  code: CodeObject,
  list: InstructionList,
  layout: Layout,
  fields: Partial<Pick<CodeObject, 'co_consts' | 'co_names'>>,
  stacksize: number,
): CodeObject {
  const bytes = encodeLaidOut(list, layout, code.co_firstlineno);
  const table = newBytes(bytes.linetable);
  return replaceCode(code, {
    ...fields,
    co_code: newBytes(bytes.co_code),
    ...(code.co_linetable === undefined ? { co_lnotab: table } : { co_linetable: table }),
    ...(code.co_exceptiontable === undefined ? {} : { co_exceptiontable: newBytes(bytes.co_exceptiontable) }),
    // What the compiler said is kept where it is larger: it sizes some bodies before it shortens them.
    co_stacksize: Math.max(code.co_stacksize, stacksize),
  });
}
