/** Runs the tests of a project once. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Environment } from './environments.ts';
import { ProfileFolder } from './profiles.ts';
import type { Run } from './results.ts';

const FOLDER = dirname(fileURLToPath(import.meta.url));
/** Not a disk, where there is such a place. */
const MEMORY = '/dev/shm';
const KEPT_OUTPUT = 20_000;
/** Address space of a test's process. */
const LIMITED = 'ulimit -v 6000000 -c 0; exec "$@"';

export interface RunOptions {
  /** Killed after so long. */
  readonly seconds: number;
  /** The folder of the runtime; without one the run is plain. */
  readonly runtime?: string;
  /** More arguments for pytest. */
  readonly more: readonly string[];
}

/** The command, without the interpreter. */
function pytest({ project, sitePackages }: Environment, more: readonly string[]): readonly string[] {
  const own = project.arguments.map((argument) => argument.replaceAll('{site}', sitePackages));
  const deselected = (project.deselected ?? []).flatMap(({ tests }) => tests.trim().split(/\s+/));
  return [
    ...['-m', 'pytest', '--assert=plain', '-p', 'no:cacheprovider', '-p', 'outcomes', '-q', '--tb=short'],
    ...own,
    ...deselected.map((id) => (id.includes('::') ? `--deselect=${id}` : `--ignore=${id}`)),
    ...more,
  ];
}

export async function runTests(environment: Environment, options: RunOptions): Promise<Run> {
  const folder = mkdtempSync(join(tmpdir(), 'projects-'));
  const log = join(folder, 'log.jsonl');
  const profiles = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'projects-'));
  const recorded = new ProfileFolder(profiles, environment.project, environment.folder);
  const collector = setInterval(() => recorded.collect(), 1000);
  const started = Date.now();
  const { status, output } = await execute(environment, options, { folder, log, profiles });
  const seconds = (Date.now() - started) / 1000;
  clearInterval(collector);
  recorded.collect();
  const run = {
    status,
    seconds,
    ...readLog(log, folder),
    output: status === 'exit 0' ? '' : output,
    ...(options.runtime !== undefined && { executed: recorded.total() }),
  };
  for (const made of [folder, profiles]) rmSync(made, { recursive: true, force: true, maxRetries: 3 });
  return run;
}

interface Places {
  readonly folder: string;
  readonly log: string;
  readonly profiles: string;
}

function environmentOf({ project, executable }: Environment, runtime: string | undefined, places: Places) {
  const inherited = Object.entries(process.env).filter(
    ([key]) => !/^(PYTHON|PYREWRITE|PYTEST|npm_|NODE|VITEST|VIRTUAL_ENV|CI$)/.test(key),
  );
  const temporary = join(places.folder, 'tmp');
  mkdirSync(temporary);
  return {
    ...Object.fromEntries(inherited),
    PATH: `${dirname(executable)}:${process.env['PATH'] ?? ''}`,
    PYTHONHASHSEED: '0',
    PYTHONPATH: runtime === undefined ? FOLDER : `${runtime}:${FOLDER}`,
    PYREWRITE_OUT: `${places.profiles}/`,
    PROJECT_OUTCOMES: places.log,
    TMPDIR: temporary,
    // Otherwise the second run would begin with what the first one found.
    HYPOTHESIS_STORAGE_DIRECTORY: join(temporary, 'hypothesis'),
    ...project.environment,
  };
}

function execute(
  environment: Environment,
  { seconds, runtime, more }: RunOptions,
  places: Places,
): Promise<Pick<Run, 'status' | 'output'>> {
  const command = [environment.executable, ...pytest(environment, more)];
  const child = spawn('bash', ['-c', LIMITED, 'bash', ...command], {
    cwd: environment.source,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentOf(environment, runtime, places),
  });
  let output = '';
  const keep = (chunk: Buffer): void => {
    output = (output + chunk.toString('utf8')).slice(-KEPT_OUTPUT);
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
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup();
    }, seconds * 1000);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      killGroup();
      resolve({ status: timedOut ? 'timeout' : (signal ?? `exit ${code}`), output });
    });
  });
}

function readLog(log: string, folder: string): Pick<Run, 'outcomes' | 'texts'> {
  const outcomes: Record<string, string> = {};
  const texts: Record<string, string> = {};
  for (const line of existsSync(log) ? readFileSync(log, 'utf8').split('\n') : []) {
    if (!line.endsWith(']')) continue;
    const [outcome, name, text]: [string, string, string] = JSON.parse(line);
    // Where an object lies is another place in every run.
    const id = name.replaceAll(folder, '…').replace(/\b0x[0-9a-f]{6,}/g, '…');
    const known = outcomes[id];
    if (outcome === 'start') outcomes[id] ??= 'unfinished';
    else if (known === undefined || known === 'unfinished') outcomes[id] = outcome;
    else if (!known.split('+').includes(outcome)) outcomes[id] = `${known}+${outcome}`;
    if (text !== '') texts[id] = text;
  }
  return { outcomes, texts };
}
