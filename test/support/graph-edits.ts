/** Ways to rebuild a marshal graph, for tests of the writer. */
import {
  bytesValue,
  type CodeObject,
  copyCode,
  isCode,
  type MarshalObject,
  NONE,
  newBytes,
  newFloat,
  newInt,
  newStr,
  newTuple,
} from '../../src/marshal/index.ts';

const CODE_OBJECT_FIELDS = [
  'co_code',
  'co_consts',
  'co_names',
  'co_varnames',
  'co_freevars',
  'co_cellvars',
  'co_localsplusnames',
  'co_localspluskinds',
  'co_filename',
  'co_name',
  'co_qualname',
  'co_lnotab',
  'co_linetable',
  'co_exceptiontable',
] as const;

/** Number of code objects, shared ones once. */
export function countCode(root: CodeObject): number {
  const seen = new Set<CodeObject>();
  const visit = (code: CodeObject): void => {
    if (seen.has(code)) return;
    seen.add(code);
    for (const item of code.co_consts.items) if (isCode(item)) visit(item);
  };
  visit(root);
  return seen.size;
}

/** New objects throughout, shared as the old ones were. */
export function rebuild(root: CodeObject): CodeObject {
  return copyGraph(root, (copy) => copy);
}

/** New objects throughout, none with FLAG_REF. */
export function unflag(root: CodeObject): CodeObject {
  return copyGraph(root, (copy) => ({ ...copy, flag: 0 }));
}

/**
 * The last constant of each code object becomes a new tuple, and all co_code a new bytes object. The tuple is the
 * one that compare_pyc.py expects.
 */
export function editEverything(root: CodeObject): CodeObject {
  return copyGraph(root, (copy) => {
    if (!isCode(copy)) return copy;
    return copyCode(copy, {
      co_consts: newTuple([...copy.co_consts.items, newConstant()]),
      co_code: newBytes(bytesValue(copy.co_code)),
    });
  });
}

function newConstant(): MarshalObject {
  const text = newTuple([newStr('probe'), newStr('\ud800é'), newStr('name', true), newStr('é'.repeat(300))]);
  const numbers = newTuple([
    newInt(0),
    newInt(-(2 ** 31)),
    newInt(2 ** 31),
    newInt(-(2n ** 70n)),
    newFloat(-0),
  ]);
  return newTuple([text, numbers, newBytes(Uint8Array.of(0, 255)), NONE, text]);
}

function copyGraph(root: CodeObject, change: (copy: MarshalObject) => MarshalObject): CodeObject {
  const copies = new Map<MarshalObject, MarshalObject>();
  const visit = (object: MarshalObject): MarshalObject => {
    const known = copies.get(object);
    if (known !== undefined) return known;
    const copy = change(copyOne(object, visit));
    copies.set(object, copy);
    return copy;
  };
  const copy = visit(root);
  if (!isCode(copy)) throw new Error('the root is a code object');
  return copy;
}

function copyOne(object: MarshalObject, visit: (object: MarshalObject) => MarshalObject): MarshalObject {
  if (isCode(object)) {
    const changes: Record<string, MarshalObject> = {};
    for (const field of CODE_OBJECT_FIELDS) {
      const value = object[field];
      if (value !== undefined) changes[field] = visit(value);
    }
    return copyCode(object, changes);
  }
  if ('items' in object) return { ...object, items: object.items.map(visit) };
  return { ...object };
}
