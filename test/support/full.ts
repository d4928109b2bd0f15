import type { Python } from './pythons.ts';

/** True where PYREWRITE_FULL=1 asks the law tests for every file instead of a sample. */
export const FULL: boolean = process.env['PYREWRITE_FULL'] === '1';

/** Every second of some things on one version, the others on the next; all where all are asked for. */
export function everySecond<T>(things: readonly T[], { name }: Pick<Python, 'name'>): readonly T[] {
  const turn = Number(name.split('.')[1]);
  return things.filter((_, k) => FULL || (k + turn) % 2 === 0);
}

/** Step for `corpusFiles`: each `n`-th file, or every one where all are asked for. */
export function sampleEvery(n: number): number {
  return FULL ? 1 : n;
}
