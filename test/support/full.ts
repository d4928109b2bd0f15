/** True where PYREWRITE_FULL=1 asks the law tests for every file instead of a sample. */
export const FULL: boolean = process.env['PYREWRITE_FULL'] === '1';

/** Step for `corpusFiles`: each `n`-th file, or every one where all are asked for. */
export function sampleEvery(n: number): number {
  return FULL ? 1 : n;
}
