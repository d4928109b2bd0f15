import type { Python } from '../../test/support/pythons.ts';
import {
  type Comparison as ComparisonOf,
  countRun,
  type Difference as DifferenceOf,
  differenceOf,
  distinct,
  textOf,
} from '../compare/difference.ts';
import { type Allowed, allowedFor } from './allowed.ts';
import type { ModuleResult } from './results.ts';

/** Of a test method, or of a whole module, by its name. */
export type Difference = DifferenceOf<Allowed>;
export type Comparison = ComparisonOf<Allowed>;

type OutcomeOf = (run: ModuleResult) => string | undefined;

const KEPT = 3000;

/** Compares the runs of a module; there is at least one of each. */
export function compareRuns(
  python: Python,
  module: string,
  plain: readonly ModuleResult[],
  probed: readonly ModuleResult[],
): Comparison {
  const compare = (id: string, of: OutcomeOf, text: string): readonly Difference[] =>
    differenceOf(
      id,
      { plain: distinct(plain, of), probed: distinct(probed, of) },
      allowedFor(python, module, id),
      text,
    );
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
    differences.push(
      ...differenceOf<Allowed>(module, { plain: ['probes'], probed: ['no probes'] }, undefined, ''),
    );
  return { ...countRun(plain[0]?.methods ?? {}), differences };
}
