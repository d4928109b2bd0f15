/** What ends a program that does not listen. */
export const SIGNALS: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/**
 * Does a job that leaves something half done when it is interrupted: on a signal `tidy` runs,
 * then this process dies by that signal as it would have without.
 */
export async function interruptible<T>(job: () => Promise<T>, tidy: () => void): Promise<T> {
  const onSignal = (signal: NodeJS.Signals): void => {
    // Still listening while it tidies: an impatient second signal does not stop it halfway.
    tidy();
    for (const each of SIGNALS) process.off(each, onSignal);
    process.kill(process.pid, signal);
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    return await job();
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}
