/** Suspensions of awaits are counted exactly: of real code, instrumented, that knows how often it is suspended. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import type { Runtime } from '../../src/runtime/build.ts';
import { describePythons, type Python, runPython } from '../support/pythons.ts';
import { nativeRuntime, pythonRuntime } from './runtime.ts';

const PROGRAM = fileURLToPath(new URL('suspensions_of.py', import.meta.url));

/** Line → executions, those that were suspended, suspensions. */
type Truth = Readonly<Record<string, readonly [number, number, number]>>;

function record(python: Python, opcodes: string, runtime: Runtime): { truth: Truth; profile: Profile } {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-suspensions-'));
  try {
    const plain = join(folder, 'plain.pyc');
    const compile = `import py_compile; py_compile.compile(${JSON.stringify(PROGRAM)}, cfile=${JSON.stringify(plain)}, doraise=True)`;
    runPython(python, ['-c', compile]);
    const pyc = readPyc(readFileSync(plain));
    const probed = join(folder, 'probed.pyc');
    writeFileSync(probed, writePyc(instrument(pyc, { select: selectOpcodes(opcodes, pyc.version) }).pyc));
    const env = { PYTHONPATH: runtime.folder, PYREWRITE_OUT: `${folder}/` };
    const truth = JSON.parse(runPython(python, [probed], { env })) as Truth;
    expect(JSON.parse(runPython(python, [plain]))).toEqual(truth);
    const [name] = readdirSync(folder).filter((file) => file.endsWith('.prof'));
    return { truth, profile: readProfile(readFileSync(join(folder, name))) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What was recorded on each line that the program told of. */
function recorded({ sites }: Profile, truth: Truth): Record<string, number[]> {
  const rows: Record<string, number[]> = {};
  for (const { kind, line, count, suspensions } of sites) {
    if (kind !== 'await' || truth[line ?? 0] === undefined) continue;
    const row = rows[line ?? 0] ?? [0, 0, 0];
    const more = [count, suspensions?.count ?? 0, suspensions?.times ?? 0];
    rows[line ?? 0] = row.map((value, k) => value + more[k]);
  }
  return rows;
}

describePythons(
  'suspensions',
  (python) => {
    test.each(['await', 'all'])('of each await are the true ones, with probes around %s', (opcodes) => {
      const { truth, profile } = record(python, opcodes, nativeRuntime());
      const told = Object.fromEntries(Object.entries(truth).filter(([, [count]]) => count > 0));
      expect(recorded(profile, told)).toEqual(told);
      const awaits = profile.sites.filter(({ kind, count }) => kind === 'await' && count > 0);
      const times = awaits.reduce((sum, { suspensions }) => sum + (suspensions?.times ?? 0), 0);
      expect(times).toBeGreaterThan(500);
      for (const { suspensions, totalNs, count } of awaits) {
        expect(suspensions?.count).toBeLessThanOrEqual(count);
        expect(suspensions?.totalNs).toBeLessThanOrEqual(totalNs + 1000);
      }
      // What waits for timers of 20 ms is suspended so long at least, and longer where the machine is busy.
      const waits = awaits.filter(({ function: name }) => name === 'main');
      const [longest] = waits.toSorted((x, y) => y.totalNs - x.totalNs);
      expect(longest.suspensions?.totalNs).toBeGreaterThan(19e6);
      expect(profile.lost.abandonedAwaits + profile.lost.ends).toBeLessThan(3);
      console.log(`suspensions ${python.label}: ${Object.keys(told).length} lines, ${times} suspensions`);
    });
  },
  { debug: true },
);

describePythons('suspensions and the recorder in Python', (python) => {
  test('are not recorded, and told to be so; awaits are counted exactly', () => {
    const { truth, profile } = record(python, 'await', pythonRuntime());
    const told = Object.entries(truth).filter(([, [count]]) => count > 0);
    const counted = Object.fromEntries(told.map(([line, [count]]) => [line, [count, 0, 0]]));
    expect(recorded(profile, truth)).toMatchObject(counted);
    const raises = ({ sites }: Profile): readonly number[] =>
      sites.toSorted((a, b) => a.position - b.position).map(({ raised }) => raised);
    expect(raises(profile)).toEqual(raises(record(python, 'await', nativeRuntime()).profile));
    expect(profile.lost.abandonedAwaits + profile.lost.ends).toBeLessThan(3);
    const awaits = profile.sites.filter(({ kind, count }) => kind === 'await' && count > 0);
    expect(awaits.length).toBeGreaterThan(5);
    for (const { suspensions } of awaits) expect(suspensions).toBe(null);
  });
});
