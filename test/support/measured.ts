/** Tests whose verdict rests on how long something took on this machine, which others use at the same time. */
import type { TestOptions } from 'vitest';

const MARK = 'measured';

/**
 * Options of a test that measures times: three tries, of which one has to hold, because a machine that is shared stops
 * programs for half a second and changes their speed by half within one. Each try has to measure anew, in the test's own
 * body. Only a failure that {@link measured} marks is tried again: counts, outputs, bytes and whatever else is exact
 * have to be right at once. What it took is reported as a retry.
 */
export const MEASURED: TestOptions = { retry: { count: 2, condition: new RegExp(`^${MARK}\\b`) } };

/**
 * The message of an expectation that times are to hold: `expect(share, measured('of calls')).toBeLessThan(0.3)`.
 * @param what was measured, or what to print where it does not hold
 */
export function measured(what: string): string {
  return `${MARK}: ${what}`;
}
