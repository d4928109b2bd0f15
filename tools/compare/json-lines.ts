/** Files to which one line of JSON after another is appended. */
import { existsSync, readFileSync } from 'node:fs';

/** The lines that are whole, none if there is no such file: a process that was killed may have left half a line. */
export function readWholeLines<T>(file: string): readonly T[] {
  const whole: T[] = [];
  for (const line of existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []) {
    try {
      if (line !== '') whole.push(JSON.parse(line));
    } catch {
      // half a line
    }
  }
  return whole;
}
