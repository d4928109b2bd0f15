import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { COMPILE_FLAGS } from '../../src/runtime/compiler.ts';
import { freeThreadedVariant, NATIVE_FOLDER, nativeSources } from '../../src/runtime/sources.ts';
import { profileHeaderText } from '../../tools/generate-profile-header.ts';
import { everySecond } from '../support/full.ts';
import { describePythons, findFreeThreaded, PYTHONS, type Python, runPython } from '../support/pythons.ts';
import { type Compiled, compileC } from './objects.ts';
import { nativeRuntime, variantFor } from './runtime.ts';
import { compileModule, compiler } from './toolchain.ts';

const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-compile-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function compile(args: readonly string[]): Compiled {
  return compileC(compiler(), args, folder);
}

test('native/profile_format.h is what src/profile/format.ts says', () => {
  expect(readFileSync(join(NATIVE_FOLDER, 'profile_format.h'), 'utf8')).toBe(profileHeaderText());
});

test('compiles without Python headers and without a warning', () => {
  expect(existsSync(compileModule(compiler(), [], folder).recorder)).toBe(true);
});

test('compiles without a warning for interpreters without the GIL', () => {
  const variant = freeThreadedVariant('.so');
  expect(existsSync(compileModule(compiler(), [], folder, nativeSources(), variant).recorder)).toBe(true);
});

/** Objects without a GIL: as we say, and as the headers of such an interpreter do. */
describe('layouts of free-threaded interpreters', () => {
  const source = fileURLToPath(new URL('layout_free_threaded.c', import.meta.url));
  const check = (include: readonly string[]): void => {
    expect(compile(['-std=c11', '-fsyntax-only', '-Werror', ...include, source])).toEqual({
      ok: true,
      stderr: '',
    });
  };
  test('are ours', () => check([...freeThreadedVariant('').flags, `-I${NATIVE_FOLDER}`]));

  const python = findFreeThreaded();
  const headers = python && headerFolder(python);
  const title = 'are its own';
  if (headers === undefined) test.skip(`${title} (Python 3.13t: not found)`, () => {});
  else test(title, () => check(['-DWITH_PYTHON_H', '-isystem', headers]));
});

test('is small and shows one symbol', () => {
  const { recorder } = nativeRuntime();
  expect(statSync(recorder).size).toBeLessThan(250_000);
  const symbols = execFileSync('nm', ['-D', '--defined-only', recorder], { encoding: 'utf8' });
  expect(
    symbols
      .trim()
      .split('\n')
      .map((line) => line.split(' ').at(-1)),
  ).toEqual(['PyInit__pyrewrite']);
});

/** The folder of an interpreter's <Python.h>, or undefined. */
function headerFolder(python: Python): string | undefined {
  const config = 'import sysconfig; print(sysconfig.get_paths()["include"])';
  const configured = runPython(python, ['-c', config]).trim();
  const beside = join(dirname(dirname(python.path)), 'usr', 'include', `python${python.label}`);
  return [configured, beside].find((path) => existsSync(join(path, 'Python.h')));
}

/** Debian's pyconfig.h includes <x86_64-linux-gnu/python3.x/pyconfig.h>; the libc's own headers must stay out. */
function tripletFolder(headers: string): string {
  const links = mkdtempSync(join(folder, 'include-'));
  for (const name of readdirSync(dirname(headers))) {
    if (name.includes('-linux-')) symlinkSync(join(dirname(headers), name), join(links, name));
  }
  return links;
}

/** The C files that include a header of ours, themselves or by others. */
function sourcesWith(header: string): readonly string[] {
  const including = new Set([header]);
  const includesOne = (name: string): boolean => {
    const text = readFileSync(join(NATIVE_FOLDER, name), 'utf8');
    return [...text.matchAll(/^#include "(.*)"/gm)].some(([, included]) => including.has(included));
  };
  const headers = readdirSync(NATIVE_FOLDER).filter((name) => name.endsWith('.h'));
  for (let size = 0; size < including.size; ) {
    size = including.size;
    for (const name of headers.filter(includesOne)) including.add(name);
  }
  return nativeSources().filter((path) => includesOne(basename(path)));
}

function includes({ headers }: { readonly headers: string }): readonly string[] {
  return ['-DPYREWRITE_USE_PYTHON_H', '-isystem', headers, '-isystem', tripletFolder(headers)];
}

/** Reads <Python.h> once for all files. They define _GNU_SOURCE themselves, which has to come first. */
function precompiled(flags: readonly string[]): string {
  const header = join(mkdtempSync(join(folder, 'precompiled-')), 'first.h');
  const abi = join(NATIVE_FOLDER, 'python_abi.h');
  writeFileSync(header, `#define _GNU_SOURCE\n#include "${abi}"\n#undef _GNU_SOURCE\n`);
  expect(compile([...flags, '-x', 'c-header', header, '-o', `${header}.gch`])).toEqual({
    ok: true,
    stderr: '',
  });
  return header;
}

describe('python_abi.h', () => {
  const withHeaders = PYTHONS.flatMap((python) => {
    const headers = headerFolder(python);
    return headers === undefined ? [] : [{ ...python, headers }];
  });
  test(`headers of ${withHeaders.length} interpreters found`, () => {
    expect(withHeaders.length).toBeGreaterThan(0);
  });
  const including = sourcesWith('python_abi.h');
  test.each(withHeaders)('agrees with <Python.h> of $label', (python) => {
    const flags = [...COMPILE_FLAGS.filter((flag) => flag !== '-shared'), '-Werror', ...includes(python)];
    const header = precompiled(flags);
    const args = [...flags, '-fsyntax-only', '-include', header, ...everySecond(including, python)];
    expect(compile(args)).toEqual({ ok: true, stderr: '' });
  });
  test('is in most files', () => expect(including.length).toBeGreaterThan(20));
});

test.each(PYTHONS.filter(({ name }) => ['3.8', '3.9'].includes(name)))(
  'layouts are those of $label',
  (python) => {
    const headers = headerFolder(python);
    if (headers === undefined) return;
    const source = fileURLToPath(new URL('layout.c', import.meta.url));
    const include = ['-DPYREWRITE_USE_PYTHON_H', '-isystem', headers, `-I${NATIVE_FOLDER}`];
    expect(compile(['-std=c11', '-fsyntax-only', '-Werror', ...include, source])).toEqual({
      ok: true,
      stderr: '',
    });
  },
);

function checkLayout(python: Python, name: string): void {
  const headers = headerFolder(python);
  if (headers === undefined) return;
  const source = fileURLToPath(new URL(name, import.meta.url));
  const folders = [headers, join(headers, 'internal'), tripletFolder(headers)];
  const include = ['-DPYREWRITE_USE_PYTHON_H', ...folders.flatMap((one) => ['-isystem', one])];
  const flags = [...variantFor(python).flags, ...include, `-I${NATIVE_FOLDER}`];
  expect(compile(['-std=c11', '-fsyntax-only', '-Werror', ...flags, source])).toEqual({
    ok: true,
    stderr: '',
  });
}

/** Of 3.8 to 3.10 the keys of a dict are in no header; that they are told apart is asked of the interpreter itself. */
describePythons(
  'what we read',
  (python) => {
    test('types are laid out as we think', () => checkLayout(python, 'layout_types.c'));
    test('frames are laid out as we think', () => checkLayout(python, 'layout_frames.c'));
    test('dicts are laid out as we think', () => checkLayout(python, 'layout_dicts.c'));
  },
  { debug: true, freeThreaded: true },
);

describePythons(
  'the module',
  (python) => {
    test('loads with every symbol bound at once', () => {
      const script = 'import _pyrewrite; print(_pyrewrite.__version__, _pyrewrite.profile_path())';
      const env = { PYTHONPATH: nativeRuntime().folder, LD_BIND_NOW: '1' };
      expect(runPython(python, ['-c', script], { env })).toMatch(/^\d+\.\d+\.\d+ None\n$/);
    });
  },
  { debug: true },
);
