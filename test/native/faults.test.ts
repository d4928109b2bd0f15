/** Whatever happens to a program while it is recorded: it goes on as the original, and its profile is true. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findCompilers } from '../../src/runtime/compiler.ts';
import { everySecond, FULL } from '../support/full.ts';
import { describePythons, findPython, type Python } from '../support/pythons.ts';
import {
  disagreements,
  type FaultOptions,
  type FaultRun,
  type Prepared,
  prepare,
  runFault,
  withoutFile,
} from './fault-runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-faults-'));
chmodSync(folder, 0o755);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;

/** What is expected of a scenario beyond doing as the original. */
interface Expected extends FaultOptions {
  /** Processes that leave a profile; `each`: those that counted something, and some that did not. */
  readonly files?: number | 'each';
  /** Our messages. */
  readonly says?: readonly RegExp[];
  /** Executions by which a profile may be ahead of the program's own count: it was ended between the two. */
  readonly slack?: number;
  /** The profiles cannot be compared with the program's counts. */
  readonly unlike?: true;
  /** Why it cannot be done here. */
  readonly skip?: string | false;
}

const CUT =
  /^pyrewrite: cannot keep .*: the file was cut or its disk failed; this process is recorded no further$/;
const NOT_RECORDED = /; this process is not recorded$/;
const SOME_MISSING = /; some operations will be missing$/;
const NEEDS_ROOT = !isRoot && 'needs root';

const SCENARIOS: Readonly<Record<string, Expected>> = {
  exit_now: {},
  abort: {},
  segfault: {},
  segfault_in_thread: { slack: 2 },
  alarm: { slack: 1 },
  cpu_limit: { slack: 1, skip: !FULL && 'takes a second: PYREWRITE_FULL=1' },
  out_of_memory: {},
  address_space: {},
  plain: {},
  removed_file: { files: 0 },
  removed_folder: { out: 'out/', files: 0, says: [SOME_MISSING, NOT_RECORDED] },
  cut_to_nothing: { says: [CUT], unlike: true, files: 1 },
  cut_in_the_middle: { says: [CUT], unlike: true, files: 1 },
  cut_before_fork: { says: [CUT], unlike: true, files: 1 },
  cut_with_faulthandler: { says: [CUT], unlike: true, files: 1 },
  own_bus_error: {},
  bus_error_from_outside: {},
  bus_error_handled: {},
  file_size: { says: [SOME_MISSING], files: 2 },
  few_files: { files: 2 },
  many_processes: {},
  other_user: { says: [NOT_RECORDED], skip: NEEDS_ROOT },
  timers: { files: 2 },
  daemon: { files: 4 },
  reused_descriptors: { files: 2 },
  forks_in_threads: { files: 21 },
  fork_tree: { files: 15 },
  parent_goes_on: { files: 3 },
  fork_and_exec: { files: 2 },
  pool_fork: { files: 'each', slack: 1 },
  pool_spawn: { files: 'each', slack: 1 },
  pool_forkserver: { files: 'each', slack: 1 },
  everything: { files: 2 },
};

const prepared = new Map<string, Prepared>();

function preparedFor(python: Python): Prepared {
  const known = prepared.get(python.label) ?? prepare(python, ['faults.py', 'fault_processes.py'], folder);
  prepared.set(python.label, known);
  return known;
}

/** Paths, process ids and where in a loop a signal arrived are not the same twice. */
const VARYING =
  /\/tmp\/pyrewrite-[^/' ]*|(?:plain|probed)-(?=3)|(?<=pid=|truth-)\d+|0x[0-9a-f]+|(?<=line )\d+|Process \w+-\d+/g;

function outcome({ status, signal, stdout, stderr }: FaultRun): unknown {
  return { status, signal, stdout, stderr: stderr.replace(VARYING, '…') };
}

function expectSame(ours: FaultRun, plain: FaultRun): void {
  expect(outcome(ours)).toEqual(outcome(plain));
}

describePythons('faults', (python) => {
  beforeAll(() => void preparedFor(python));
  let profiles = 0;
  afterAll(() => {
    console.log(`faults ${python.label}: ${profiles} profiles compared with what the programs counted`);
    expect(profiles).toBeGreaterThan(0);
  });

  for (const [name, expected] of everySecond(Object.entries(SCENARIOS), python)) {
    const why = expected.skip ?? false;
    test.skipIf(why !== false)(why === false ? name : `${name} (${why})`, () => {
      const { plain, probed } = preparedFor(python);
      const run = runFault(python, probed, [name], expected);
      expectSame(run, runFault(python, plain, [name], expected));
      expect(run.messages).toEqual((expected.says ?? []).map((text) => expect.stringMatching(text)));
      if (expected.files === 'each') expect(withoutFile(run)).toEqual([]);
      else expect(run.files).toHaveLength(expected.files ?? 1);
      if (expected.unlike) return;
      expect(disagreements(run, expected.slack ?? 0)).toEqual([]);
      profiles += run.files.length;
    });
  }
});

/** Mounts a file system of this kind on a folder; undefined where that is not allowed. */
function mounted(options: string): ((home: string) => () => void) | undefined {
  if (!isRoot) return undefined;
  const probe = mkdtempSync(join(tmpdir(), 'pyrewrite-mount-'));
  const mount = (at: string): boolean =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'pyrewrite-test', at]).status === 0;
  const works = mount(probe);
  if (works) execFileSync('umount', [probe]);
  rmdirSync(probe);
  if (!works) return undefined;
  return (home) => {
    const at = join(home, 'out');
    mount(at);
    return () => execFileSync('umount', [at]);
  };
}

/** Sizes of the disk: too small for the first part of the file, for the second, for the child's file. */
const DISKS: Readonly<Record<string, { readonly says: number; readonly files: number }>> = {
  'size=128k': { says: 1, files: 0 },
  'size=300k': { says: 2, files: 1 },
  'size=1200k': { says: 2, files: 1 },
  'size=2m': { says: 1, files: 1 },
  'size=100m,ro': { says: 1, files: 0 },
  'size=100m,mode=000': { says: 0, files: 2 },
  'size=100m,nr_inodes=2': { says: 1, files: 1 },
};

describe('file systems', () => {
  for (const [options, { says, files }] of Object.entries(DISKS)) {
    const setUp = mounted(options);
    for (const label of FULL ? ['3.8', '3.11', '3.12', '3.15'] : ['3.12']) {
      const python = findPython(label);
      const title = `${options} (Python ${label}${setUp === undefined ? ': needs root, to mount' : ''})`;
      test.skipIf(setUp === undefined || python === undefined)(title, () => {
        if (python === undefined || setUp === undefined) return;
        const { plain, probed } = preparedFor(python);
        const run = runFault(python, probed, ['everything'], { out: 'out/', setUp });
        expectSame(run, runFault(python, plain, ['everything'], { out: 'out/', setUp }));
        console.log(`${options}: ${run.messages.join('; ')}`);
        expect(run.messages).toHaveLength(says);
        expect(run.files).toHaveLength(files);
        expect(disagreements(run, 0)).toEqual([]);
      });
    }
  }
});

const GROUP = '/sys/fs/cgroup/memory';
const mayGroup = isRoot && existsSync(join(GROUP, 'memory.limit_in_bytes'));

test.skipIf(!mayGroup)(`killed for its memory${mayGroup ? '' : ' (needs root and a memory cgroup)'}`, () => {
  const python = findPython('3.12') ?? findPython('3.11');
  if (python === undefined) throw new Error('no interpreter');
  const group = join(GROUP, `pyrewrite-test-${process.pid}`);
  mkdirSync(group);
  try {
    writeFileSync(join(group, 'memory.limit_in_bytes'), String(64 << 20));
    const { probed } = preparedFor(python);
    const through = ['sh', '-c', `echo $$ > ${group}/cgroup.procs && exec "$@"`, 'sh'];
    const run = runFault(python, probed, ['oom_kill'], { through });
    expect([run.status, run.signal]).toEqual([null, 'SIGKILL']);
    expect(disagreements(run, 1)).toEqual([]);
    expect(run.files).toHaveLength(1);
  } finally {
    rmdirSync(group);
  }
});

// ---- the N-th call of the recorder to the system fails

const shim = join(folder, 'shim.so');

function compileShim(): void {
  const [compiler] = findCompilers(process.env);
  const source = fileURLToPath(new URL('faults-shim.c', import.meta.url));
  const [program = 'cc', ...first] = compiler?.command ?? [];
  execFileSync(program, [
    ...first,
    '-shared',
    '-fPIC',
    '-O1',
    '-Wall',
    '-Werror',
    source,
    '-o',
    shim,
    '-ldl',
  ]);
}

const { ENOSPC, EROFS, EMFILE, EDQUOT, EIO, EINTR, EACCES, ENOMEM, EFBIG, EOPNOTSUPP } = constants.errno;
const ERRORS = [ENOSPC, EROFS, EMFILE, EDQUOT, EIO, EINTR, EACCES, ENOMEM, EFBIG, EOPNOTSUPP];
const KILL_BEFORE = -1;
const KILL_BEHIND = -2;
const HALF = -3;

/** One message for each process at most, and none that is not ours. */
function checkFaulted(run: FaultRun, plain: FaultRun): void {
  expectSame(run, plain);
  expect(run.messages.length).toBeLessThanOrEqual(2);
  for (const message of run.messages) {
    expect(message).toMatch(
      /^pyrewrite: cannot (create|write|map|grow) .*; (this process is not recorded|some operations will be missing)$/,
    );
  }
  // What is left is sound: a profile whose beginning could not be written is removed.
  expect(disagreements(run, 0)).toEqual([]);
}

/** A process that is killed leaves nothing, a sound profile, or one whose header is not written yet. */
function checkKilled(run: FaultRun): number {
  for (const { error } of run.files) if (error !== undefined) expect(error.code).toBe('bad-profile');
  const readable = run.files.filter(({ profile }) => profile !== undefined);
  expect(disagreements({ ...run, files: readable }, 1)).toEqual([]);
  return run.files.length - readable.length;
}

describePythons(
  'faults of the file system',
  (python) => {
    const env = (at: number, error: number): Record<string, string> => ({
      LD_PRELOAD: shim,
      FAULT_AT: String(at),
      FAULT_ERRNO: String(error),
    });

    test('each call fails', () => {
      compileShim();
      const { plain, probed } = preparedFor(python);
      const original = runFault(python, plain, ['everything']);
      const count = join(folder, `calls-${python.label}`);
      const counted = runFault(python, probed, ['everything'], { env: { ...env(0, 0), FAULT_COUNT: count } });
      checkFaulted(counted, original);
      expect(counted.messages).toEqual([]);
      expect(counted.files).toHaveLength(2);
      const calls = statSync(count).size;
      expect(calls).toBeGreaterThan(30);
      let [runs, told, unreadable] = [0, 0, 0];
      const isThorough = FULL || python.name === '3.12';
      for (
        let at = 1 + (isThorough ? 0 : Number(python.name.slice(2)) % 6);
        at <= calls;
        at += isThorough ? 1 : 6
      ) {
        const errors = FULL ? ERRORS : [ERRORS[at % ERRORS.length]];
        for (const error of errors) {
          const run = runFault(python, probed, ['everything'], { env: env(at, error) });
          checkFaulted(run, original);
          told += run.messages.length;
          runs++;
        }
        for (const kind of FULL
          ? [KILL_BEFORE, KILL_BEHIND, HALF]
          : [[KILL_BEFORE, KILL_BEHIND, HALF][at % 3]]) {
          const run = runFault(python, probed, ['everything'], { env: env(at, kind) });
          if (kind === HALF) checkFaulted(run, original);
          else unreadable += checkKilled(run);
          runs++;
        }
      }
      console.log(
        `faults of the file system ${python.label}: ${calls} calls, ${runs} runs, ${told} messages, ` +
          `${unreadable} profiles whose header was not there yet`,
      );
      expect(runs).toBeGreaterThan(5);
      expect(told).toBeGreaterThan(0);
    });
  },
  FULL ? {} : { names: ['3.8', '3.10', '3.12', '3.15'] },
);
