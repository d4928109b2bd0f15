/** The examples by hand in docs/reference/formats are what an interpreter writes and what pyrewrite reads. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { floatValue, intValue, readMarshal, readPyc, strValue, writePyc } from '../../src/marshal/index.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { bytesOf, hexOf } from '../support/hex.ts';
import { describePythons, runPython } from '../support/pythons.ts';

/** Bytes of the `hex` block of a page; each line must start with its offset. */
function exampleOf(page: string): Uint8Array {
  const text = readFileSync(new URL(`../../docs/reference/formats/${page}`, import.meta.url), 'utf8');
  const block = /```hex\n([\s\S]*?)```/.exec(text)?.[1];
  if (block === undefined) throw new Error(`${page} has no hex block`);
  let hex = '';
  for (const line of block.trim().split('\n')) {
    const match = /^([0-9a-f]{2}) {2}((?:[0-9a-f]{2} )*[0-9a-f]{2})(?: {2}|$)/.exec(line);
    if (match === null) throw new Error(`${page}: not an example line: ${line}`);
    expect(Number.parseInt(match[1], 16), line).toBe(hex.length / 2);
    hex += match[2].replaceAll(' ', '');
  }
  return bytesOf(hex);
}

describePythons(
  'examples',
  (python) => {
    test('pyc.md', () => {
      const example = exampleOf('pyc.md');
      const script = `from importlib._bootstrap_external import _code_to_timestamp_pyc
code = compile('x = 1\\n', 'm.py', 'exec', dont_inherit=True)
print(_code_to_timestamp_pyc(code, 1700000000, 6).hex())`;
      expect(hexOf(example)).toBe(runPython(python, ['-c', script]).trim());
      const pyc = readPyc(example);
      expect(strValue(pyc.code.co_filename)).toBe('m.py');
      expect(pyc.code.co_qualname).toBe(pyc.code.co_name);
      expect(hexOf(writePyc(pyc))).toBe(hexOf(example));
    });

    test('marshal.md', () => {
      const example = exampleOf('marshal.md');
      const script = `import marshal; print(ascii(marshal.loads(bytes.fromhex('${hexOf(example)}'))))`;
      expect(runPython(python, ['-c', script]).trim()).toBe("['\\xe9', '\\xe9', 70000, 2.5]");
      const list = readMarshal(example, versionByName(python.name));
      if (!('items' in list)) throw new Error('not a list');
      const [one, two, int, float] = list.items;
      expect([strValue(one), two === one, intValue(int), floatValue(float)]).toEqual(['é', true, 70000, 2.5]);
    });
  },
  { names: ['3.12'] },
);
