/**
 * CPython 3.9 to 3.11 forget part of a traceback: where an exception is thrown into a coroutine (or generator) that
 * waits for another and is itself handling an exception, `_PyErr_ChainStackItem` sets the pending exception anew, with
 * the `__traceback__` that its value has by then. Frames that no handler has seen are lost. A probe's handler saves them.
 */

/** Whether an interpreter of this minor version forgets. */
export function forgetsFrames(minor: number): boolean {
  return minor >= 9 && minor <= 11;
}

const ENTRY = /^ +File ".*", line \d+, in /;
/** What belongs to the entry above it: the line of source, and the marks beneath it. */
const BELONGS = /^ {4}/;

/**
 * Whether two texts differ in nothing but whole entries of tracebacks that the first one lacks,
 * each of which follows another entry.
 */
export function lacksOnlyEntries(plain: string, probed: string): boolean {
  const [wanted, found] = [plain.split('\n'), probed.split('\n')];
  let at = 0;
  for (let k = 0; k < found.length; k++) {
    if (at < wanted.length && found[k] === wanted[at]) {
      at++;
      continue;
    }
    if (!ENTRY.test(found[k]) || !isTraceback(found[k - 1])) return false;
    while (k + 1 < found.length && BELONGS.test(found[k + 1])) k++;
  }
  return at === wanted.length;
}

function isTraceback(line: string | undefined): boolean {
  return line !== undefined && (ENTRY.test(line) || BELONGS.test(line));
}
