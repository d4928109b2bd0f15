/** Runs the command line as a process, in folders that are gone after the test. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';
import type { Io } from '../../src/cli/io.ts';
import { TEST_CACHE } from '../support/cache.ts';
import type { Python } from '../support/pythons.ts';
import { builtMain } from './built.ts';

const MAIN = builtMain();

export interface Result {
  readonly status: number;
  readonly signal: string | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
}

/** The environment without what steers Python, virtual environments and pyrewrite itself. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name, value]) =>
      value !== undefined && !/^(PYTHON|PYREWRITE|VIRTUAL_ENV|NO_COLOR|FORCE_COLOR)/.test(name),
  );
  return { ...(Object.fromEntries(kept) as Record<string, string>), PYREWRITE_CACHE: TEST_CACHE, ...extra };
}

/** Starts any program, waits for its end. */
export async function start(
  command: string,
  args: readonly string[],
  options: Options = {},
): Promise<Result> {
  const { cwd = tmpdir(), env = {}, input = '' } = options;
  const result = await execa(command, args, {
    cwd,
    env: cleanEnvironment(env),
    extendEnv: false,
    input,
    reject: false,
    stripFinalNewline: false,
  });
  const { exitCode, signal, stdout, stderr } = result;
  return { status: exitCode ?? -1, signal, stdout, stderr };
}

/** The arguments of node that run the command line. */
export function cliArgs(args: readonly string[]): string[] {
  return [MAIN, ...args];
}

/** Runs `pyrewrite ARGS`. */
export async function pyrewrite(args: readonly string[], options: Options = {}): Promise<Result> {
  return await start(process.execPath, cliArgs(args), options);
}

/** A new folder with these files in it. */
export function makeFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pyrewrite-test-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  addFiles(folder, files);
  return folder;
}

export function addFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** An Io that keeps what is written. */
export function memoryIo(cwd: string, env: Readonly<Record<string, string>> = {}) {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write(text: string | Uint8Array): void {
      written[name] += typeof text === 'string' ? text : Buffer.from(text).toString();
    },
    isTerminal: false,
    colors: false,
  });
  const io: Io = { stdout: output('stdout'), stderr: output('stderr'), cwd, env: cleanEnvironment(env) };
  return { io, written };
}

/** In Python: tells the process id. Who finds the file finds all of it. */
export const TELL_PID = `with open(sys.argv[1] + ".part", "w") as file:
    file.write(str(os.getpid()))
os.rename(sys.argv[1] + ".part", sys.argv[1] + ".pid")
`;

/** A program that runs, and is recorded in `NAME.prof`. */
export interface Recorded {
  /** Python's, not that of `pyrewrite run`. */
  readonly pid: string;
  /** How `pyrewrite run` ended: status and signal. */
  readonly ended: Promise<readonly [number | null, string | null]>;
}

/**
 * Runs `app.py NAME` of a folder, which tells its process id ({@link TELL_PID}); it ends with the test at the latest.
 * @param options of `pyrewrite run`
 */
export async function startRecorded(
  python: Python,
  folder: string,
  name: string,
  options: readonly string[],
): Promise<Recorded> {
  const args = ['run', '--python', python.path, ...options, '-o', `${name}.prof`, 'app.py', name];
  const child = spawn(process.execPath, cliArgs(args), {
    cwd: folder,
    env: cleanEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (text) => {
    said += text;
  });
  const ended = once(child, 'close').then(([status, signal]): [number | null, string | null] => [
    status,
    signal,
  ]);
  const file = join(folder, `${name}.pid`);
  onTestFinished(async () => {
    if (existsSync(file) && child.exitCode === null) kill(Number(readFileSync(file, 'utf8')));
    child.kill('SIGKILL');
    await ended;
  });
  while (!existsSync(file)) {
    if (child.exitCode !== null) throw new Error(`it ended before it told its process id: ${said}`);
    await sleep(20);
  }
  return { pid: readFileSync(file, 'utf8'), ended };
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
