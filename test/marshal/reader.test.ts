import { describe, expect, test } from 'vitest';
import { PyrewriteError } from '../../src/errors.ts';
import {
  MAX_MARSHAL_STACK_DEPTH,
  type MarshalObject,
  readMarshal,
  writeMarshal,
} from '../../src/marshal/index.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { bytesOf, hexOf } from '../support/hex.ts';
import { codeData, INVALID, VALID } from '../support/marshal-cases.ts';
import { describePythons, pythonJson } from '../support/pythons.ts';

const NEWEST = versionByName('3.15');

function read(data: string): MarshalObject {
  return readMarshal(bytesOf(data), NEWEST);
}

function errorOf(run: () => unknown): PyrewriteError {
  try {
    run();
  } catch (error) {
    if (error instanceof PyrewriteError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

function itemsOf(object: MarshalObject): readonly MarshalObject[] {
  if ('items' in object) return object.items;
  throw new Error('not a container');
}

describe('data by hand', () => {
  test.each(VALID)('$name is written as it was read', ({ data }) => {
    const bytes = bytesOf(data);
    expect(hexOf(writeMarshal(readMarshal(bytes, NEWEST), NEWEST))).toBe(hexOf(bytes));
  });

  test.each(INVALID)('$name is an error at its offset', ({ data, offset }) => {
    const error = errorOf(() => read(data));
    expect(error.code).toBe('bad-marshal');
    expect(error.offset).toBe(offset);
  });

  test('legal for CPython, refused by us because the same bytes could not be written', () => {
    expect(errorOf(() => read("')' 02 e9 01000000 f2 00000000")).message).toContain(
      'reference with FLAG_REF',
    );
    expect(errorOf(() => read("'{' 'N' '0'")).message).toContain('NULL');
    expect(errorOf(() => read("'{' b0")).message).toContain('NULL');
  });

  test('data of a newer format is refused, and the message says so', () => {
    const older = versionByName('3.13');
    for (const { data } of VALID.filter(({ format }) => format !== undefined)) {
      expect(errorOf(() => readMarshal(bytesOf(data), older)).message).toMatch(/needs marshal format [56]/);
    }
  });

  test('offsets count from the start of the input', () => {
    expect(errorOf(() => readMarshal(bytesOf("ffffff ')' 02 'N' '?'"), NEWEST, 3)).offset).toBe(6);
  });
});

describe('identity', () => {
  test('two references are the same object', () => {
    const [first, second, third] = itemsOf(read("')' 03 e9 01000000 'r' 00000000 e9 01000000"));
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test('a cycle leads back to the same object', () => {
    const list = read("db 02000000 'N' 'r' 00000000");
    expect(itemsOf(list)[1]).toBe(list);
  });
});

describe('hostile input', () => {
  const tooDeep = MAX_MARSHAL_STACK_DEPTH;

  test.each([
    ['tuples', "')' 01", ''],
    ['lists', "'[' 01000000", ''],
    ['sets', "'<' 01000000", ''],
    ['dicts', "'{' 'N'", "'0'"],
    ['slices', "':' 'N' 'N'", ''],
    ['frozendicts', "'{' 'N'", "'0'"],
  ])('%s nest as deep as in CPython and not deeper', (_, open, close) => {
    const nest = (depth: number): Uint8Array => bytesOf(`${open.repeat(depth)} 4e ${close.repeat(depth)}`);
    const bytes = nest(tooDeep - 1);
    expect(hexOf(writeMarshal(readMarshal(bytes, NEWEST), NEWEST))).toBe(hexOf(bytes));
    expect(errorOf(() => readMarshal(nest(tooDeep), NEWEST)).message).toContain('2000 nested objects');
    expect(errorOf(() => readMarshal(nest(100_000), NEWEST)).message).toContain('2000 nested objects');
  });

  test('code objects, whose frames are the largest, nest to the limit', () => {
    const [open, close] = codeData({ co_consts: "')' 01 |" }).split('|');
    const nest = (depth: number): Uint8Array => bytesOf(`${open.repeat(depth)} 4e ${close.repeat(depth)}`);
    const bytes = nest(tooDeep / 2 - 1);
    expect(hexOf(writeMarshal(readMarshal(bytes, NEWEST), NEWEST))).toBe(hexOf(bytes));
    expect(errorOf(() => readMarshal(nest(tooDeep / 2), NEWEST)).code).toBe('bad-marshal');
  });

  test.each(["'('", "'['", "'<'", "'>'", "'s'", "'u'", "'a'", "'l'"])(
    '%s of a declared 2^31-1 items fails before memory is taken',
    (type) => {
      const bytes = bytesOf(`${type} ffffff7f${'00'.repeat(15)}`);
      expect(errorOf(() => readMarshal(bytes, NEWEST)).code).toBe('bad-marshal');
    },
  );

  test('nested large counts cost no more memory than the input is worth', () => {
    const size = 1 << 20;
    const bytes = new Uint8Array(size).fill(0x4e);
    const view = new DataView(bytes.buffer);
    for (let depth = 0; depth < 1990; depth++) {
      bytes[depth * 5] = 0x5b;
      view.setInt32(depth * 5 + 1, size - depth * 5 - 5 - 2000, true);
    }
    const before = process.memoryUsage().heapUsed;
    expect(errorOf(() => readMarshal(bytes, NEWEST)).code).toBe('bad-marshal');
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(200 << 20);
  });

  test('a tuple around the code object whose field it is', () => {
    const data = `a9 01 ${codeData({ co_consts: "'r' 00000000" })}`;
    expect(errorOf(() => read(data)).message).toContain('contains its own code');
  });
});

describePythons('the interpreter agrees', (python) => {
  test('on what is marshal data', () => {
    const version = versionByName(python.name);
    const isCode = ({ data }: { data: string }): boolean => data.startsWith("'c'");
    const cases = [...VALID, ...INVALID].filter(
      (one) => !isCode(one) || version.codeFields.includes('co_exceptiontable'),
    );
    const theirs = pythonJson<boolean[]>(
      python,
      `import json, marshal
def loads(data):
    try:
        marshal.loads(bytes.fromhex(data))
    except (EOFError, ValueError, TypeError):
        return False
    except SystemError:  # a code object with a field of the wrong type, up to 3.10
        return False
    return True
print(json.dumps([loads(data) for data in ${JSON.stringify(cases.map(({ data }) => hexOf(bytesOf(data))))}]))`,
    );
    const ours = cases.map(({ data }) => {
      try {
        return readMarshal(bytesOf(data), version) !== undefined;
      } catch {
        return false;
      }
    });
    const different = cases.filter((_, i) => ours[i] !== theirs[i]).map(({ name }) => name);
    expect(different).toEqual([]);
    const taken = ours.filter(Boolean).length;
    console.log(
      `marshal data by hand, Python ${python.name}: ${taken} taken, ${ours.length - taken} refused`,
    );
  });
});
