/** Gates that are passed often are jumped over while no window is open, and nobody can tell. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/pyc.ts';
import { idiomsOf } from '../../src/opcodes/idioms.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { VERSIONS } from '../../src/opcodes/versions.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { NATIVE_FOLDER } from '../../src/runtime/sources.ts';
import { describePythons, type Python, runPython } from '../support/pythons.ts';
import { nativeRuntime } from './runtime.ts';

const PROGRAM = fileURLToPath(new URL('shortcuts_of.py', import.meta.url));
const COMPILE = 'import sys, py_compile; py_compile.compile(sys.argv[1], cfile=sys.argv[2], doraise=True)';

interface Facts {
  readonly gates: number;
  readonly found: boolean;
  readonly checks: number;
  readonly changes: number;
  readonly died: number;
  readonly rounds: number;
  readonly 'jumps of many': number;
  readonly left: number;
  readonly later: number;
}

function run(python: Python, seconds: number, env: Readonly<Record<string, string>> = {}): Facts {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-shortcuts-'));
  try {
    const file = join(folder, 'program.pyc');
    runPython(python, ['-c', COMPILE, PROGRAM, file]);
    const pyc = readPyc(readFileSync(file));
    const made = instrument(pyc, { select: selectOpcodes(['all'], pyc.version), sample: true });
    writeFileSync(file, writePyc(made.pyc));
    const paths = { PYTHONPATH: nativeRuntime().folder, PYREWRITE_OUT: `${folder}/` };
    const often = { PYREWRITE_OVERHEAD: '0.3', PYREWRITE_BURST_US: '40' };
    return JSON.parse(
      runPython(python, [file, String(seconds)], { env: { ...paths, ...often, ...env } }),
    ) as Facts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('native/shortcuts.c knows the opcodes of every version', () => {
  const source = readFileSync(join(NATIVE_FOLDER, 'shortcuts.c'), 'utf8');
  const rows = [...source.matchAll(/\{(0x03[0-9A-F]{2}(?:, \d+){5})\}/g)];
  const known = rows.map(([, row]) => row.split(', ').map(Number));
  expect(known).toEqual(
    VERSIONS.map((version) => {
      const { nop, jumpForward, loadConst } = idiomsOf(version);
      const [major, minor] = version.number;
      return [(major << 8) | minor, nop, jumpForward, loadConst, version.extendedArg, version.jumpUnit];
    }),
  );
});

describePythons('gates that are passed often', (python) => {
  test('are jumped over, and code is the same to whoever looks', () => {
    const facts = run(python, 20);
    expect(facts.gates).toBeGreaterThan(0);
    expect(facts.found).toBe(true);
    expect(facts.checks).toBeGreaterThan(100);
    expect(facts.changes).toBeGreaterThan(2);
    expect(facts.died).toBeGreaterThan(20);
    expect(facts.rounds).toBeGreaterThan(2);
    expect(facts['jumps of many']).toBeGreaterThan(0);
    expect(facts).toMatchObject({ left: 0, later: 0, marshalled: true });
    console.log(`shortcuts, Python ${python.label}: ${JSON.stringify(facts)}`);
  });
});

describePythons(
  'gates in what a compiler makes',
  (python) => {
    test('are asked', () => {
      const facts = run(python, 1, { PYTHON_JIT: '1' });
      expect(facts.gates).toBeGreaterThan(0);
      expect(facts).toMatchObject({ found: false, left: 0, later: 0 });
    });
  },
  { names: ['3.14', '3.15'] },
);
