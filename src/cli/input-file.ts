import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { PyrewriteError } from '../errors.ts';

const STDIN = 0;

/** Reads a file that was named on the command line; a dash stands for standard input. */
export function readInput(file: string, cwd: string): Buffer {
  return readFileSync(file === '-' ? STDIN : resolve(cwd, file));
}

/** Makes an error about bytes one about the file that they came from. */
export function aboutFile(error: unknown, file: string): unknown {
  if (!(error instanceof PyrewriteError) || error.file !== undefined) return error;
  const { code, message, remedy, cause } = error;
  return new PyrewriteError(code, message, {
    file,
    ...(remedy === undefined ? {} : { remedy }),
    ...(cause === undefined ? {} : { cause }),
  });
}
