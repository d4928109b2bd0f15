/** Sampled programs: what gates decide, and what profiles say of it. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/pyc.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { fieldOffsets, HEADER } from '../../src/profile/format.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { describePythons, type Python, runPython } from '../support/pythons.ts';
import { impossibleValues } from '../support/sound-profile.ts';
import { nativeRuntime } from './runtime.ts';

/** In a profile: how many windows there were. */
const WINDOWS_AT = fieldOffsets(HEADER).get('windows') ?? 0;

const PROGRAM = `
import os, sys, threading, time
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
def work(k, wanted):
    for _ in range(k):
        fib(12)
        loop(300)
    while wanted > 0 and windows() < wanted and time.process_time() < 600:
        fib(12)
        loop(300)
def windows():
    import _pyrewrite
    path = _pyrewrite.profile_path()
    if path is None: return 0
    with open(path, "rb") as file:
        file.seek(${WINDOWS_AT})
        return int.from_bytes(file.read(8), "little")
code = work.__code__
assert {code: 1}[code] == 1 and hash(code) == hash(code)
k, wanted = map(int, sys.argv[1:])
work(k, wanted)
pid = os.fork()
threads = [threading.Thread(target=work, args=(k, 2 * wanted)) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
if pid:
    assert os.waitpid(pid, 0)[1] == 0
`;

/** Windows that a program waits for, in each of its halves: how many there are in a time is the machine's affair. */
const WANTED = 25;
/** More than there will be, in the CPU time after which the program ends by itself. */
const ENDLESS = 2 ** 40;
/** After which a program is killed that does not end by itself. */
const SEEN = 20;

interface Result {
  readonly status: number | null;
  readonly stderr: string;
  readonly profile: Profile | undefined;
}

interface Prepared {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  remove(): void;
}

/** The program in a folder of its own, instrumented. */
function prepare(python: Python, sample: boolean, env: Readonly<Record<string, string>>): Prepared {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-sampled-'));
  writeFileSync(join(folder, 'program.py'), PROGRAM);
  const compile = 'import py_compile; py_compile.compile("program.py", "program.pyc", doraise=True)';
  runPython(python, ['-c', compile], { cwd: folder });
  const pyc = readPyc(readFileSync(join(folder, 'program.pyc')));
  const made = instrument(pyc, { select: selectOpcodes(['all'], pyc.version), sample });
  writeFileSync(join(folder, 'made.pyc'), writePyc(made.pyc));
  const { PATH = '' } = process.env;
  return {
    folder,
    env: { PATH, PYTHONPATH: nativeRuntime().folder, PYREWRITE_OUT: `${folder}/`, ...env },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function readFolder(folder: string): Profile | undefined {
  const names = readdirSync(folder).filter((name) => name.endsWith('.prof'));
  const profiles = names.map((name) => readProfile(readFileSync(join(folder, name))));
  return profiles.length > 0 ? mergeProfiles(profiles) : undefined;
}

/** @param wanted windows that each process waits for after its rounds */
function runProgram(
  python: Python,
  sample: boolean,
  environment: Readonly<Record<string, string>>,
  [rounds, wanted]: readonly [rounds: number, wanted: number],
): Result {
  const { folder, env, remove } = prepare(python, sample, environment);
  try {
    const { status, stderr } = spawnSync(python.path, ['made.pyc', `${rounds}`, `${wanted}`], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 300_000,
      env,
    });
    return { status, stderr, profile: readFolder(folder) };
  } finally {
    remove();
  }
}

/** Kills the program when its profile has {@link SEEN} windows. */
async function killProgram(python: Python): Promise<{ signal: unknown; profile: Profile | undefined }> {
  const { folder, env, remove } = prepare(python, true, { PYREWRITE_OVERHEAD: '0.5' });
  const child = spawn(python.path, ['made.pyc', '0', `${ENDLESS}`], { cwd: folder, env, stdio: 'inherit' });
  const closed = once(child, 'close');
  try {
    while (child.exitCode === null && windowsIn(folder) < SEEN) await sleep(20);
    child.kill('SIGKILL');
    const [, signal] = await closed;
    return { signal, profile: readFolder(folder) };
  } finally {
    child.kill('SIGKILL');
    remove();
  }
}

/** Windows that are over; 0 before the head of the profile is written. */
function windowsIn(folder: string): number {
  const [name] = readdirSync(folder).filter((one) => one.endsWith('.prof'));
  const head = name === undefined ? Buffer.alloc(0) : readFileSync(join(folder, name));
  return head.length < HEADER.size ? 0 : Number(head.readBigUInt64LE(WINDOWS_AT));
}

/** Executions of each site, by its place in its table. */
function counts(profile: Profile | undefined): number[] {
  return (profile?.sites ?? []).toSorted((a, b) => a.position - b.position).map(({ count }) => count);
}

describePythons('sampled code', (python) => {
  test('an open gate counts what exact mode counts, a shut one nothing', () => {
    const exact = runProgram(python, false, {}, [2, 0]);
    const open = runProgram(python, true, { PYREWRITE_GATE: 'open' }, [2, 0]);
    const shut = runProgram(python, true, { PYREWRITE_GATE: 'shut' }, [2, 0]);
    expect([exact.status, open.status, shut.status], open.stderr).toEqual([0, 0, 0]);
    expect(counts(exact.profile).filter((count) => count > 0).length).toBeGreaterThan(30);
    // Up to four operations of the module's own body stand before its gate and its attachment.
    expect(counts(open.profile)).toEqual(counts(exact.profile));
    expect(counts(shut.profile).every((count) => count === 0)).toBe(true);
    expect(open.profile?.sites.every(({ estimate }) => estimate === null)).toBe(true);
  });

  test('windows give estimates, also in threads and children of fork', () => {
    const { status, stderr, profile } = runProgram(python, true, { PYREWRITE_OVERHEAD: '0.5' }, [0, WANTED]);
    expect(status, stderr).toBe(0);
    expect(stderr).toBe('');
    expect(profile?.sampling?.bursts).toBeGreaterThanOrEqual(4 * WANTED);
    expect(profile?.processes).toHaveLength(2);
    const seen = profile?.sites.filter(({ estimate }) => (estimate?.bursts ?? 0) > 5) ?? [];
    expect(seen.length).toBeGreaterThan(5);
    for (const { estimate, count } of seen) {
      expect(estimate?.count.value).toBeGreaterThan(count * 0.99);
      expect(estimate?.count.high).toBeGreaterThan(estimate?.count.low ?? 0);
    }
    expect(profile?.notes).toEqual([]);
  });

  test('what a process saw that is killed is there', async () => {
    const { signal, profile } = await killProgram(python);
    expect(signal).toBe('SIGKILL');
    expect(profile?.sampling?.bursts).toBeGreaterThanOrEqual(SEEN);
    expect(profile === undefined ? [] : impossibleValues(profile)).toEqual([]);
    const seen = profile?.sites.filter(({ estimate }) => (estimate?.bursts ?? 0) > 2) ?? [];
    expect(seen.length).toBeGreaterThan(5);
    console.log(`${python.name}: killed, ${profile?.sampling?.bursts} windows, ${seen.length} sites`);
  });

  test('a coin leaves the program as it is', () => {
    const { status, stderr, profile } = runProgram(python, true, { PYREWRITE_GATE: 'random' }, [2, 0]);
    expect(status, stderr).toBe(0);
    const some = counts(profile).filter((count) => count > 0).length;
    expect(some).toBeGreaterThan(10);
    console.log(`${python.name}: a coin timed ${some} sites`);
  });
});
