import { type CodeObject, copyCode, isCode, type MarshalObject } from '../marshal/index.ts';

/** The code object and all that are nested in it, outermost first, in the order of co_consts; shared ones once. */
export function* walkCode(code: CodeObject): Generator<CodeObject> {
  const seen = new Set<CodeObject>();
  const stack: CodeObject[] = [code];
  for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    yield next;
    const nested = next.co_consts.items.filter(isCode);
    for (let k = nested.length - 1; k >= 0; k--) stack.push(nested[k]);
  }
}

/** A copy of a code object with some fields changed, after `CodeType.replace`. */
export function replaceCode(code: CodeObject, fields: Partial<Omit<CodeObject, 'type'>>): CodeObject {
  return copyCode(code, fields);
}

/** The code objects among the constants, with their index in co_consts. */
export function nestedCode(code: CodeObject): { index: number; code: CodeObject }[] {
  const nested: { index: number; code: CodeObject }[] = [];
  code.co_consts.items.forEach((item: MarshalObject, index: number) => {
    if (isCode(item)) nested.push({ index, code: item });
  });
  return nested;
}
