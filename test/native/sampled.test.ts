/** Sampled programs: what gates decide, and what profiles say of it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/pyc.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { describePythons, type Python } from '../support/pythons.ts';
import { impossibleValues } from '../support/sound-profile.ts';
import { nativeRuntime } from './runtime.ts';

const PROGRAM = `
import os, sys, threading
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
class Point:
    def __init__(self):
        self.x = 1
    def get(self):
        return self.x
def loop(n):
    point, total = Point(), 0
    for i in range(n):
        total += point.get() + point.x * i
    return total
def work(k):
    for _ in range(k):
        fib(12)
        loop(300)
code = work.__code__
assert {code: 1}[code] == 1 and hash(code) == hash(code)
k = int(sys.argv[1])
work(k)
if k < 0:
    print(flush=True)
    while True: work(10)
pid = os.fork()
threads = [threading.Thread(target=work, args=(k,)) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
if pid:
    assert os.waitpid(pid, 0)[1] == 0
`;

/** Of a program that does not end by itself. */
const KILLED_AFTER_MS = 800;

interface Result {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stderr: string;
  readonly profile: Profile | undefined;
}

function runProgram(python: Python, sample: boolean, env: Record<string, string>, rounds: number): Result {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-sampled-'));
  const { PATH } = process.env;
  try {
    writeFileSync(join(folder, 'program.py'), PROGRAM);
    const compile = 'import py_compile; py_compile.compile("program.py", "program.pyc", doraise=True)';
    spawnSync(python.path, ['-c', compile], { cwd: folder });
    const pyc = readPyc(readFileSync(join(folder, 'program.pyc')));
    const made = instrument(pyc, { select: selectOpcodes(['all'], pyc.version), sample });
    writeFileSync(join(folder, 'made.pyc'), writePyc(made.pyc));
    const { status, signal, stderr } = spawnSync(python.path, ['made.pyc', String(rounds)], {
      cwd: folder,
      encoding: 'utf8',
      timeout: rounds < 0 ? KILLED_AFTER_MS : 120_000,
      killSignal: 'SIGKILL',
      env: { PATH, PYTHONPATH: nativeRuntime().folder, PYREWRITE_OUT: `${folder}/`, ...env },
    });
    const names = readdirSync(folder).filter((name) => name.endsWith('.prof'));
    const profiles = names.map((name) => readProfile(readFileSync(join(folder, name))));
    return { status, signal, stderr, profile: profiles.length > 0 ? mergeProfiles(profiles) : undefined };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Executions of each site, by its place in its table. */
function counts(profile: Profile | undefined): number[] {
  return (profile?.sites ?? []).toSorted((a, b) => a.position - b.position).map(({ count }) => count);
}

describePythons('sampled code', (python) => {
  test('an open gate counts what exact mode counts, a shut one nothing', () => {
    const exact = runProgram(python, false, {}, 2);
    const open = runProgram(python, true, { PYREWRITE_GATE: 'open' }, 2);
    const shut = runProgram(python, true, { PYREWRITE_GATE: 'shut' }, 2);
    expect([exact.status, open.status, shut.status], open.stderr).toEqual([0, 0, 0]);
    expect(counts(exact.profile).filter((count) => count > 0).length).toBeGreaterThan(30);
    // Up to four operations of the module's own body stand before its gate and its attachment.
    expect(counts(open.profile)).toEqual(counts(exact.profile));
    expect(counts(shut.profile).every((count) => count === 0)).toBe(true);
    expect(open.profile?.sites.every(({ estimate }) => estimate === null)).toBe(true);
  });

  test('windows give estimates, also in threads and children of fork', () => {
    const { status, stderr, profile } = runProgram(python, true, { PYREWRITE_OVERHEAD: '0.5' }, 300);
    expect(status, stderr).toBe(0);
    expect(stderr).toBe('');
    expect(profile?.sampling?.bursts).toBeGreaterThan(10);
    expect(profile?.processes).toHaveLength(2);
    const seen = profile?.sites.filter(({ estimate }) => (estimate?.bursts ?? 0) > 5) ?? [];
    expect(seen.length).toBeGreaterThan(5);
    for (const { estimate, count } of seen) {
      expect(estimate?.count.value).toBeGreaterThan(count * 0.99);
      expect(estimate?.count.high).toBeGreaterThan(estimate?.count.low ?? 0);
    }
    expect(profile?.notes).toEqual([]);
  });

  test('what a process saw that is killed is there', () => {
    const { signal, profile } = runProgram(python, true, { PYREWRITE_OVERHEAD: '0.5' }, -1);
    expect(signal).toBe('SIGKILL');
    expect(profile?.sampling?.bursts).toBeGreaterThan(5);
    expect(profile === undefined ? [] : impossibleValues(profile)).toEqual([]);
    const seen = profile?.sites.filter(({ estimate }) => (estimate?.bursts ?? 0) > 2) ?? [];
    expect(seen.length).toBeGreaterThan(5);
    console.log(`${python.name}: killed, ${profile?.sampling?.bursts} windows, ${seen.length} sites`);
  });

  test('a coin leaves the program as it is', () => {
    const { status, stderr, profile } = runProgram(python, true, { PYREWRITE_GATE: 'random' }, 2);
    expect(status, stderr).toBe(0);
    const some = counts(profile).filter((count) => count > 0).length;
    expect(some).toBeGreaterThan(10);
    console.log(`${python.name}: a coin timed ${some} sites`);
  });
});
