import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PyrewriteError } from '../../src/errors.ts';
import { describeMagic } from '../../src/opcodes/magic.ts';
import { VERSIONS, versionByName, versionForMagic } from '../../src/opcodes/versions.ts';
import { findPython } from '../support/pythons.ts';

function refusal(magic: number): PyrewriteError {
  try {
    versionForMagic(magic);
  } catch (error) {
    if (error instanceof PyrewriteError) return error;
  }
  throw new Error(`${magic} was accepted`);
}

describe('versionForMagic', () => {
  test('knows every released version', () => {
    const found = VERSIONS.map(({ name, magic }) => [name, magic, versionForMagic(magic).name]);
    expect(found).toEqual([
      ['3.8', 3413, '3.8'],
      ['3.9', 3425, '3.9'],
      ['3.10', 3439, '3.10'],
      ['3.11', 3495, '3.11'],
      ['3.12', 3531, '3.12'],
      ['3.13', 3571, '3.13'],
      ['3.14', 3627, '3.14'],
      ['3.15', 3666, '3.15'],
    ]);
  });

  test('refuses every other number, with a typed error', () => {
    let refused = 0;
    for (let magic = 0; magic < 65536; magic++) {
      if (VERSIONS.some((version) => version.magic === magic)) continue;
      const error = refusal(magic);
      expect(error.code).toBe('bad-magic');
      expect(error.remedy).toBeDefined();
      refused++;
    }
    console.log(`magic: ${refused} numbers refused`);
    expect(refused).toBe(65536 - 8);
  });

  test('names the magic, what it probably is and what is supported', () => {
    expect(refusal(3520).message).toBe(
      'magic number 3520 (CPython 3.12 alpha 6) is not supported; supported: 3.8 (3413), 3.9 (3425), 3.10 (3439), ' +
        '3.11 (3495), 3.12 (3531), 3.13 (3571), 3.14 (3627), 3.15 (3666)',
    );
  });
});

describe('describeMagic', () => {
  test.each([
    [3394, 'CPython 3.7'],
    [3379, 'CPython 3.6'],
    [3351, 'CPython 3.5'],
    [62211, 'CPython 2.7'],
    [62212, 'CPython 2.7'],
    [62131, 'CPython 2.5'],
    [20121, 'CPython 1.5'],
    [3400, 'CPython 3.8 alpha 1 to 3'],
    [3430, 'CPython 3.10 alpha 2'],
    [3494, 'CPython 3.11 beta 1 to 3'],
    [3570, 'CPython 3.13 beta 1'],
    [3626, 'CPython 3.14 release candidate 2'],
    [3665, 'CPython 3.15 alpha 8'],
    [3700, 'a CPython newer than 3.15'],
    [62218, 'PyPy 2.7'],
    [416, 'PyPy 3'],
    [21150, 'GraalPy'],
    [3, 'not a Python'],
    [0x4b50, 'no known Python'],
  ])('%i is %s', (magic, what) => {
    expect(describeMagic(magic)).toBe(what);
  });

  test("agrees with importlib's own list of magic numbers", () => {
    const python = findPython('3.13');
    const path = join(python?.stdlib ?? '', 'importlib', '_bootstrap_external.py');
    const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
    const rows = lines.flatMap((line) => /^# {5}Python (\d\.\d+)\S*\s+(\d{4,5})\b/.exec(line) ?? []);
    let compared = 0;
    for (let i = 0; i + 2 < rows.length; i += 3) {
      const [version, magic] = [rows[i + 1], Number(rows[i + 2])];
      expect(describeMagic(magic), `${magic}`).toContain(`CPython ${version}`);
      compared++;
    }
    console.log(`magic: ${compared} numbers of importlib agree`);
    if (python !== undefined) expect(compared).toBeGreaterThan(150);
  });
});

describe('versionByName', () => {
  test('ignores the micro version', () => {
    expect(versionByName('3.12.1').name).toBe('3.12');
    expect(versionByName('3.9').name).toBe('3.9');
  });

  test.each(['3.7', '3.16', '2.7', 'x', ''])('refuses %j', (name) => {
    expect(() => versionByName(name)).toThrow(PyrewriteError);
  });
});
