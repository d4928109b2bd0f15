/**
 * The interpreters that the tests compare with. tools/install-pythons.sh installs what a machine lacks.
 * A missing one is a named skip; where the environment has CI it is a failure.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'vitest';

/** An interpreter found on this machine. */
export interface Python {
  /** '3.8' … '3.15', as BytecodeVersion.name */
  readonly name: string;
  /** '3.14', or '3.14d' for a debug build: for test names. */
  readonly label: string;
  /** The executable, absolute. */
  readonly path: string;
  /** A build with assertions (Py_DEBUG). */
  readonly debug: boolean;
  /** A build without the GIL; its label is '3.13t'. */
  readonly freeThreaded?: true;
  /** Folder of the standard library; its test packages are in `test`. */
  readonly stdlib: string;
}

/** Every interpreter that the tests want. */
const WANTED: readonly { readonly name: string; readonly debug: boolean }[] = [
  ...['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15'].map((name) => ({ name, debug: false })),
  ...['3.14', '3.15'].map((name) => ({ name, debug: true })),
];

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

function subfolders(folder: string): readonly string[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .sort()
        .map((entry) => join(folder, entry))
    : [];
}

function* candidates(executable: string, name: string): Generator<string> {
  const installed = process.env['PYREWRITE_PYTHONS'] ?? join(PROJECT, '.pythons');
  for (const root of [installed, ...subfolders(installed)]) {
    yield join(root, 'bin', executable);
    yield join(root, 'usr', 'bin', executable);
  }
  const pyenv = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  for (const root of subfolders(pyenv)) {
    if (root.startsWith(join(pyenv, `${name}.`))) yield join(root, 'bin', executable);
  }
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    // pyenv puts shims of every version on PATH, whether that version may run or not
    if (folder !== '' && !folder.endsWith('shims')) yield join(folder, executable);
  }
}

function find({ name, debug }: { name: string; debug: boolean }): Python | undefined {
  const executable = `python${name}${debug ? 'd' : ''}`;
  for (const path of candidates(executable, name)) {
    if (!existsSync(path)) continue;
    const stdlib = join(dirname(dirname(realpathSync(path))), 'lib', `python${name}`);
    if (existsSync(join(stdlib, 'os.py'))) return { name, label: executable.slice(6), path, debug, stdlib };
  }
  return undefined;
}

/**
 * A build without the GIL, which few machines have: where it is missing its tests are skipped by name, in CI too.
 * @param sanitized one that was built with ThreadSanitizer
 */
export function findFreeThreaded(sanitized = false): Python | undefined {
  const name = '3.13';
  const root = process.env['PYREWRITE_PYTHONS'] ?? join(PROJECT, '.pythons');
  const prefix = join(root, sanitized ? 'free-threaded-tsan' : 'free-threaded');
  const path = join(prefix, 'bin', `python${name}t`);
  const stdlib = join(prefix, 'lib', `python${name}t`);
  return existsSync(path)
    ? { name, label: `${name}t`, path, debug: false, freeThreaded: true, stdlib }
    : undefined;
}

/** The interpreters found here, release builds first, each by version. */
export const PYTHONS: readonly Python[] = WANTED.flatMap((wanted) => find(wanted) ?? []);

/** Labels of the interpreters that are not on this machine. */
export const MISSING: readonly string[] = WANTED.map(
  ({ name, debug }) => `${name}${debug ? 'd' : ''}`,
).filter((label) => !PYTHONS.some((python) => python.label === label));

/** The release build (or debug build, '3.14d') of a version; undefined where it is missing. */
export function findPython(label: string): Python | undefined {
  return PYTHONS.find((python) => python.label === label);
}

/** 8 … 15. */
export function minorOf(python: Python): number {
  return Number(python.name.split('.')[1]);
}

/** Which interpreters a group of tests runs under. */
export interface PythonChoice {
  /** Debug builds as well (default: release builds only). */
  readonly debug?: boolean;
  /** The build without the GIL as well, as {@link describeFreeThreaded} does. */
  readonly freeThreaded?: boolean;
  /** Only these versions (default: all). */
  readonly names?: readonly string[];
}

/** A `describe` per interpreter; a missing one is skipped by name, or fails where the environment has CI. */
export function describePythons(
  title: string,
  body: (python: Python) => void,
  choice: PythonChoice = {},
): void {
  for (const { name, debug } of WANTED) {
    if ((debug && choice.debug !== true) || choice.names?.includes(name) === false) continue;
    const label = `${name}${debug ? 'd' : ''}`;
    const python = findPython(label);
    if (python !== undefined) describe(`${title} (Python ${label})`, () => body(python));
    else if (process.env['CI'] === undefined) test.skip(`${title} (Python ${label}: not found)`, () => {});
    else test(`${title} (Python ${label})`, () => missing(label));
  }
  if (choice.freeThreaded === true) describeFreeThreaded(title, body);
}

/**
 * A `describe` for the build without the GIL, or a skip that says what is missing.
 * @param sanitized the one that was built with ThreadSanitizer
 */
export function describeFreeThreaded(title: string, body: (python: Python) => void, sanitized = false): void {
  const python = findFreeThreaded(sanitized);
  if (python !== undefined) describe(`${title} (Python ${python.label})`, () => body(python));
  else test.skip(`${title} (Python 3.13t: not found; tools/install-free-threaded.sh builds it)`, () => {});
}

function missing(label: string): never {
  throw new Error(`Python ${label} is missing; tools/install-pythons.sh installs it or says what to do`);
}

/** How to run an interpreter. */
export interface RunOptions {
  readonly input?: string;
  readonly cwd?: string;
  /** Added to an environment without PYTHON* variables. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs an interpreter and returns its standard output; a failure throws with its standard error. */
export function runPython(python: Python, args: readonly string[], options: RunOptions = {}): string {
  const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith('PYTHON'));
  const { status, signal, stdout, stderr, error } = spawnSync(python.path, args, {
    input: options.input ?? '',
    cwd: options.cwd,
    env: { ...Object.fromEntries(inherited), PYTHONDONTWRITEBYTECODE: '1', ...options.env },
    encoding: 'utf8',
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`${python.path} ended with ${error ?? signal ?? status}: ${stderr}`);
  return stdout;
}

/** Runs a script under an interpreter and parses the JSON that it prints. */
export function pythonJson<T>(python: Python, script: string, options: RunOptions = {}): T {
  return JSON.parse(runPython(python, ['-c', script], options)) as T;
}
