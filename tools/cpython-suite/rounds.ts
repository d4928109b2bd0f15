/** Runs a module in both trees, and again where it differs, to tell flaky tests apart. */
import { isOpen } from '../compare/difference.ts';
import { compareRuns } from './compare.ts';
import type { Interpreter, Runs } from './line.ts';
import type { Run } from './results.ts';
import { runModule } from './run-module.ts';
import type { Side, Suite } from './suite.ts';

export interface Effort {
  /** How long a module may take as it is. */
  readonly seconds: number;
  /** How often it is run again. */
  readonly rounds: number;
}

/** The runs of a module that are kept in the work folder. */
export function runsOf({ plain, probed }: Pick<Suite, 'plain' | 'probed'>, module: string): Runs {
  return { plain: plain.results.of(module), probed: probed.results.of(module) };
}

/** Whether no other run of a module would tell more. */
export function isFinished(
  python: Pick<Interpreter, 'name'>,
  module: string,
  { plain, probed }: Runs,
  rounds: number,
): boolean {
  if (plain[0]?.status === 'timeout') return true;
  if (plain.length === 0 || probed.length === 0) return false;
  return probed.length > rounds || !isOpen(compareRuns(python, module, plain, probed));
}

/** Runs a module as often as it takes; one that takes too long as it is, once. */
export async function runRounds(suite: Suite, module: string, { seconds, rounds }: Effort): Promise<void> {
  const run = async ({ tree, results }: Side, limit: number, match: readonly string[] = []): Promise<void> =>
    results.add(module, await runModule(tree, module, { seconds: limit, match }), suite.commit);
  if (runsOf(suite, module).plain.length === 0) await run(suite.plain, seconds);
  let runs = runsOf(suite, module);
  while (!isFinished(suite.python, module, runs, rounds)) {
    const limit = limitOf(runs, seconds);
    if (runs.probed.length === 0) await run(suite.probed, limit);
    else {
      const match = isLong(runs) ? openMethods(suite.python, module, runs) : [];
      await run(suite.plain, seconds, match);
      await run(suite.probed, limit, match);
    }
    runs = runsOf(suite, module);
  }
}

function secondsOf(run: Run | undefined): number {
  return run?.seconds ?? 0;
}

/** How long a module may take with probes. */
function limitOf({ plain }: Runs, seconds: number): number {
  return Math.min(seconds * 3, secondsOf(plain[0]) * 5 + 60);
}

function isLong({ plain, probed }: Runs): boolean {
  return secondsOf(plain[0]) + secondsOf(probed[0]) > 40;
}

/** Names of the methods to look at again. */
function openMethods(python: Pick<Interpreter, 'name'>, module: string, runs: Runs): readonly string[] {
  const { differences } = compareRuns(python, module, runs.plain, runs.probed);
  return differences.flatMap(({ id, kind }) =>
    kind !== 'allowed' && /\.test\w+$/.test(id) ? (id.split('.').at(-1) ?? []) : [],
  );
}
