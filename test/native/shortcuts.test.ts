/** Gates that are passed often are jumped over while no window is open, and nobody can tell. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/pyc.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
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
    expect(facts).toMatchObject({ left: 0, later: 0, marshalled: true, sent: 12 });
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
