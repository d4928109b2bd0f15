/** Counts stay exact under threads, exceptions and kills at random moments; times add up. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { fieldOffsets, SITE } from '../../src/profile/format.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { FULL } from '../support/full.ts';
import { describePythons, type Python } from '../support/pythons.ts';
import { contradictions, siteStructs } from '../support/sound-profile.ts';
import {
  disagreements,
  type FaultRun,
  type Prepared,
  prepare,
  readFiles,
  readTruth,
  runFault,
} from './fault-runs.ts';
import { nativeRuntime } from './runtime.ts';

const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-torture-'));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const prepared = new Map<string, Prepared>();

function program(python: Python, select: string): Prepared {
  const key = `${python.label} ${select}`;
  const made = prepared.get(key) ?? prepare(python, ['torture.py'], mkdtempSync(join(folder, 'p-')), select);
  prepared.set(key, made);
  return made;
}

const THREADS = 64;
const ROUNDS = FULL ? 250_000 : 2_000;
const KILLS = FULL ? 100 : 10;
const NESTS = FULL ? 50 : 3;
const NEST_SIZE = FULL ? 20_000 : 3_000;

/** Starts the program, kills it after a while, and gives what it left. */
async function killed(python: Python, delayMs: number): Promise<FaultRun & { readonly done: number }> {
  const home = mkdtempSync(join(folder, 'run-'));
  const args = ['-S', join(program(python, 'attr').probed, 'program.pyc'), 'until_killed'];
  const child = spawn(python.path, args, {
    cwd: home,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'],
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONPATH: nativeRuntime().folder,
      PYREWRITE_OUT: `${home}/`,
    },
  });
  const closed = new Promise<NodeJS.Signals | null>((resolve) =>
    child.on('close', (_, signal) => resolve(signal)),
  );
  await new Promise((resolve) => child.stdout.once('data', resolve));
  await new Promise((resolve) => setTimeout(resolve, delayMs));
  child.kill('SIGKILL');
  const signal = await closed;
  const truth = readTruth(home);
  const done = [...truth.values()].reduce((sum, { count, raised }) => sum + count + raised, 0);
  const run = {
    status: null,
    signal,
    stdout: '',
    stderr: '',
    messages: [],
    files: readFiles(home),
    truth,
    done,
  };
  rmSync(home, { recursive: true, force: true });
  return run;
}

/** Sums over the sites of a profile, in ticks: of all times without children, and of the times of outermost calls. */
function sums(bytes: Uint8Array, profile: Profile): { self: bigint; outermost: bigint; executions: bigint } {
  const structs = siteStructs(bytes);
  expect(structs).toHaveLength(profile.sites.length);
  let [self, outermost, executions] = [0n, 0n, 0n];
  const offsets = fieldOffsets(SITE);
  structs.forEach((view, i) => {
    self += view.getBigInt64(offsets.get('self') ?? 0, true);
    executions += view.getBigUint64(offsets.get('count') ?? 0, true);
    // Whatever runs, runs inside of a call at the top of the module.
    if (profile.sites[i].function === '<module>')
      outermost += view.getBigInt64(offsets.get('total') ?? 0, true);
  });
  return { self, outermost, executions };
}

function nest(python: Python, seed: number): FaultRun {
  const run = runFault(python, program(python, 'call').probed, ['nest', String(seed), String(NEST_SIZE)]);
  expect([run.status, run.messages], run.stderr).toEqual([0, []]);
  expect(run.files).toHaveLength(1);
  return run;
}

describePythons('torture', (python) => {
  test(`${THREADS} threads`, () => {
    const { probed } = program(python, 'attr');
    const args = ['threads', String(THREADS), String(ROUNDS)];
    const run = runFault(python, probed, args, { timeout: 600_000 });
    expect([run.status, run.signal, run.stdout], run.stderr).toEqual([0, null, `${THREADS * ROUNDS * 4}\n`]);
    expect(disagreements(run, 0)).toEqual([]);
    const [{ profile }] = run.files;
    expect(profile?.lost).toMatchObject({ spans: 0, ends: 0 });
    // the main thread, too
    expect(profile?.processes[0].threads).toBe(THREADS + 1);
    console.log(`torture ${python.label}: ${THREADS * ROUNDS * 4} operations in ${THREADS} threads`);
  });

  test('killed at random moments', async () => {
    let [executions, unequal] = [0, 0];
    for (let i = 0; i < KILLS; i++) {
      const run = await killed(python, Math.random() * 60);
      expect(run.signal).toBe('SIGKILL');
      expect(run.files).toHaveLength(1);
      // One operation for each of its four threads: counted in the profile, and not yet by the program.
      expect(disagreements(run, 4)).toEqual([]);
      executions += run.done;
      unequal += Number(run.files[0].profile?.processes[0].finished === true);
    }
    console.log(
      `torture ${python.label}: ${KILLS} kills after ${executions} operations, ${KILLS} files sound`,
    );
    expect(executions).toBeGreaterThan(KILLS * 10);
    expect(unequal).toBe(0);
  });

  test('the sum of all self times is the sum of the outermost times', () => {
    let executions = 0n;
    for (let seed = 0; seed < NESTS; seed++) {
      const [{ bytes, profile }] = nest(python, seed).files;
      if (profile === undefined) throw new Error('no profile');
      expect(contradictions(profile)).toEqual([]);
      expect(profile.lost).toMatchObject({ spans: 0, ends: 0 });
      const { self, outermost, executions: done } = sums(bytes, profile);
      expect(self).toBe(outermost);
      executions += done;
    }
    console.log(`torture ${python.label}: times of ${executions} nested operations add up to the tick`);
    expect(executions).toBeGreaterThan(10_000n);
  });

  test('the same program gives the same counts twice', () => {
    const counts = [1, 2].map(() => {
      const [{ bytes }] = nest(python, 1).files;
      return readProfile(bytes).sites.map(({ count, raised, table, position }) => [
        table,
        position,
        count,
        raised,
      ]);
    });
    console.log(`torture ${python.label}: counts of ${counts[0].length} places compared`);
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[0].length).toBeGreaterThan(20);
  });

  test('recursion counts once', () => {
    const run = runFault(python, program(python, 'call').probed, ['recursion']);
    const passed = Number(run.stdout);
    const sites = run.files[0].profile?.sites.filter(({ function: name, name: operand }) => {
      return /slow$/.test(name) && operand === 'slow';
    });
    const recursive = sites?.find(({ count }) => count === 10);
    expect(recursive).toBeDefined();
    expect(recursive?.totalNs).toBeGreaterThan(10e6);
    expect(recursive?.totalNs).toBeLessThan(passed);
  });
});
