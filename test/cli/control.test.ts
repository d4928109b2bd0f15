/** `pyrewrite control` on running programs: what it says of them, and what they count. */
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readProfile } from '../../src/profile/reader.ts';
import { describePythons, type Python } from '../support/pythons.ts';
import { makeFolder, pyrewrite, startRecorded, TELL_PID } from './cli.ts';

const THREADS = 2;
/** How long is waited for what comes when the program gets a CPU. */
const PATIENCE = { timeout: 60_000, interval: 20 } as const;

/** Works without a pause, so that sampled code has windows. */
const PROGRAM = `import os, sys, threading
class Row:
    value = 2
def work(row):
    total = 0
    for _ in range(1000):
        total += row.value
    return total
def main(row):
    while not os.path.exists("stop"):
        work(row)
${TELL_PID}threads = [threading.Thread(target=main, args=(Row(),)) for _ in range(${THREADS})]
for thread in threads:
    thread.start()
`;

interface Running {
  readonly folder: string;
  readonly pids: readonly string[];
  /** When all have ended, and their profiles are where they were asked for. */
  ended(): Promise<unknown>;
}

/** Starts the program, recording into a folder. */
async function running(python: Python, count: number, options: readonly string[] = []): Promise<Running> {
  const folder = makeFolder({ 'app.py': PROGRAM });
  const started = Array.from({ length: count }, (_, i) =>
    startRecorded(python, folder, String(i), ['--opcodes', 'attr', ...options]),
  );
  const all = await Promise.all(started);
  return {
    folder,
    pids: all.map(({ pid }) => pid),
    ended: () => Promise.all(all.map(({ ended }) => ended)),
  };
}

interface Answer {
  readonly schema: string;
  readonly processes: readonly {
    readonly pid: number;
    readonly file: string;
    readonly command: readonly string[];
    readonly state: string;
    readonly pending: string | null;
    readonly offNs: number;
    readonly switches: number;
  }[];
}

async function control(folder: string, ...args: string[]): Promise<Answer> {
  const { status, stdout, stderr } = await pyrewrite(['control', ...args, '--json', '--wait', '60'], {
    cwd: folder,
  });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

/** Executions so far, of a process whose profile is being written. */
function counted(file: string): number {
  return readProfile(readFileSync(file)).sites.reduce((sum, { count }) => sum + count, 0);
}

describePythons(
  'pyrewrite control',
  (python) => {
    test('switches a running program off and on', async () => {
      const { folder, pids } = await running(python, 1);
      const [before] = (await control(folder, 'status', pids[0])).processes;
      expect(before).toMatchObject({
        pid: Number(pids[0]),
        state: 'on',
        pending: null,
        offNs: 0,
        switches: 0,
      });
      expect(before.command.at(-1)).toBe('0');
      const off = await control(folder, 'off', pids[0]);
      expect(off.processes).toMatchObject([{ state: 'off', pending: null, switches: 1 }]);
      const count = counted(before.file);
      expect(count).toBeGreaterThan(0);
      await sleep(250);
      // Each of its threads may have been inside of an operation that ended meanwhile; no other began.
      const atRest = counted(before.file);
      expect(atRest - count).toBeLessThanOrEqual(THREADS);
      expect((await control(folder, 'off', before.file)).processes).toMatchObject([
        { state: 'off', switches: 1 },
      ]);
      const on = await control(folder, 'on', dirname(before.file));
      expect(on.processes).toMatchObject([{ state: 'on', pending: null, switches: 2 }]);
      expect(on.processes[0].offNs).toBeGreaterThan(200e6);
      await expect.poll(() => counted(before.file), PATIENCE).toBeGreaterThan(atRest);
      const { processes, lost } = readProfile(readFileSync(before.file));
      expect(processes[0].offNs).toBeCloseTo(on.processes[0].offNs, -6);
      expect(lost).toMatchObject({ spans: 0, ends: 0 });
      console.log(
        `${python.label}: ${count} operations until it was off for ${Math.round(on.processes[0].offNs / 1e6)} ms`,
      );
    });
  },
  { names: ['3.8', '3.12', '3.15'] },
);

describePythons(
  'pyrewrite control of sampled code',
  (python) => {
    test('switches it', async () => {
      const { folder, pids } = await running(python, 1, ['--sample']);
      const off = await control(folder, 'off', pids[0]);
      expect(off.processes).toMatchObject([{ state: 'off', pending: null }]);
      const { file } = off.processes[0];
      const { sampling } = readProfile(readFileSync(file));
      await sleep(300);
      expect(readProfile(readFileSync(file)).sampling?.bursts).toBe(sampling?.bursts);
      expect((await control(folder, 'on', pids[0])).processes).toMatchObject([{ state: 'on' }]);
      const bursts = (): number => readProfile(readFileSync(file)).sampling?.bursts ?? 0;
      await expect.poll(bursts, PATIENCE).toBeGreaterThan(sampling?.bursts ?? 0);
    });
  },
  { names: ['3.13'] },
);

describePythons(
  'pyrewrite control of several',
  (python) => {
    test('takes several processes, folders, and says what is wrong', async () => {
      const { folder, pids, ended } = await running(python, 2);
      const table = await pyrewrite(['control', 'off', '--wait', '60', ...pids], { cwd: folder });
      expect(table.stdout.split('\n')[0]).toMatch(/^ *pid {2}recording +off {2}profile +command$/);
      expect(table.stdout.match(/^ *\d+ {2}off /gm)).toHaveLength(2);
      const { processes } = await control(folder, 'status', ...pids);
      const folders = processes.map(({ file }) => dirname(file));
      expect((await control(folder, 'on', ...folders)).processes).toMatchObject(
        pids.map((pid) => ({ pid: Number(pid), state: 'on' })),
      );
      writeFileSync(join(folder, 'stop'), '');
      await ended();
      const refused = async (...args: string[]): Promise<string> => {
        const { status, stderr } = await pyrewrite(['control', ...args], { cwd: folder });
        return `${status} ${stderr}`;
      };
      expect(await refused('off', '0.prof')).toMatch(
        /^1 pyrewrite: no running process writes this profile; .*0\.prof/,
      );
      expect(await refused('status', '.')).toMatch(/^1 pyrewrite: nothing records in \./);
      expect(await refused('off', 'app.py')).toMatch(/^1 pyrewrite: not a pyrewrite profile .*app\.py/);
      expect(await refused('off', String(process.pid))).toMatch(/^1 pyrewrite: nothing records in \d+/);
      expect(await refused('off')).toMatch(/^2 pyrewrite: which processes/);
      expect(await refused('of', '1')).toMatch(/^2 pyrewrite: 'of' cannot be asked for/);
    });
  },
  { names: ['3.11'] },
);
