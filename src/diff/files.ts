import { relative } from 'node:path/posix';
import { bagOf, pairAlike } from './similarity.ts';

/** How a file was found again: under the same path, at the same place of another folder, moved, or by what is in it. */
export type FileMatchHow = 'same' | 'relative' | 'moved' | 'renamed';

/** A file of one side and the same of the other. */
export interface FileMatch {
  readonly a: string;
  readonly b: string;
  readonly how: FileMatchHow;
}

/** A file and what tells it from others. */
export interface FileContent {
  readonly file: string;
  /** A text of each site: function, operation and name. */
  readonly features: () => readonly string[];
}

/** Least part that a renamed file has in common with what it was. */
const LEAST_ALIKE = 0.6;

/** Pairs the files of two sides. Roots are folders in which the processes began. */
export function matchFiles(
  a: readonly FileContent[],
  b: readonly FileContent[],
  rootsA: readonly string[],
  rootsB: readonly string[],
): FileMatch[] {
  const matches: FileMatch[] = [];
  let restA = a;
  let restB = b;
  const take = (pairs: readonly (readonly [FileContent, FileContent])[], how: FileMatchHow): void => {
    matches.push(...pairs.map(([one, other]) => ({ a: one.file, b: other.file, how })));
    const taken = new Set(pairs.flat());
    restA = restA.filter((file) => !taken.has(file));
    restB = restB.filter((file) => !taken.has(file));
  };
  take(
    pairByKey(
      restA,
      restB,
      ({ file }) => file,
      ({ file }) => file,
    ),
    'same',
  );
  take(pairByKey(restA, restB, fromRoot(rootsA), fromRoot(rootsB)), 'relative');
  // The longest common end first: `app/db/models.py` before `db/models.py` before `models.py`.
  const depth = Math.max(0, ...restA.map(({ file }) => file.split('/').length));
  for (let parts = depth; parts >= 1; parts--) {
    const end = ({ file }: FileContent): string | undefined => lastParts(file, parts);
    take(
      pairByKey(restA, restB, end, end).filter((pair) => parts > 1 || isTelling(pair)),
      'moved',
    );
  }
  const [bagsA, bagsB] = [restA, restB].map((files) => files.map(({ features }) => bagOf(features())));
  take(
    pairAlike(bagsA, bagsB, LEAST_ALIKE).map(([i, j]) => [restA[i], restB[j]] as const),
    'renamed',
  );
  return matches;
}

type Key = (file: FileContent) => string | undefined;

/** Pairs files whose keys are the same and are no other's. */
function pairByKey(
  a: readonly FileContent[],
  b: readonly FileContent[],
  keyA: Key,
  keyB: Key,
): [FileContent, FileContent][] {
  const [byKeyA, byKeyB] = [uniqueKeys(a, keyA), uniqueKeys(b, keyB)];
  return [...byKeyA].flatMap(([key, one]): [FileContent, FileContent][] => {
    const other = byKeyB.get(key);
    return one === null || other === null || other === undefined ? [] : [[one, other]];
  });
}

function uniqueKeys(files: readonly FileContent[], keyOf: Key): Map<string, FileContent | null> {
  const keys = new Map<string, FileContent | null>();
  for (const file of files) {
    const key = keyOf(file);
    if (key !== undefined) keys.set(key, keys.has(key) ? null : file);
  }
  return keys;
}

function fromRoot(roots: readonly string[]): Key {
  return ({ file }) => {
    const root = roots.find((folder) => folder !== '' && file.startsWith(`${folder.replace(/\/$/, '')}/`));
    return root === undefined ? undefined : relative(root, file);
  };
}

function lastParts(file: string, count: number): string | undefined {
  const parts = file.split('/');
  return parts.length < count ? undefined : parts.slice(-count).join('/');
}

/** `__init__.py` is the name of many files: those are the same only where something in them is. */
function isTelling([a, b]: readonly [FileContent, FileContent]): boolean {
  const features = new Set(b.features());
  return a.features().some((feature) => features.has(feature));
}
