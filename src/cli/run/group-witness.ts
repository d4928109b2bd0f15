import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setImmediate, setTimeout } from 'node:timers/promises';

/** Tells a signal to the whole process group, or to the whole service, from one to this process alone. */
export interface GroupWitness {
  /** Whether this signal, which has just come here, went to the other processes of the group too. */
  alsoMet(signal: NodeJS.Signals): Promise<boolean>;
  stop(): void;
}

/** Time for a signal that was sent to several processes to take effect on the witness, in ms. */
const PATIENCE_MS = 150;

/** Waits for its standard input, which ends with this process, however that ends. */
const COMMAND = 'cat';

interface Witness {
  /** The signal that ended it; null when it ended otherwise or could not be started. */
  readonly ended: Promise<NodeJS.Signals | null>;
  /** What `ended` gave; undefined until then. */
  end(): NodeJS.Signals | null | undefined;
  /** Whether a signal is there that it had no CPU to end by, or it has ended and this process has not read that. */
  isEnding(): boolean;
  stop(): void;
}

function startWitness(): Witness {
  const child = spawn(COMMAND, { stdio: ['pipe', 'ignore', 'ignore'] });
  let end: NodeJS.Signals | null | undefined;
  const ended = new Promise<NodeJS.Signals | null>((resolve) => {
    const finish = (signal: NodeJS.Signals | null): void => {
      end = signal;
      resolve(signal);
    };
    child.on('error', () => finish(null));
    child.on('exit', (_, signal) => finish(signal));
  });
  child.unref();
  return { ended, end: () => end, isEnding: () => isEnding(child.pid), stop: () => child.stdin.destroy() };
}

/** By the system's list of processes; where there is none, or it is not among them, it is not known. */
function isEnding(pid: number | undefined): boolean {
  try {
    return /^((Sig|Shd)Pnd:\s*0*[1-9a-f]|State:\s*[ZX])/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/**
 * Starts a process that does nothing in this process's group: what kills it was meant for the group,
 * and the program has had it already. A terminal's Ctrl-C does that, a supervisor, `kill -- -PGID`,
 * or the program itself by os.killpg.
 */
export function startGroupWitness(): GroupWitness {
  let witness = startWitness();
  return {
    async alsoMet(signal) {
      const patience = setTimeout(PATIENCE_MS, undefined, { ref: false });
      await Promise.race([witness.ended, patience]);
      // Where this process had to wait for a CPU, time is up before it has read what happened to the witness.
      await setImmediate();
      await setImmediate();
      if (witness.end() === undefined && witness.isEnding()) await witness.ended;
      const met = witness.end();
      if (met !== undefined) witness = startWitness();
      return met === signal;
    },
    stop: () => witness.stop(),
  };
}
