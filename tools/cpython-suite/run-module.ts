/** Runs one test module of CPython's suite and reads what became of its methods. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModuleResult } from './results.ts';
import type { Tree } from './trees.ts';

export interface RunOptions {
  /** Killed after so long. */
  readonly seconds: number;
  /** Names or patterns of methods; all if there are none. */
  readonly match?: readonly string[];
}

interface Ended {
  readonly status: string;
  readonly output: string;
}

const DRIVER = fileURLToPath(new URL('driver.py', import.meta.url));
/** Not a disk, where there is such a place. */
const MEMORY = '/dev/shm';
const KEPT_OUTPUT = 20_000;
const KEPT_TEXT = 4000;
/** Address space of a test's process. */
const KILOBYTES = 6_000_000;
const LIMITED = `ulimit -v ${KILOBYTES} -c 0 2>/dev/null; exec nice -n 5 "$@"`;
/** Versions without frozen modules ignore it. */
const FLAGS = ['-X', 'frozen_modules=off'];

export async function runModule(
  tree: Tree,
  module: string,
  { seconds, match = [] }: RunOptions,
): Promise<ModuleResult> {
  // Short, because tests make sockets there.
  const folder = mkdtempSync(join(tmpdir(), 'cpython-suite-'));
  const profiles = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'cpython-suite-'));
  const cleaner = setInterval(() => removeFinished(profiles), 500);
  const log = join(folder, 'log.jsonl');
  const patterns = match.flatMap((pattern) => ['-m', pattern]);
  const regrtest = ['-v', `--timeout=${seconds}`, `--tempdir=${folder}`, ...patterns, module];
  const started = Date.now();
  const { status, output } = await execute([tree.executable, ...FLAGS, DRIVER, log, ...regrtest], {
    folder,
    profiles,
    seconds,
  });
  clearInterval(cleaner);
  const result = {
    status,
    seconds: (Date.now() - started) / 1000,
    ...readLog(log),
    output: status === 'exit 0' ? '' : output,
    ...(match.length > 0 && { partial: true }),
  };
  for (const made of [folder, profiles]) rmSync(made, { recursive: true, force: true, maxRetries: 3 });
  return result;
}

/** Every process leaves a profile of many megabytes, and a test may start hundreds. */
function removeFinished(profiles: string): void {
  for (const name of readdirSync(profiles)) {
    const pid = /\d+/.exec(name)?.[0];
    if (!existsSync(`/proc/${pid}`)) rmSync(join(profiles, name), { force: true });
  }
}

interface Place {
  readonly folder: string;
  readonly profiles: string;
  readonly seconds: number;
}

function execute(command: readonly string[], { folder, profiles, seconds }: Place): Promise<Ended> {
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(PYTHON|PYREWRITE|npm_|NODE|VITEST|CI$)/.test(key),
  );
  const child = spawn('bash', ['-c', LIMITED, 'bash', ...command], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(inherited),
      PYTHONHASHSEED: '0',
      PYREWRITE_OUT: `${profiles}/`,
    },
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('latin1')).slice(-KEPT_OUTPUT);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((resolve) => {
    let timedOut = false;
    const killGroup = (): void => {
      // What a test left behind is in its group, and only ours is.
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // gone already
      }
    };
    const kill = (): void => {
      timedOut = true;
      killGroup();
    };
    // A little later than regrtest itself, which tells where it hangs.
    const timer = setTimeout(kill, (seconds + 5) * 1000);
    const started = Date.now();
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      killGroup();
      timedOut ||= output.includes('Timeout (') && Date.now() - started >= seconds * 1000;
      const ended = signal ?? (code !== null && code > 128 ? `signal ${code - 128}` : `exit ${code}`);
      resolve({ status: timedOut ? 'timeout' : ended, output });
    });
  });
}

/** Where an object lies, and where its interpreter, is another place in every run. */
function withoutPlaces(text: string): string {
  return text.replace(/\b0x[0-9a-f]+|\/(plain|probe)\/|cpython-suite-\w+|test_python_\w+/g, '…');
}

function readLog(log: string): Pick<ModuleResult, 'methods' | 'texts' | 'probes'> {
  const methods: Record<string, string> = {};
  const texts: Record<string, string> = {};
  let probes = 0;
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  for (const line of lines) {
    if (!line.endsWith(']')) continue;
    const [outcome, name, text]: [string, string | number, string | undefined] = JSON.parse(line);
    if (typeof name === 'number') {
      probes = name;
      continue;
    }
    const id = withoutPlaces(name);
    const known = methods[id];
    if (outcome === 'start') methods[id] ??= 'unfinished';
    else if (known === undefined || known === 'unfinished') methods[id] = outcome;
    else if (!known.split('+').includes(outcome)) methods[id] = `${known}+${outcome}`;
    if (text) texts[id] = `${texts[id] ?? ''}${text}`.slice(-KEPT_TEXT);
  }
  return { methods, texts, probes };
}
