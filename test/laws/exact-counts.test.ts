/** Law: counts are the true numbers of executions, as the interpreter's own instruction events tell them. */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Pyc, readPyc, writePyc } from '../../src/marshal/index.ts';
import { type Selection, selectOpcodes } from '../../src/opcodes/selection.ts';
import type { SiteStats } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { buildRuntime } from '../../src/runtime/build.ts';
import { describePythons, type Python, runPython } from '../support/pythons.ts';
import { plannedSites } from './planned-sites.ts';

const COUNTER = fileURLToPath(new URL('exact_counts.py', import.meta.url));
const PROGRAM = fileURLToPath(new URL('exact_program.py', import.meta.url));

function recordedSites(python: Python, pyc: Pyc, select: Selection, folder: string): readonly SiteStats[] {
  writeFileSync(join(folder, 'probed.pyc'), writePyc(instrument(pyc, { select }).pyc));
  const runtime = buildRuntime().folder;
  runPython(python, [join(folder, 'probed.pyc')], { env: { PYTHONPATH: runtime, PYREWRITE_OUT: folder } });
  const [profile] = readdirSync(folder).filter((name) => name.endsWith('.prof'));
  const { sites, lost } = readProfile(readFileSync(join(folder, profile)));
  expect(lost.spans + lost.ends).toBe(0);
  return [...sites].sort((a, b) => a.position - b.position);
}

describePythons(
  'exact counts',
  (python) => {
    test('every operation is counted as often as it runs', () => {
      const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-counts-'));
      const path = join(folder, 'plain.pyc');
      runPython(python, [
        '-c',
        `import py_compile; py_compile.compile(${JSON.stringify(PROGRAM)}, cfile=${JSON.stringify(path)}, doraise=True)`,
      ]);
      const pyc = readPyc(readFileSync(path));
      const truth: Record<string, number> = JSON.parse(runPython(python, [COUNTER, path]));
      const select = selectOpcodes('all', pyc.version);
      const planned = plannedSites(pyc.code, pyc, select);
      const recorded = recordedSites(python, pyc, select, folder);
      const wrong = planned.flatMap(({ keys, opname }, k) => {
        const expected = Math.max(...keys.map((key) => truth[key] ?? 0));
        return recorded[k].count === expected
          ? []
          : [`${opname} at ${keys[0]}: ${recorded[k].count}, not ${expected}`];
      });
      const executions = recorded.reduce((sum, { count }) => sum + count, 0);
      const raised = recorded.reduce((sum, site) => sum + site.raised, 0);
      console.log(
        `exact counts ${python.label}: ${planned.length} sites, ${executions} executions, ${raised} raised`,
      );
      expect(recorded.length).toBe(planned.length);
      expect(wrong).toEqual([]);
      expect(executions).toBeGreaterThan(5000);
      expect(raised).toBeGreaterThan(100);
    });
  },
  { debug: true },
);
