/** Runs one test module of CPython's suite and reads what became of its methods. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Python } from '../../test/support/pythons.ts';
import type { Tree } from './trees.ts';

const DRIVER = fileURLToPath(new URL('driver.py', import.meta.url));

/** What became of one test method. */
export interface MethodResult {
  /** 'ok', 'failure', 'error', 'skipped', …; several are joined by '+'; 'unfinished' where the interpreter ended. */
  readonly outcome: string;
  /** Traceback or reason. */
  readonly text: string;
}

export interface ModuleResult {
  /** 'exit 0', 'SIGSEGV', 'timeout' … */
  readonly status: string;
  readonly seconds: number;
  readonly methods: Readonly<Record<string, MethodResult>>;
  /** Functions with probes are in so many of the imported modules. */
  readonly probedModules: number;
  readonly probes: number;
  /** End of what the run printed. */
  readonly output: string;
}

export interface RunOptions {
  readonly seconds: number;
  /** Folder of this run; emptied. */
  readonly folder: string;
  /** Further arguments of regrtest, as `-m pattern`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const KEPT_OUTPUT = 40_000;

export async function runModule(
  python: Python,
  tree: Tree,
  module: string,
  options: RunOptions,
): Promise<ModuleResult> {
  rmSync(options.folder, { recursive: true, force: true });
  mkdirSync(join(options.folder, 'profiles'), { recursive: true });
  const log = join(options.folder, 'log.jsonl');
  const flags = Number(python.name.slice(2)) >= 11 ? ['-X', 'frozen_modules=off'] : [];
  const regrtest = ['-v', `--timeout=${options.seconds}`, ...options.args, module];
  const started = Date.now();
  const { status, output } = await execute(tree.executable, [...flags, DRIVER, log, ...regrtest], options);
  const seconds = (Date.now() - started) / 1000;
  rmSync(join(options.folder, 'profiles'), { recursive: true, force: true });
  return { status, seconds, output, ...readLog(log) };
}

function execute(
  executable: string,
  args: readonly string[],
  { folder, seconds, env }: RunOptions,
): Promise<{ status: string; output: string }> {
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(PYTHON|PYREWRITE|npm_|NODE|VITEST)/.test(key),
  );
  const child = spawn('nice', ['-n', '5', executable, ...args], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(inherited),
      PYTHONHASHSEED: '0',
      PYREWRITE_OUT: `${join(folder, 'profiles')}/`,
      ...env,
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
    const timer = setTimeout(
      () => {
        timedOut = true;
        killGroup();
      },
      (seconds + 15) * 1000,
    );
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      killGroup();
      const ended = signal ?? (code !== null && code > 128 ? `signal ${code - 128}` : `exit ${code}`);
      resolve({ status: timedOut || output.includes('Timeout (') ? 'timeout' : ended, output });
    });
  });
}

function readLog(log: string): Pick<ModuleResult, 'methods' | 'probedModules' | 'probes'> {
  const methods: Record<string, MethodResult> = {};
  let probedModules = 0;
  let probes = 0;
  const lines = existsSync(log) ? readFileSync(log, 'utf8').split('\n') : [];
  for (const line of lines) {
    if (!line.endsWith(']')) continue;
    const [outcome, name, text, more] = JSON.parse(line);
    const id = typeof name === 'string' ? name.replace(/\b0x[0-9a-f]+|\/(plain|probed)\//g, '…') : name;
    if (outcome === 'probes') {
      probedModules = id;
      probes = more;
    } else if (outcome === 'start') methods[id] ??= { outcome: 'unfinished', text: '' };
    else methods[id] = addOutcome(methods[id], outcome, text);
  }
  return { methods, probedModules, probes };
}

function addOutcome(known: MethodResult | undefined, outcome: string, text: string): MethodResult {
  if (known === undefined || known.outcome === 'unfinished') return { outcome, text };
  if (known.outcome.split('+').includes(outcome)) return known;
  return { outcome: `${known.outcome}+${outcome}`, text: `${known.text}\n${text}` };
}
