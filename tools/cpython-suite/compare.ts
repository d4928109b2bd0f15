import type { Python } from '../../test/support/pythons.ts';
import {
  type Comparison as ComparisonOf,
  countRun,
  type Difference as DifferenceOf,
  differenceOf,
  distinct,
  type Outcomes,
  textOf,
} from '../compare/difference.ts';
import { type Allowed, allowedFor } from './allowed.ts';
import type { ModuleResult } from './results.ts';

/** Of a test method, or of a whole module, by its name. */
export type Difference = DifferenceOf<Allowed>;

export interface Comparison extends ComparisonOf<Allowed> {
  /** Of the methods that were run, those that ended the same in all runs. */
  readonly same: number;
}

/** The version, which decides what is allowed. */
type Version = Pick<Python, 'name'>;
type OutcomeOf = (run: ModuleResult) => string | undefined;

const KEPT = 3000;

/** Says what the outcomes of a method or module are, by the list of those that may differ. */
export function judge(
  python: Version,
  module: string,
  id: string,
  outcomes: Outcomes,
  text = '',
): readonly Difference[] {
  return differenceOf(id, outcomes, allowedFor(python, module, id), text);
}

/** Compares the runs of a module; there is at least one of each. */
export function compareRuns(
  python: Version,
  module: string,
  plain: readonly ModuleResult[],
  probed: readonly ModuleResult[],
): Comparison {
  const compare = (id: string, of: OutcomeOf, text: string): readonly Difference[] =>
    judge(python, module, id, { plain: distinct(plain, of), probed: distinct(probed, of) }, text);
  const ids = new Set([...plain, ...probed].flatMap(({ methods }) => Object.keys(methods)));
  const differences = [...ids].flatMap((id) =>
    compare(
      id,
      ({ methods, partial }) => methods[id] ?? (partial ? undefined : 'not run'),
      textOf(probed, id),
    ),
  );
  // Doctests and crashes show in the status alone; other failures are told by their methods.
  const explained = differences.length > 0;
  const status: OutcomeOf = (run) => {
    if (run.partial) return undefined;
    return explained && run.status === 'exit 2' ? 'exit 0' : run.status;
  };
  differences.push(...compare(module, status, probed.at(-1)?.output.slice(-KEPT) ?? ''));
  if (probed.some(({ probes, status: ended }) => probes === 0 && ended.startsWith('exit')))
    differences.push(...judge(python, module, module, { plain: ['probes'], probed: ['no probes'] }));
  const first = plain[0]?.methods ?? {};
  return { ...countRun(first), same: countSame(first, differences), differences };
}

function countSame(first: ModuleResult['methods'], differences: readonly Difference[]): number {
  const differing = new Set(differences.map(({ id }) => id));
  return Object.entries(first).filter(([id, outcome]) => outcome !== 'skipped' && !differing.has(id)).length;
}
