/** Runs a command that may hang, eat memory or leave processes behind, as test suites do. */
import { spawn } from 'node:child_process';

export interface Limits {
  /** The folder in which it runs. */
  readonly folder: string;
  /** Killed after so long. */
  readonly seconds: number;
  /** Added to the inherited environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** How a command ended. */
export interface Ended {
  /** 'exit 0', 'SIGSEGV', 'signal 2', 'timeout' … */
  readonly status: string;
  /** End of what it printed. */
  readonly output: string;
}

const KEPT_OUTPUT = 20_000;
/** Milliseconds for the output of a command that has ended: a process that left its group may keep the pipe open. */
const LONGEST_REST = 1000;
/** Address space of each process. */
const KILOBYTES = 6_000_000;
const LIMITED = `ulimit -v ${KILOBYTES} -c 0 2>/dev/null; exec nice -n 5 "$@"`;
/** Variables of ours that would change what tests see. */
const OURS = /^(PYTHON|PYREWRITE|PYTEST|npm_|NODE|VITEST|VIRTUAL_ENV|CI$)/;

function environmentWith(env: Limits['env']): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([key]) => !OURS.test(key));
  return { ...Object.fromEntries(inherited), PYTHONHASHSEED: '0', ...env };
}

/** Kills what a command left behind, too: it is in the command's group, and only that is. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

function statusOf(code: number | null, signal: string | null): string {
  return signal ?? (code !== null && code > 128 ? `signal ${code - 128}` : `exit ${code}`);
}

/** Runs a command with little memory, in a process group of its own that does not outlive it. */
export function runLimited(command: readonly string[], { folder, seconds, env }: Limits): Promise<Ended> {
  const child = spawn('bash', ['-c', LIMITED, 'bash', ...command], {
    cwd: folder,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environmentWith(env),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-KEPT_OUTPUT);
    });
  return new Promise((resolve) => {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      killGroup(child.pid);
    }, seconds * 1000);
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      killGroup(child.pid);
      const status = timedOut ? 'timeout' : statusOf(code, signal);
      const end = (): void => resolve({ status, output });
      child.on('close', end);
      setTimeout(end, LONGEST_REST).unref();
    });
  });
}
