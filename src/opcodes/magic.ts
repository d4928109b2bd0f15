/** Last magic number of each stage of a release, in ascending order: Lib/importlib and the release tags. */
const CPYTHON_STAGES: readonly (readonly [last: number, name: string])[] = [
  [2999, ''],
  [3103, 'Python 3000, before 3.0'],
  [3131, 'CPython 3.0'],
  [3151, 'CPython 3.1'],
  [3180, 'CPython 3.2'],
  [3230, 'CPython 3.3'],
  [3310, 'CPython 3.4'],
  [3351, 'CPython 3.5'],
  [3379, 'CPython 3.6'],
  [3394, 'CPython 3.7'],
  [3401, 'CPython 3.8 alpha 1 to 3'],
  [3410, 'CPython 3.8 alpha 4 or beta 1'],
  [3411, 'CPython 3.8 beta 2'],
  [3412, 'CPython 3.8 beta 3'],
  [3413, 'CPython 3.8'],
  [3420, 'CPython 3.9 alpha 1'],
  [3422, 'CPython 3.9 alpha 2'],
  [3424, 'CPython 3.9 alpha 3'],
  [3425, 'CPython 3.9'],
  [3430, 'CPython 3.10 alpha 2'],
  [3432, 'CPython 3.10 alpha 3'],
  [3433, 'CPython 3.10 alpha 4 or 5'],
  [3434, 'CPython 3.10 alpha 6'],
  [3435, 'CPython 3.10 alpha 7'],
  [3438, 'CPython 3.10, between alpha 7 and beta 1'],
  [3439, 'CPython 3.10'],
  [3460, 'CPython 3.11 alpha 1'],
  [3462, 'CPython 3.11 alpha 2'],
  [3465, 'CPython 3.11 alpha 3'],
  [3474, 'CPython 3.11 alpha 4'],
  [3478, 'CPython 3.11 alpha 5'],
  [3485, 'CPython 3.11 alpha 6'],
  [3491, 'CPython 3.11 alpha 7'],
  [3494, 'CPython 3.11 beta 1 to 3'],
  [3495, 'CPython 3.11'],
  [3509, 'CPython 3.12 alpha 1'],
  [3512, 'CPython 3.12 alpha 2 or 3'],
  [3514, 'CPython 3.12 alpha 4'],
  [3517, 'CPython 3.12 alpha 5'],
  [3520, 'CPython 3.12 alpha 6'],
  [3524, 'CPython 3.12 alpha 7'],
  [3530, 'CPython 3.12, between alpha 7 and beta 1'],
  [3531, 'CPython 3.12'],
  [3563, 'CPython 3.13 alpha 1'],
  [3565, 'CPython 3.13 alpha 2'],
  [3566, 'CPython 3.13 alpha 3'],
  [3568, 'CPython 3.13 alpha 4'],
  [3569, 'CPython 3.13 alpha 5 or 6'],
  [3570, 'CPython 3.13 beta 1'],
  [3571, 'CPython 3.13'],
  [3608, 'CPython 3.14 alpha 1'],
  [3609, 'CPython 3.14 alpha 2 or 3'],
  [3613, 'CPython 3.14 alpha 4'],
  [3616, 'CPython 3.14 alpha 5'],
  [3620, 'CPython 3.14 alpha 6'],
  [3623, 'CPython 3.14 alpha 7'],
  [3624, 'CPython 3.14 beta 1 or 2'],
  [3625, 'CPython 3.14 beta 3 to release candidate 1'],
  [3626, 'CPython 3.14 release candidate 2'],
  [3627, 'CPython 3.14'],
  [3649, 'an unknown CPython after 3.14'],
  [3650, 'CPython 3.15 before alpha 1'],
  [3656, 'CPython 3.15 alpha 1 to 3'],
  [3661, 'CPython 3.15 alpha 4 to 7'],
  [3665, 'CPython 3.15 alpha 8'],
  [3666, 'CPython 3.15'],
  [3999, 'a CPython newer than 3.15'],
];

/** Numbers outside the row of CPython 3. */
const OTHERS: ReadonlyMap<number, string> = new Map([
  [3187, 'PyPy 3.2'],
  [20121, 'CPython 1.5'],
  [21150, 'GraalPy'],
  [50428, 'CPython 1.6'],
  [50823, 'CPython 2.0'],
  [60202, 'CPython 2.1'],
  [60717, 'CPython 2.2'],
  [62011, 'CPython 2.3'],
  [62021, 'CPython 2.3'],
  [62041, 'CPython 2.4'],
  [62051, 'CPython 2.4'],
  [62061, 'CPython 2.4'],
  [62151, 'CPython 2.6'],
  [62161, 'CPython 2.6'],
  [62218, 'PyPy 2.7'],
]);

/** PyPy 3 numbers its formats in steps of 16 (48 … 416), all below the numbers of CPython. */
const PYPY_LIMIT = 1000;

function inCPython2(magic: number): string | undefined {
  if (magic >= 62071 && magic <= 62131) return 'CPython 2.5';
  // the interpreter's option -U adds one to the number
  return magic >= 62171 && magic <= 62212 ? 'CPython 2.7' : undefined;
}

/** What wrote a .pyc with this magic number, as far as anybody knows; released versions are named as such. */
export function describeMagic(magic: number): string {
  const known = OTHERS.get(magic) ?? inCPython2(magic);
  if (known !== undefined) return known;
  if (magic < PYPY_LIMIT) return magic > 0 && magic % 16 === 0 ? 'PyPy 3' : 'not a Python';
  const stage = CPYTHON_STAGES.find(([last]) => magic <= last);
  return stage === undefined || stage[1] === '' ? 'no known Python' : stage[1];
}
