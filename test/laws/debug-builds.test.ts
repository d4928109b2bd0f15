/**
 * Law: interpreters that check themselves find nothing to object to. The debug builds import the standard library with
 * probes on every operation and run its own tests of generators, coroutines, exceptions … with them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { nativeRuntime } from '../native/runtime.ts';
import { corpusFiles, loadCorpus } from '../support/corpus.ts';
import { FULL } from '../support/full.ts';
import { findPython, type Python } from '../support/pythons.ts';

const DRIVER = fileURLToPath(new URL('debug_builds.py', import.meta.url));

/** Need a display, print, open a browser or start a server when imported. */
const NOT_IMPORTED =
  /^(idlelib|lib2to3|tkinter|turtle|turtledemo|antigravity|this|ensurepip|pip|venv|test)\b|__main__|__phello__/;

const TESTS = [
  'test_contextlib',
  'test_coroutines',
  'test_except_star',
  'test_generators',
  'test_grammar',
  'test_listcomps',
  'test_named_expressions',
  'test_patma',
  'test_raise',
  'test_scope',
  'test_super',
  'test_unpack_ex',
  'test_with',
];

interface Report {
  readonly imported: number;
  readonly failed: Readonly<Record<string, string>>;
  readonly tests: number;
  readonly bad: readonly (readonly [test: string, text: string])[];
  readonly probes: number;
}

function isWanted(path: string): boolean {
  if (!path.startsWith('test/')) return !NOT_IMPORTED.test(path);
  return path.startsWith('test/support/') || TESTS.some((name) => path.startsWith(`test/${name}`));
}

/**
 * Writes the instrumented files into a folder; returns the modules that are not tests. The release build compiles the same
 * sources to the same bytes, in a third of the time, and other tests need its files, too.
 */
function instrumentInto(python: Python, folder: string): string[] {
  const modules: string[] = [];
  const release = findPython(python.name);
  const isSame = release?.stdlib === python.stdlib;
  for (const { path, bytes } of corpusFiles(loadCorpus(isSame ? release : python))) {
    if (!isWanted(path)) continue;
    const pyc = readPyc(bytes);
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, writePyc(instrument(pyc, { select: selectOpcodes('all', pyc.version) }).pyc));
    if (!path.startsWith('test/')) modules.push(path.replace(/(\/__init__)?\.pyc$/, '').replaceAll('/', '.'));
  }
  return modules;
}

function runDriver(python: Python, folder: string, imports: readonly string[]): Report {
  const { status, signal, stdout, stderr } = spawnSync(
    python.path,
    ['-X', 'frozen_modules=off', '-W', 'ignore', DRIVER, folder],
    {
      cwd: folder,
      encoding: 'utf8',
      input: JSON.stringify({ imports, tests: TESTS.map((module) => `test.${module}`) }),
      maxBuffer: 1 << 28,
      env: { PATH: process.env['PATH'], PYTHONPATH: nativeRuntime().folder, PYREWRITE_OUT: `${folder}/` },
    },
  );
  // a failed assertion aborts the interpreter
  const complaint = status === 0 ? '' : stderr;
  expect({ status, signal, complaint }).toEqual({ status: 0, signal: null, complaint: '' });
  return JSON.parse(stdout);
}

describe.each(['3.14d', '3.15d'])('the debug build of Python %s', (label) => {
  const python = findPython(label);
  // where the environment has CI, a missing interpreter is a failure
  const isSkipped = python === undefined && process.env['CI'] === undefined;

  test.skipIf(isSkipped)('runs the instrumented standard library without an assertion', () => {
    if (python === undefined) throw new Error(`Python ${label} is missing: tools/install-pythons.sh`);
    const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-debug-'));
    try {
      const modules = instrumentInto(python, folder);
      const report = runDriver(python, folder, FULL ? modules : modules.filter((_, k) => k % 3 === 0));
      const { imported, failed, probes, tests, bad } = report;
      console.log(
        `debug build ${label}: ${imported} instrumented modules imported (${Object.keys(failed).length} cannot be), ` +
          `${probes} probes, ${tests} tests run, no assertion`,
      );
      expect(bad).toEqual([]);
      expect(imported).toBeGreaterThan(150);
      expect(tests).toBeGreaterThan(500);
      expect(probes).toBeGreaterThan(100_000);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
