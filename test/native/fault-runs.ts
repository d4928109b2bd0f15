/** Runs programs to which something happens, instrumented and as they are, and compares with what they counted themselves. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PyrewriteError } from '../../src/errors.ts';
import { type Pyc, writePyc } from '../../src/marshal/index.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { compileAll, probe } from '../support/programs.ts';
import type { Python } from '../support/pythons.ts';
import { contradictions, misplaced } from '../support/sound-profile.ts';
import { nativeRuntime } from './runtime.ts';

const OPERATIONS = 3000;

/** A module whose function runs 3000 operations: its counters make the profile grow. */
function bigSource(number: number): string {
  const lines = Array.from({ length: OPERATIONS }, () => '    o.x').join('\n');
  return `def f(o):\n${lines}\n    return ${number}\n`;
}

/** Folders with the compiled program and its big modules. */
export interface Prepared {
  readonly python: Python;
  /** As compiled. */
  readonly plain: string;
  readonly probed: string;
}

/** Compiles scripts of this folder as one, times some operations, and writes both forms to folders under `folder`. */
export function prepare(
  python: Python,
  scripts: readonly string[],
  folder: string,
  select = 'attr',
): Prepared {
  const paths = scripts.map((script) => fileURLToPath(new URL(script, import.meta.url)));
  const source = paths.map((path) => readFileSync(path, 'utf8')).join('\n\n');
  const [program, ...big] = compileAll(python, [source, ...[0, 1, 2].map(bigSource)]);
  const write = (kind: string, form: (pyc: Pyc) => Pyc): string => {
    const home = join(folder, `${kind}-${python.label}`);
    mkdirSync(home, { mode: 0o755 });
    writeFileSync(join(home, 'program.pyc'), writePyc(form(program)));
    big.forEach((pyc, i) => {
      writeFileSync(join(home, `big${i}.pyc`), writePyc(form(pyc)));
    });
    return home;
  };
  return {
    python,
    plain: write('plain', (pyc) => pyc),
    probed: write('probed', (pyc) => probe(pyc, select).pyc),
  };
}

/** A profile file. */
export interface ProfileFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly profile: Profile | undefined;
  readonly error: PyrewriteError | undefined;
}

/** What a process counted itself: executions of `c.x`, and of `c.missing`, which raise. */
export interface Truth {
  readonly count: number;
  readonly raised: number;
}

/** How a run ended and what it left. */
export interface FaultRun {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** Without our messages. */
  readonly stderr: string;
  readonly messages: readonly string[];
  readonly files: readonly ProfileFile[];
  /** By process id. */
  readonly truth: ReadonlyMap<number, Truth>;
}

/** What a run is done with. */
export interface FaultOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Where profiles go, relative to the run's folder; made when it ends in a slash. */
  readonly out?: string;
  /** Called with the run's folder before the program starts; what it returns is called behind it. */
  readonly setUp?: (folder: string) => () => void;
  /** A command that runs the interpreter. */
  readonly through?: readonly string[];
  readonly timeout?: number;
}

/** Runs a program of a folder that {@link prepare} made, in a new folder that everybody may enter. */
export function runFault(
  python: Python,
  program: string,
  args: readonly string[],
  options: FaultOptions = {},
): FaultRun {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-fault-'));
  spawnSync('chmod', ['755', folder]);
  const out = options.out ?? '';
  if (out.endsWith('/')) mkdirSync(join(folder, out));
  const tearDown = options.setUp?.(folder);
  const [command, ...rest] = [
    ...(options.through ?? []),
    python.path,
    '-S',
    join(program, 'program.pyc'),
    ...args,
  ];
  try {
    const { status, signal, stdout, stderr } = spawnSync(command, rest, {
      cwd: folder,
      encoding: 'utf8',
      timeout: options.timeout ?? 300_000,
      killSignal: 'SIGUSR1',
      env: {
        PATH: process.env['PATH'],
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONPATH: nativeRuntime().folder,
        PYREWRITE_OUT: join(folder, out) + (out === '' ? '/' : ''),
        ...options.env,
      },
    });
    const lines = stderr.split('\n');
    const isOurs = (line: string): boolean => line.startsWith('pyrewrite: ');
    return {
      status,
      signal,
      stdout,
      stderr: lines.filter((line) => !isOurs(line)).join('\n'),
      messages: lines.filter(isOurs),
      files: [...readFiles(folder), ...(out.endsWith('/') ? readFiles(join(folder, out)) : [])],
      truth: readTruth(folder),
    };
  } finally {
    tearDown?.();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The profiles of a folder, read as far as they can be. */
export function readFiles(folder: string): ProfileFile[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.prof'));
  } catch {
    return []; // the program removed it
  }
  return names.sort().map((name) => {
    const bytes = readFileSync(join(folder, name));
    try {
      return { name, bytes, profile: readProfile(bytes), error: undefined };
    } catch (error) {
      if (!(error instanceof PyrewriteError)) throw error;
      return { name, bytes, profile: undefined, error };
    }
  });
}

/** What the processes counted themselves. */
export function readTruth(folder: string): Map<number, Truth> {
  const names = readdirSync(folder).filter((name) => name.startsWith('truth-'));
  return new Map(
    names.map((name) => {
      const bytes = readFileSync(join(folder, name));
      // Two numbers for each thread.
      const sum = (first: number): number => {
        let total = 0;
        for (let at = first; at + 8 <= bytes.length; at += 16) total += Number(bytes.readBigUInt64LE(at));
        return total;
      };
      return [Number(name.slice(6)), { count: sum(0), raised: sum(8) }];
    }),
  );
}

/** Counts of `c.x` and `c.missing`. */
export function countsOf(profile: Profile): { count: number; raised: number; missing: number } {
  const sum = (name: string, pick: 'count' | 'raised'): number =>
    profile.sites
      .filter((site) => site.name === name && site.file.endsWith('/program.py') && site.function !== 'f')
      .reduce((total, site) => total + site[pick], 0);
  return { count: sum('x', 'count'), raised: sum('missing', 'raised'), missing: sum('missing', 'count') };
}

/** Processes that counted something and left no profile. */
export function withoutFile(run: FaultRun): number[] {
  const recorded = new Set(run.files.map(({ profile }) => profile?.processes[0]?.pid));
  const counted = [...run.truth].filter(([, { count, raised }]) => count + raised > 0);
  if (counted.length < 2) throw new Error('only one process did anything');
  return counted.map(([pid]) => pid).filter((pid) => !recorded.has(pid));
}

/** What the profiles of a run contradict: each other, themselves, and what the processes counted. */
export function disagreements(run: FaultRun, slack: number): string[] {
  return run.files.flatMap((file) => fileDisagreements(file, run.truth, slack)).slice(0, 10);
}

function fileDisagreements(file: ProfileFile, truths: FaultRun['truth'], slack: number): string[] {
  const { profile, error, bytes, name } = file;
  if (profile === undefined) return [`${name}: ${error?.message}`];
  const problems = [...contradictions(profile), ...misplaced(bytes)];
  const [{ pid }] = profile.processes;
  if (profile.processes.length !== 1) problems.push(`${profile.processes.length} processes`);
  if (!name.includes(`-${pid}`)) problems.push(`it is of process ${pid}`);
  const truth = truths.get(pid) ?? { count: 0, raised: 0 };
  const { count, raised, missing } = countsOf(profile);
  const far = (recorded: number, counted: number): boolean =>
    recorded < counted || recorded > counted + slack;
  if (far(count, truth.count)) problems.push(`${count} recorded, ${truth.count} counted`);
  if (far(missing, truth.raised)) problems.push(`${missing} raising recorded, ${truth.raised} counted`);
  if (missing - raised > slack || raised > missing) problems.push(`${raised} raised of ${missing}`);
  return problems.map((problem) => `${name}: ${problem}`);
}
