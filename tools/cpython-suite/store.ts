/**
 * The results that are committed: a file for each interpreter, `LABEL.jsonl`. Its first line says how many test modules
 * the interpreter has, each other one is a module's, in the order of their names.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Line } from './line.ts';

/** Where they are, unless another folder is given. */
export const RESULTS: string = fileURLToPath(new URL('results', import.meta.url));

/** Where those of code with two bodies are, in a folder for each way of its gates. */
export const SAMPLED: string = fileURLToPath(new URL('sampled', import.meta.url));

/** What the gates do: lead to the body with probes, to the original, toss a coin, or what they do by default: wait for windows. */
export const GATES = ['open', 'shut', 'random', 'windows'] as const;

/** The results of one interpreter. */
export interface Stored {
  /** Test modules that the interpreter has, run or not. */
  readonly available: number;
  /** By module. */
  readonly lines: ReadonlyMap<string, Line>;
}

const ENDING = '.jsonl';

function fileOf(folder: string, label: string): string {
  return join(folder, `${label}${ENDING}`);
}

/** The objects in the lines of a file; half a line at its end is left out. */
function readObjects(file: string): readonly (Line | Pick<Stored, 'available'>)[] {
  const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
  return lines.flatMap((line, index) => {
    try {
      return line === '' ? [] : [JSON.parse(line)];
    } catch {
      if (index === lines.length - 1) return [];
      throw new Error(
        `${file}:${index + 1} is not JSON; repair the line, or delete it to run its module again`,
      );
    }
  });
}

/**
 * Reads the results of an interpreter; there are none if there is no file.
 * @throws Error if a line before the last one is damaged, as by a merge
 */
export function readStored(folder: string, label: string): Stored {
  const lines = new Map<string, Line>();
  let available = 0;
  for (const object of readObjects(fileOf(folder, label)))
    if ('module' in object) lines.set(object.module, object);
    else available = object.available;
  return { available, lines };
}

/** Puts lines among those of an interpreter, in the places of those of the same modules. */
export function storeLines(folder: string, label: string, added: readonly Line[], available: number): void {
  // Read again, because another process may run other modules meanwhile.
  const lines = new Map(readStored(folder, label).lines);
  for (const line of added) lines.set(line.module, line);
  const sorted = [...lines.values()].sort((a, b) => (a.module < b.module ? -1 : 1));
  const text = [{ available }, ...sorted].map((object) => `${JSON.stringify(object)}\n`).join('');
  const file = fileOf(folder, label);
  const aside = `${file}.${process.pid}.tmp`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(aside, text);
  renameSync(aside, file);
}

/** Builds that labels tell apart by a letter at their end, in the order in which they are shown. */
const BUILDS = [
  ['d', 'debug build'],
  ['t', 'without the GIL'],
] as const;

/** Of a label like '3.14d' or '3.13t': '3.14', and what is special about the build in words; '' for nothing. */
export function parseLabel(label: string): { name: string; build: string } {
  const [letter, build] = BUILDS.find(([end]) => label.endsWith(end)) ?? ['', ''];
  return { name: label.slice(0, label.length - letter.length), build };
}

function rank(label: string): number {
  const minor = Number(parseLabel(label).name.split('.')[1]);
  return minor + 1000 * (1 + BUILDS.findIndex(([end]) => label.endsWith(end)));
}

/** Labels of the interpreters that there are results of, the usual builds first, each by version. */
export function storedLabels(folder: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names
    .filter((name) => name.endsWith(ENDING))
    .map((name) => name.slice(0, -ENDING.length))
    .sort((a, b) => rank(a) - rank(b));
}
