import type { Python } from './pythons.ts';

/** True where PYREWRITE_FULL=1 asks the law tests for every file instead of a sample. */
export const FULL: boolean = process.env['PYREWRITE_FULL'] === '1';

/** Each `n`-th of some things on one version, others on the next; all where all are asked for. */
export function everyNth<T>(n: number, things: readonly T[], { name }: Pick<Python, 'name'>): readonly T[] {
  const turn = Number(name.split('.')[1]);
  return things.filter((_, k) => FULL || (k + turn) % n === 0);
}

/** {@link everyNth} with 2. */
export function everySecond<T>(things: readonly T[], python: Pick<Python, 'name'>): readonly T[] {
  return everyNth(2, things, python);
}

/** Step for `corpusFiles`: each `n`-th file, or every one where all are asked for. */
export function sampleEvery(n: number): number {
  return FULL ? 1 : n;
}
