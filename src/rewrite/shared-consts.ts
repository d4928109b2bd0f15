import { replaceCode, walkCode } from '../code/code-object.ts';
import {
  type CodeObject,
  FLAG_REF,
  isCode,
  isSingletonType,
  type MarshalObject,
  type TupleObject,
} from '../marshal/index.ts';

/**
 * Code objects with equal constants share one co_consts tuple in the file, and so share the constants in it, which
 * bear no FLAG_REF of their own. A rewritten code object needs a tuple of its own: for its constants to stay the same
 * objects as the others', they are flagged.
 * @returns the code object itself where nothing is shared in that way, which is usual
 */
export function shareConstants(root: CodeObject): CodeObject {
  const tuples = findShared(root);
  if (tuples.size === 0) return root;
  const flagged = new Map([...tuples].map((tuple) => [tuple, withFlaggedItems(tuple)]));
  const copies = new Map<CodeObject, CodeObject>();
  const copy = (code: CodeObject): CodeObject => {
    const known = copies.get(code);
    if (known !== undefined) return known;
    const tuple = flagged.get(code.co_consts) ?? code.co_consts;
    const items = tuple.items.map((item) => (isCode(item) ? copy(item) : item));
    const changed = items.some((item, index) => item !== tuple.items[index]);
    const co_consts = changed ? { ...tuple, ref: 0, items } : tuple;
    const made = co_consts === code.co_consts ? code : replaceCode(code, { co_consts });
    copies.set(code, made);
    return made;
  };
  return copy(root);
}

/** The tuples that several code objects have and that hold something whose identity only the tuple keeps. */
function findShared(root: CodeObject): Set<TupleObject> {
  const seen = new Set<TupleObject>();
  const shared = new Set<TupleObject>();
  for (const { co_consts } of walkCode(root)) {
    if (co_consts.flag === 0) continue;
    if (!seen.has(co_consts)) seen.add(co_consts);
    else if (co_consts.items.some(needsFlag)) shared.add(co_consts);
  }
  return shared;
}

function needsFlag(item: MarshalObject): boolean {
  return item.flag === 0 && !isCode(item) && !isSingletonType(item.type);
}

function withFlaggedItems(tuple: TupleObject): TupleObject {
  const items = tuple.items.map((item) => (needsFlag(item) ? { ...item, flag: FLAG_REF, ref: 0 } : item));
  return { ...tuple, ref: 0, items };
}
