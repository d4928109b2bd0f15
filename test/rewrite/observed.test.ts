/**
 * Rule: probes are not seen. Their instructions have the position of the operation, and jumps enter them; cold
 * handlers have no position. So tracers, profilers, monitoring tools and tracebacks show the same.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writePyc } from '../../src/marshal/index.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { nativeRuntime } from '../native/runtime.ts';
import { compileOne, probe } from '../support/programs.ts';
import { describePythons, runPython } from '../support/pythons.ts';

const OBSERVER = fileURLToPath(new URL('observed.py', import.meta.url));
const PROGRAM = fileURLToPath(new URL('observed_program.py', import.meta.url));

const MODES = ['trace', 'profile', 'monitor', 'traceback', 'positions'] as const;

/** Where there is no runtime these see the module's first instructions fail to import it. */
const SEES_HANDLED_EXCEPTIONS: readonly string[] = ['trace', 'monitor'];

describePythons(
  'an observer of a program',
  (python) => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'pyrewrite-observed-'));
      copyFileSync(PROGRAM, join(folder, 'program.py'));
      const pyc = compileOne(python, readFileSync(PROGRAM, 'utf8'));
      writeFileSync(join(folder, 'plain.pyc'), writePyc(pyc));
      writeFileSync(join(folder, 'probed.pyc'), writePyc(probe(pyc, 'all').pyc));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    const observe = (mode: string, file: string, runtime: boolean): unknown[] => {
      const env = runtime ? { PYTHONPATH: nativeRuntime().folder, PYREWRITE_OUT: `${folder}/` } : {};
      return JSON.parse(runPython(python, [OBSERVER, mode, file], { cwd: folder, env }));
    };

    // sys.monitoring came with 3.12
    const hasMonitoring = versionByName(python.name).number[1] >= 12;
    for (const mode of MODES) {
      if (mode === 'monitor' && !hasMonitoring) continue;
      test(`sees no probe: ${mode}`, () => {
        const plain = observe(mode, 'plain.pyc', false);
        if (!SEES_HANDLED_EXCEPTIONS.includes(mode))
          expect(observe(mode, 'probed.pyc', false)).toEqual(plain);
        expect(observe(mode, 'probed.pyc', true)).toEqual(plain);
        expect(plain.length).toBeGreaterThan(10);
        console.log(
          `observer, Python ${python.label}, ${mode}: ${plain.length} events, the same with probes`,
        );
      });
    }
  },
  { debug: true },
);
