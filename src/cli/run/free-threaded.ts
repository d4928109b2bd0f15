import { PyrewriteError } from '../../errors.ts';
import type { Interpreter } from '../../python/interpreter.ts';
import type { RewriteOptions } from '../../service/rewriter.ts';

/** What the recorder does for one thread at a time only, and how it is asked for. */
const NEED_THE_GIL = [
  ['types', '--types'],
  ['callers', '--callers'],
  ['sample', '--sample'],
] as const satisfies readonly (readonly [keyof RewriteOptions, string])[];

/**
 * Refuses what cannot be recorded without a GIL, before the program runs.
 * @throws PyrewriteError 'usage'
 */
export function checkFreeThreaded(python: Interpreter, selection: RewriteOptions): void {
  const asked = NEED_THE_GIL.filter(([name]) => selection[name] === true).map(([, option]) => option);
  if (!python.freeThreaded || asked.length === 0) return;
  throw new PyrewriteError(
    'usage',
    `${asked.join(', ')}: not without a GIL, and ${python.command} is free-threaded`,
    { remedy: 'leave it out, or give an interpreter with the GIL with --python' },
  );
}
