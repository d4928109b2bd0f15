import { type CodeObject, isStr, strValue, type TupleObject } from '../marshal/index.ts';

/** Name of a local variable by its index; undefined where the code has none of that index. */
export function localName(code: CodeObject, index: number): string | undefined {
  return textAt(code.co_varnames ?? code.co_localsplusnames, index);
}

/** Name of a cell or free variable, counted as LOAD_DEREF does: behind the locals where there is one table for all. */
export function freeName(code: CodeObject, index: number): string | undefined {
  if (code.co_localsplusnames !== undefined) return textAt(code.co_localsplusnames, index);
  const cells = code.co_cellvars?.items.length ?? 0;
  return index < cells ? textAt(code.co_cellvars, index) : textAt(code.co_freevars, index - cells);
}

/** The string at an index of a tuple of names; undefined where there is none. */
export function textAt(tuple: TupleObject | undefined, index: number): string | undefined {
  const item = tuple?.items[index];
  return item !== undefined && isStr(item) ? strValue(item) : undefined;
}
