import { describe, expect, test } from 'vitest';
import { PyrewriteError } from '../../src/errors.ts';
import {
  bytesValue,
  complexValue,
  floatValue,
  intValue,
  isBytes,
  isStr,
  isTuple,
  type MarshalObject,
  NONE,
  newBytes,
  newFloat,
  newInt,
  newStr,
  newTuple,
  readMarshal,
  strValue,
  TYPE_SHORT_ASCII_INTERNED,
  tupleItems,
  writeMarshal,
} from '../../src/marshal/index.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { bytesOf, hexOf } from '../support/hex.ts';
import { describePythons, pythonJson } from '../support/pythons.ts';

const NEWEST = versionByName('3.15');

function read(data: string): MarshalObject {
  return readMarshal(bytesOf(data), NEWEST);
}

const INTS: readonly (number | bigint)[] = [
  0,
  1,
  -1,
  255,
  2 ** 31 - 1,
  2 ** 31,
  -(2 ** 31),
  -(2 ** 31) - 1,
  32_767,
  32_768,
  2 ** 45,
  -(2 ** 53) + 1,
  2n ** 53n,
  -(2n ** 53n),
  2n ** 63n - 1n,
  -(2n ** 63n),
  2n ** 90n,
  2n ** 90n - 1n,
  -(10n ** 400n),
];

const FLOATS = [
  0,
  -0,
  1.5,
  -1e308,
  5e-324,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
  0.1,
];

const TEXTS = [
  '',
  'abc',
  'x'.repeat(255),
  'x'.repeat(256),
  'é',
  '\u0000',
  '\u007f\u0080',
  '\ud800',
  'a\udfffb',
  '😀',
  '\uffff',
  '中'.repeat(100),
];

describe('values of objects', () => {
  test('ints', () => {
    for (const value of INTS) expect(intValue(newInt(value))).toBe(value);
    expect(intValue(read("'I' 00000000 000000ff"))).toBe(-(2n ** 56n));
    expect(intValue(read("'I' ffffffff ffffffff"))).toBe(-1);
    expect(intValue(read("'l' 00000000"))).toBe(0);
    expect(() => newInt(1.5)).toThrow(PyrewriteError);
  });

  test('floats and complexes', () => {
    for (const value of FLOATS) expect(floatValue(newFloat(value))).toBe(value);
    expect(floatValue(read("'f' 05 '-1e-3'"))).toBe(-0.001);
    expect(floatValue(read("'f' 04 '-inf'"))).toBe(Number.NEGATIVE_INFINITY);
    expect(floatValue(read("'f' 04 '+NaN'"))).toBe(Number.NaN);
    expect(complexValue(read("'x' 02 '1.' 02 '.5'"))).toEqual([1, 0.5]);
    expect(complexValue(read("'y' 000000000000f03f 0000000000000080"))).toEqual([1, -0]);
  });

  test('texts, lone surrogates included', () => {
    for (const text of TEXTS) {
      expect(strValue(newStr(text))).toBe(text);
      expect(strValue(newStr(text, true))).toBe(text);
    }
    expect(strValue(read("'z' 02 e9ff"))).toBe('éÿ');
    expect(strValue(read("'u' 06000000 eda080 edbfbf"))).toBe('\ud800\udfff');
  });

  test('bytes and tuples', () => {
    expect([...bytesValue(newBytes(Uint8Array.of(0, 255)))]).toEqual([0, 255]);
    expect(tupleItems(newTuple([NONE]))).toEqual([NONE]);
  });

  test('an object of another type is a typed error', () => {
    for (const value of [strValue, bytesValue, intValue, floatValue, complexValue, tupleItems]) {
      expect(() => value(NONE)).toThrow(PyrewriteError);
    }
  });

  test('kinds', () => {
    expect(newStr('a', true).type).toBe(TYPE_SHORT_ASCII_INTERNED);
    const kinds = [newStr('é'), newBytes(new Uint8Array(0)), newTuple([]), newInt(1)];
    expect(kinds.map(isStr)).toEqual([true, false, false, false]);
    expect(kinds.map(isBytes)).toEqual([false, true, false, false]);
    expect(kinds.map(isTuple)).toEqual([false, false, true, false]);
  });
});

/** Python source of a str: JSON has it, surrogates as escapes. */
function strSource(text: string): string {
  const escaped = [...text].map((char) => `\\U${(char.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`);
  return `"${escaped.join('')}"`;
}

describePythons('objects made here', (python) => {
  test('are encoded as the interpreter encodes them', () => {
    const version = versionByName(python.name);
    const sources: [source: string, object: MarshalObject][] = [
      ...INTS.map((value): [string, MarshalObject] => [String(value), newInt(value)]),
      ...FLOATS.map((value): [string, MarshalObject] => [floatSource(value), newFloat(value)]),
      ...TEXTS.map((text): [string, MarshalObject] => [strSource(text), newStr(text)]),
      ...[0, 1, 300].map((n): [string, MarshalObject] => [`bytes(${n})`, newBytes(new Uint8Array(n))]),
      ...[0, 1, 255, 256].map((n): [string, MarshalObject] => [
        `(None,) * ${n}`,
        newTuple(new Array(n).fill(NONE)),
      ]),
    ];
    // Flags and interning depend on who else refers to an object; 0x80 and the interned type codes are removed.
    const theirs = pythonJson<string[]>(
      python,
      `import json, marshal
def dumps(value):
    data = bytearray(marshal.dumps(value))
    data[0] = {ord('A'): ord('a'), ord('Z'): ord('z'), ord('t'): ord('u')}.get(data[0] & 127, data[0] & 127)
    return data.hex()
print(json.dumps([dumps(value) for value in [${sources.map(([source]) => source).join(', ')}]]))`,
    );
    expect(sources.map(([, object]) => hexOf(writeMarshal(object, version)))).toEqual(theirs);
    console.log(`objects made here, Python ${python.name}: ${theirs.length} values`);
  });
});

function floatSource(value: number): string {
  return Object.is(value, -0)
    ? '-0.0'
    : `float("${Number.isFinite(value) ? value : String(value).replace('Infinity', 'inf')}")`;
}
