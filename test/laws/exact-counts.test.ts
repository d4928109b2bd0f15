/** Law: counts are the true numbers of executions, as the interpreter's own instruction events tell them. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Pyc, readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { SiteStats } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { type InstrumentOptions, instrument } from '../../src/rewrite/instrument.ts';
import { nativeRuntime } from '../native/runtime.ts';
import { describePythons, type Python, runPython } from '../support/pythons.ts';
import { plannedSites } from './planned-sites.ts';

const COUNTER = fileURLToPath(new URL('exact_counts.py', import.meta.url));
const PROGRAM = fileURLToPath(new URL('exact_program.py', import.meta.url));

function recordedSites(
  python: Python,
  pyc: Pyc,
  options: InstrumentOptions,
  folder: string,
): readonly SiteStats[] {
  mkdirSync(folder);
  writeFileSync(join(folder, 'probed.pyc'), writePyc(instrument(pyc, options).pyc));
  const runtime = nativeRuntime(python).folder;
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
      const recorded = recordedSites(python, pyc, { select }, join(folder, 'exact'));
      const looking = recordedSites(python, pyc, { select, types: true }, join(folder, 'looking'));
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
      const counts = (sites: readonly SiteStats[]): string[] =>
        sites.map(({ count, raised }) => `${count} ${raised}`);
      expect(counts(looking)).toEqual(counts(recorded));
      const seen = looking.filter(({ variants }) => variants.length > 0);
      const sum = ({ variants }: SiteStats): number => variants.reduce((all, { count }) => all + count, 0);
      expect(
        seen.filter((site) => sum(site) !== site.count).map(({ opcode, line }) => `${opcode} ${line}`),
      ).toEqual([]);
      console.log(
        `with operands: ${seen.length} sites, ${seen.reduce((all, site) => all + sum(site), 0)} executions`,
      );
      expect(seen.length).toBeGreaterThan(100);
      expect(wrong).toEqual([]);
      expect(executions).toBeGreaterThan(5000);
      expect(raised).toBeGreaterThan(100);
    });
  },
  { debug: true, freeThreaded: true },
);
