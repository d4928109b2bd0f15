/** Compares a module: by what is known of it, or by new runs. */
import { type Comparison, compareRuns } from './compare.ts';
import { commitOf, comparisonOf, dateOf, isCompared, type Line, lineOf } from './line.ts';
import { type KnownRuns, sourceOf } from './resume.ts';
import { type Effort, isFinished, runRounds, runsOf } from './rounds.ts';
import { readStored, storeLines } from './store.ts';
import type { Suite } from './suite.ts';

export interface CompareOptions extends Effort {
  readonly again: boolean;
  readonly stale: boolean;
  /** The folder of the committed results. */
  readonly results: string;
  /** Of the runs that do not tell theirs. */
  readonly commit: string | undefined;
}

export interface ModuleComparison {
  readonly line: Line;
  /** With the texts of differences, if the module was run here; undefined if it takes too long as it is. */
  readonly comparison: Comparison | undefined;
  /** Whether the line was there already and nothing else was looked at. */
  readonly kept: boolean;
}

/** Runs a module unless its result is known, and stores its line. */
export async function compareModule(
  suite: Suite,
  module: string,
  options: CompareOptions,
): Promise<ModuleComparison> {
  const { python, interpreter, plain, probed, commit } = suite;
  const line = readStored(options.results, python.label).lines.get(module);
  const known = knownRuns(suite, module, options);
  const source = sourceOf(line, known, { ...options, commit, python: interpreter.version });
  if (source === 'line' && line !== undefined)
    return { line, comparison: isCompared(line) ? comparisonOf(python, line) : undefined, kept: true };
  if (source === 'anew') for (const { results } of [plain, probed]) results.forget(module);
  await runRounds(suite, module, options);
  const runs = runsOf(suite, module);
  const fresh = lineOf(interpreter, module, runs, commitOf(runs, options.commit));
  storeLines(options.results, python.label, [fresh], interpreter.available);
  const comparison = isCompared(fresh) ? compareRuns(python, module, runs.plain, runs.probed) : undefined;
  return { line: fresh, comparison, kept: false };
}

function knownRuns(suite: Suite, module: string, { rounds, commit }: CompareOptions): KnownRuns | undefined {
  const runs = runsOf(suite, module);
  if (runs.plain.length === 0) return undefined;
  return {
    commit: commitOf(runs, commit),
    date: dateOf(runs),
    finished: isFinished(suite.python, module, runs, rounds),
  };
}
