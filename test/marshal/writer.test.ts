import { describe, expect, test } from 'vitest';
import { PyrewriteError } from '../../src/errors.ts';
import {
  type CodeObject,
  copyCode,
  isCode,
  type MarshalObject,
  NONE,
  newBytes,
  newContainer,
  newInt,
  newStr,
  newTuple,
  readMarshal,
  TYPE_DICT,
  TYPE_FROZENDICT,
  TYPE_FROZENSET,
  TYPE_LIST,
  TYPE_SLICE,
  TYPE_SMALL_TUPLE,
  withFlagRef,
  writeMarshal,
} from '../../src/marshal/index.ts';
import { VERSIONS, versionByName } from '../../src/opcodes/versions.ts';
import { bytesOf, hexOf } from '../support/hex.ts';
import { codeData } from '../support/marshal-cases.ts';

const NEWEST = versionByName('3.15');

function written(root: MarshalObject): string {
  return hexOf(writeMarshal(root, NEWEST));
}

function hex(data: string): string {
  return hexOf(bytesOf(data));
}

function codeOf(data: string): CodeObject {
  const code = readMarshal(bytesOf(data), NEWEST);
  if (!isCode(code)) throw new Error('not a code object');
  return code;
}

describe('edited graphs', () => {
  test('indices are given anew when an object with one goes', () => {
    const root = readMarshal(bytesOf("')' 04 e9 01000000 e9 02000000 'r' 01000000 'r' 00000000"), NEWEST);
    if (!('items' in root)) throw new Error('not a tuple');
    const [, second, third] = root.items;
    expect(written(newTuple([NONE, second, third]))).toBe(hex("')' 03 'N' e9 02000000 'r' 00000000"));
  });

  test('when the first occurrence goes, the next becomes the definition', () => {
    const root = readMarshal(bytesOf("')' 03 da 01 'a' 'r' 00000000 'r' 00000000"), NEWEST);
    if (!('items' in root)) throw new Error('not a tuple');
    expect(written(newTuple([NONE, root.items[1], root.items[2]]))).toBe(
      hex("')' 03 'N' da 01 'a' 'r' 00000000"),
    );
  });

  test('a new object takes no index', () => {
    const shared = withFlagRef(newInt(7));
    const root = newTuple([newInt(1), shared, newStr('a'), shared]);
    expect(written(root)).toBe(hex("')' 04 'i' 01000000 e9 07000000 'z' 01 'a' 'r' 00000000"));
  });

  test('an object without flag that contains nothing is written at each use', () => {
    const text = newStr('a');
    expect(written(newTuple([text, text]))).toBe(hex("')' 02 'z' 01 'a' 'z' 01 'a'"));
  });

  test('a container without flag that is used twice gets the flag, and all indices behind it move', () => {
    const shared = newTuple([newInt(7)]);
    const flagged = withFlagRef(newStr('a'));
    const root = newTuple([shared, flagged, shared, flagged]);
    expect(written(root)).toBe(hex("')' 04 a9 01 'i' 07000000 fa 01 'a' 'r' 00000000 'r' 01000000"));
    expect(shared.flag).toBe(0);
  });

  test('sharing that doubles at each level stays linear', () => {
    let root: MarshalObject = newTuple([NONE]);
    for (let level = 0; level < 200; level++) root = newTuple([root, root]);
    const bytes = writeMarshal(root, NEWEST);
    expect(bytes.length).toBe(200 * 7 + 3);
    expect(hexOf(writeMarshal(readMarshal(bytes, NEWEST), NEWEST))).toBe(hexOf(bytes));
  });

  test('a cycle of containers without flag', () => {
    const items: MarshalObject[] = [];
    const list = newContainer(TYPE_LIST, items);
    items.push(NONE, list);
    expect(written(list)).toBe(hex("db 02000000 'N' 'r' 00000000"));
  });

  test('a graph can be part of two outputs, and be written twice', () => {
    const shared = withFlagRef(newTuple([withFlagRef(newInt(1))]));
    const one = newTuple([shared, shared]);
    const two = newTuple([withFlagRef(newInt(2)), shared, shared]);
    const first = written(one);
    expect(written(two)).toBe(hex("')' 03 e9 02000000 a9 01 e9 01000000 'r' 01000000"));
    expect(written(one)).toBe(first);
  });

  test('an index left by another thread of writing is not believed', () => {
    const [one, two] = [withFlagRef(newInt(1)), withFlagRef(newInt(2))];
    written(newTuple([one]));
    const copies = [{ ...one }, { ...one, ref: 1 }, two];
    expect(written(newTuple(copies))).toBe(hex("')' 03 e9 01000000 e9 01000000 e9 02000000"));
  });

  test('a code object with changed fields', () => {
    const code = codeOf(codeData());
    const changed = copyCode(code, { co_consts: newTuple([NONE]), co_code: newBytes(Uint8Array.of(9, 0)) });
    expect(written(changed)).toBe(hex(codeData({ co_code: "'s' 02000000 0900", co_consts: "')' 01 'N'" })));
    expect(written(code)).toBe(hex(codeData()));
  });
});

describe('what can not be written is a typed error', () => {
  const cases: [name: string, root: () => MarshalObject][] = [
    ['a frozenset in itself', () => inItself(TYPE_FROZENSET, [])],
    ['a slice in itself', () => inItself(TYPE_SLICE, [NONE, NONE])],
    ['a frozendict in itself', () => inItself(TYPE_FROZENDICT, [NONE])],
    ['a slice of two', () => newContainer(TYPE_SLICE, [NONE, NONE])],
    ['a dict with half a pair', () => newContainer(TYPE_DICT, [NONE])],
    ['a small tuple of 256', () => newContainer(TYPE_SMALL_TUPLE, new Array(256).fill(NONE))],
    ['more than 2000 nested objects', () => nested(2000)],
    ['a code object with a missing field', () => copyCode(codeOf(codeData()), { co_qualname: undefined })],
    ['code that contains itself', codeInItself],
    ['constants around their own code', constantsAroundCode],
  ];

  test.each(cases)('%s', (_, root) => {
    expect(() => written(root())).toThrow(PyrewriteError);
  });

  test('slices and frozendicts, for versions that lack them', () => {
    let refused = 0;
    for (const version of VERSIONS) {
      const objects = [
        { format: 5, object: newContainer(TYPE_SLICE, [NONE, NONE, NONE]) },
        { format: 6, object: newContainer(TYPE_FROZENDICT, [NONE, NONE]) },
      ];
      for (const { format, object } of objects) {
        if (version.marshalVersion >= format) writeMarshal(object, version);
        else expect(() => writeMarshal(object, version)).toThrow(`needs marshal format ${format}`);
        if (version.marshalVersion < format) refused++;
      }
    }
    expect(refused).toBe(13);
  });

  test('1999 tuples around None are not too many', () => {
    expect(written(nested(1999))).toBe(`2901`.repeat(1999) + hex("'N'"));
  });
});

function inItself(
  type: typeof TYPE_FROZENSET | typeof TYPE_SLICE | typeof TYPE_FROZENDICT,
  items: MarshalObject[],
): MarshalObject {
  const object = newContainer(type, items);
  items.push(object);
  return object;
}

function nested(depth: number): MarshalObject {
  let root: MarshalObject = NONE;
  for (let level = 0; level < depth; level++) root = newTuple([root]);
  return root;
}

function codeInItself(): MarshalObject {
  const constants: MarshalObject[] = [];
  const code = copyCode(codeOf(codeData()), { co_consts: newTuple(constants) });
  constants.push(code);
  return code;
}

function constantsAroundCode(): MarshalObject {
  const constants: MarshalObject[] = [];
  const tuple = newTuple(constants);
  constants.push(copyCode(codeOf(codeData()), { co_consts: tuple }));
  return tuple;
}
