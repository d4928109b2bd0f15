import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { PyrewriteError } from '../../errors.ts';
import { startGroupWitness } from './group-witness.ts';

/** How a process ended: by itself or by a signal. */
export interface Ended {
  readonly status: number;
  readonly signal: NodeJS.Signals | undefined;
}

/** What the program gets when this process is sent it. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];

const SIGNAL_STATUS = 128;

/** The shell's exit status of a process that died by this signal. */
export function signalStatus(signal: NodeJS.Signals): number {
  return SIGNAL_STATUS + constants.signals[signal];
}

/**
 * Runs a program with this process's own standard streams and waits for its end.
 * This process outlives signals meanwhile, so that the report can still be printed.
 */
export async function runChild(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<Ended> {
  const child = spawn(command, args, { stdio: 'inherit', env });
  const witness = startGroupWitness();
  const handlers = FORWARDED.map((signal) => {
    const handler = async (): Promise<void> => {
      // Twice would be once too often for a program that handles it.
      if (!(await witness.alsoMet(signal))) child.kill(signal);
    };
    process.on(signal, handler);
    return { signal, handler };
  });
  try {
    return await new Promise<Ended>((resolve, reject) => {
      child.on('error', (cause) => {
        const remedy = 'give another interpreter with --python';
        reject(new PyrewriteError('python-failed', `cannot start ${command}`, { cause, remedy }));
      });
      child.on('exit', (status, signal) => {
        resolve({ status: status ?? (signal ? signalStatus(signal) : 0), signal: signal ?? undefined });
      });
    });
  } finally {
    witness.stop();
    for (const { signal, handler } of handlers) process.off(signal, handler);
  }
}

/** Time for a signal to this process to take effect, in ms. */
const SIGNAL_DELAY_MS = 200;

/** Ends this process as the program ended, so that whoever waits for it sees the same. */
export async function endLike(ended: Ended): Promise<number> {
  if (ended.signal !== undefined) {
    process.kill(process.pid, ended.signal);
    await new Promise((resolve) => setTimeout(resolve, SIGNAL_DELAY_MS));
  }
  return ended.status;
}
