import type { Python } from '../../test/support/pythons.ts';
import { type Allowed, allowedFor } from './allowed.ts';
import type { ModuleResult } from './results.ts';

/**
 * What a difference is:
 * - `different`: no outcome is common to the plain and the probed runs, and the list does not allow it;
 * - `allowed`: the same, and the list has the reason;
 * - `flaky`: the plain runs differ among themselves, and some probed run ended as some plain one;
 * - `unsteady`: the plain runs agree, and the probed ones differ among themselves.
 */
export type Kind = 'different' | 'allowed' | 'flaky' | 'unsteady';

/** A test method (or a whole module, by its name) that ended otherwise with probes, in some run. */
export interface Difference {
  readonly id: string;
  readonly kind: Kind;
  readonly plain: readonly string[];
  readonly probed: readonly string[];
  /** Traceback of the probed run. */
  readonly text: string;
  readonly allowed: Allowed | undefined;
}

/** What the runs of a module say. */
export interface Comparison {
  /** Methods of the first plain run that were not skipped there. */
  readonly run: number;
  readonly skipped: number;
  readonly differences: readonly Difference[];
}

type OutcomeOf = (run: ModuleResult) => string | undefined;

function outcomes(runs: readonly ModuleResult[], of: OutcomeOf): readonly string[] {
  return [...new Set(runs.flatMap((run) => of(run) ?? []))];
}

function kindOf(plain: readonly string[], probed: readonly string[], allowed: boolean): Kind | undefined {
  if (plain.length === 1 && probed.length === 1 && plain[0] === probed[0]) return undefined;
  if (probed.some((outcome) => plain.includes(outcome))) return plain.length > 1 ? 'flaky' : 'unsteady';
  return allowed ? 'allowed' : 'different';
}

/** Compares the runs of a module; there is at least one of each. */
export function compareRuns(
  python: Python,
  module: string,
  plain: readonly ModuleResult[],
  probed: readonly ModuleResult[],
): Comparison {
  const differences: Difference[] = [];
  const compare = (id: string, of: OutcomeOf, text: string): void => {
    const [from, to] = [outcomes(plain, of), outcomes(probed, of)];
    const allowed = allowedFor(python, module, id);
    const kind = kindOf(from, to, allowed !== undefined);
    if (kind !== undefined) differences.push({ id, kind, plain: from, probed: to, text, allowed });
  };
  const ids = new Set([...plain, ...probed].flatMap(({ methods }) => Object.keys(methods)));
  for (const id of ids) {
    const text = probed.map(({ texts }) => texts[id] ?? '').find((one) => one !== '') ?? '';
    compare(id, ({ methods, partial }) => methods[id] ?? (partial ? undefined : 'not run'), text);
  }
  // Doctests and crashes show in the status alone; other failures are told by their methods.
  const explained = differences.length > 0;
  const status: OutcomeOf = (run) => {
    if (run.partial) return undefined;
    return explained && run.status === 'exit 2' ? 'exit 0' : run.status;
  };
  compare(module, status, probed.at(-1)?.output.slice(-KEPT) ?? '');
  if (probed.some(({ probes, status: ended }) => probes === 0 && ended.startsWith('exit')))
    differences.push({
      id: module,
      kind: 'different',
      plain: ['probes'],
      probed: ['no probes'],
      text: '',
      allowed: undefined,
    });
  const first = Object.values(plain[0]?.methods ?? {});
  const skipped = first.filter((outcome) => outcome === 'skipped').length;
  return { run: first.length - skipped, skipped, differences };
}

const KEPT = 3000;
