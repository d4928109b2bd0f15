import { PyrewriteError } from '../../errors.ts';
import type { Interpreter } from '../../python/interpreter.ts';
import type { RewriteOptions } from '../../service/rewriter.ts';

/**
 * Refuses what cannot be recorded without a GIL, before the program runs.
 * @throws PyrewriteError 'usage'
 */
export function checkFreeThreaded(python: Interpreter, selection: RewriteOptions): void {
  if (!python.freeThreaded || selection.sample !== true) return;
  throw new PyrewriteError('usage', `--sample: not without a GIL, and ${python.command} is free-threaded`, {
    remedy: 'leave it out, or give an interpreter with the GIL with --python',
  });
}
