/** Makes lines of the results that are committed from the runs in a work folder. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Python } from '../../test/support/pythons.ts';
import { commitOf, dateOf, type Line, lineOf } from './line.ts';
import { Results } from './results.ts';
import { isFinished } from './rounds.ts';
import { readStored, storeLines } from './store.ts';
import { inspect } from './suite.ts';

/** What became of the runs of an interpreter's modules. */
export interface Imported {
  readonly lines: readonly Line[];
  /** Modules that have to be run more often. */
  readonly unfinished: readonly string[];
  /** Modules that the store has a later line of. */
  readonly older: readonly string[];
}

export interface ImportOptions {
  readonly work: string;
  /** The folder of the committed results. */
  readonly results: string;
  readonly rounds: number;
  /** Of the runs that do not tell theirs. */
  readonly commit: string | undefined;
}

/** Stores a line for each module of an interpreter whose runs are finished; undefined if there are no runs. */
export function importRuns(
  python: Python,
  { work, results, rounds, commit }: ImportOptions,
): Imported | undefined {
  if (!existsSync(join(work, python.label, 'plain.jsonl'))) return undefined;
  const plain = new Results(work, python, 'plain');
  const probed = new Results(work, python, 'probed');
  const interpreter = inspect(python, work);
  const stored = readStored(results, python.label).lines;
  const imported = { lines: [] as Line[], unfinished: [] as string[], older: [] as string[] };
  for (const module of plain.modules()) {
    const runs = { plain: plain.of(module), probed: probed.of(module) };
    const line = stored.get(module);
    if (line !== undefined && dateOf(runs) < line.date) imported.older.push(module);
    else if (!isFinished(python, module, runs, rounds)) imported.unfinished.push(module);
    else imported.lines.push(lineOf(interpreter, module, runs, commitOf(runs, commit)));
  }
  storeLines(results, python.label, imported.lines, interpreter.available);
  return imported;
}
