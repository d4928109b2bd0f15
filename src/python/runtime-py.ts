import { fileURLToPath } from 'node:url';

/** Path of a Python file that is shipped as data: the same place beside src/ and beside dist/. */
export function runtimePyFile(name: string): string {
  return fileURLToPath(new URL(`../runtime-py/${name}`, import.meta.url));
}
