import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Problem, type VerifyReport, verifyPyc } from '../code/verify.ts';
import { PyrewriteError } from '../errors.ts';
import { compareOriginal, type OriginalReport } from '../rewrite/compare-original.ts';
import { isInstrumented } from '../service/is-instrumented.ts';

/** What was checked in one file, and what is wrong with it, in words. */
export interface Verified extends Omit<VerifyReport, 'problems'> {
  readonly instrumented: boolean;
  readonly problems: { readonly where: string; readonly what: string }[];
}

/** A .pyc file, and its path below the folder that was given; empty for a file that was given itself. */
export interface GivenFile {
  readonly file: string;
  readonly below: string;
}

/** The given .pyc files, and all .pyc files in the given folders. */
export function* pycFiles(paths: readonly string[], cwd: string): Generator<GivenFile> {
  for (const given of paths) {
    const path = resolve(cwd, given);
    if (!statSync(path).isDirectory()) yield { file: path, below: '' };
    else for (const file of pycFilesBelow(path)) yield { file, below: relative(path, file) };
  }
}

function* pycFilesBelow(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* pycFilesBelow(path);
    else if (entry.name.endsWith('.pyc')) yield path;
  }
}

/** Reads, writes, takes apart and checks one .pyc file. What is wrong with the file is told, not thrown. */
export function verifyFile(file: string): Verified {
  const bytes = readFileSync(file);
  const report = verifyPyc(bytes);
  return { ...report, instrumented: isInstrumented(bytes), problems: report.problems.map(inWords) };
}

/**
 * Compares a file with the one at the same place of the original's file or folder.
 * @throws PyrewriteError 'not-found' when there is none
 */
export function compareWithOriginal({ file, below }: GivenFile, original: string): OriginalReport {
  const path = join(original, below);
  if (!existsSync(path)) {
    throw new PyrewriteError('not-found', `${path} is not there: ${file} has no original`, {
      remedy: '--original takes the file or folder as it was before it was instrumented',
    });
  }
  return compareOriginal(readFileSync(file), readFileSync(path));
}

function inWords(problem: Problem): { where: string; what: string } {
  const where = problem.function === undefined ? 'file' : `${problem.function}, line ${problem.line}`;
  return { where, what: problem.law === 'readable' ? problem.detail : `${problem.law}: ${problem.detail}` };
}
