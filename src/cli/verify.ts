import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Problem, type VerifyReport, verifyPyc } from '../code/verify.ts';
import { isInstrumented } from '../service/is-instrumented.ts';

/** What was checked in one file, and what is wrong with it, in words. */
export interface Verified extends Omit<VerifyReport, 'problems'> {
  readonly instrumented: boolean;
  readonly problems: { readonly where: string; readonly what: string }[];
}

/** The given .pyc files, and all .pyc files in the given folders. */
export function* pycFiles(paths: readonly string[], cwd: string): Generator<string> {
  for (const given of paths) {
    const path = resolve(cwd, given);
    if (statSync(path).isDirectory()) yield* pycFilesBelow(path);
    else yield path;
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

function inWords(problem: Problem): { where: string; what: string } {
  const where = problem.function === undefined ? 'file' : `${problem.function}, line ${problem.line}`;
  return { where, what: problem.law === 'readable' ? problem.detail : `${problem.law}: ${problem.detail}` };
}
