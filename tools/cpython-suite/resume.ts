/** Decides whether a module has to be run. */
import type { Line } from './line.ts';

/** What there is of a module's runs in the work folder. */
export interface KnownRuns {
  readonly commit: string;
  /** Day of the last one. */
  readonly date: string;
  /** Whether no other run would tell more. */
  readonly finished: boolean;
}

export interface Wanted {
  /** Nothing that is known counts. */
  readonly again: boolean;
  /** What is of another rewriter or interpreter does not count. */
  readonly stale: boolean;
  /** The rewriter and the interpreter that are here. */
  readonly commit: string;
  readonly python: string;
}

/**
 * Where a module's result comes from: its line; the runs in the work folder, with more of them if they are not finished;
 * or runs that begin anew.
 */
export type Source = 'line' | 'runs' | 'anew';

export function sourceOf(line: Line | undefined, runs: KnownRuns | undefined, wanted: Wanted): Source {
  if (wanted.again) return 'anew';
  const counts = ({ commit }: { readonly commit: string }): boolean =>
    !wanted.stale || commit === wanted.commit;
  // Runs of two rewriters would be told apart as flaky ones.
  const usable = runs !== undefined && counts(runs) && (runs.finished || runs.commit === wanted.commit);
  const older = line !== undefined && runs !== undefined && runs.date < line.date;
  if (usable && !older) return 'runs';
  const sameInterpreter = !wanted.stale || line?.python === wanted.python;
  return line !== undefined && counts(line) && sameInterpreter ? 'line' : 'anew';
}
