import { allowedFor, matches } from './allowed.ts';
import type { ProjectResult, Run } from './results.ts';
import type { Project, Tests } from './types.ts';

/**
 * What a difference is:
 * - `different`: no outcome is common to the plain and the probed runs, and the list does not allow it;
 * - `allowed`: the same, and the list has the reason;
 * - `flaky`: the plain runs differ among themselves, and some probed run ended as some plain one;
 * - `unsteady`: the plain runs agree, and the probed ones differ among themselves.
 */
export type Kind = 'different' | 'allowed' | 'flaky' | 'unsteady';

/** A test that ended otherwise with probes, in some run. */
export interface Difference {
  readonly id: string;
  readonly kind: Kind;
  readonly plain: readonly string[];
  readonly probed: readonly string[];
  /** Traceback of a probed run. */
  readonly text: string;
  readonly allowed: Tests | undefined;
}

export interface Comparison {
  /** Tests that were run in the first plain run, those that skip themselves not counted. */
  readonly run: number;
  readonly skipped: number;
  readonly differences: readonly Difference[];
}

type OutcomeOf = (run: Run) => string;

function kindOf(plain: readonly string[], probed: readonly string[], allowed: boolean): Kind | undefined {
  if (plain.length === 1 && probed.length === 1 && plain[0] === probed[0]) return undefined;
  if (probed.some((outcome) => plain.includes(outcome))) return plain.length > 1 ? 'flaky' : 'unsteady';
  return allowed ? 'allowed' : 'different';
}

/** Compares the runs of a project; there is at least one of each. */
export function compareRuns(
  { name, deselected = [] }: Project,
  label: string,
  { plain, probed }: ProjectResult,
): Comparison {
  const differences: Difference[] = [];
  const compare = (id: string, of: OutcomeOf, text: string): void => {
    const [from, to] = [plain, probed].map((runs) => [...new Set(runs.map(of))]);
    const allowed = allowedFor(name, label, id);
    const kind = kindOf(from ?? [], to ?? [], allowed !== undefined);
    if (kind !== undefined)
      differences.push({ id, kind, plain: from ?? [], probed: to ?? [], text, allowed });
  };
  const ids = new Set([...plain, ...probed].flatMap(({ outcomes }) => Object.keys(outcomes)));
  for (const id of ids) {
    // A run from before the test was deselected has it.
    if (deselected.some((tests) => matches(tests, id))) continue;
    const text = probed.map(({ texts }) => texts[id] ?? '').find((one) => one !== '') ?? '';
    compare(id, ({ outcomes }) => outcomes[id] ?? 'not run', text);
  }
  // A status of 1 tells that some test failed, which the tests' own outcomes tell already.
  const status: OutcomeOf = (run) => (run.status === 'exit 1' ? 'exit 0' : run.status);
  compare('(pytest)', status, probed.at(-1)?.output.slice(-3000) ?? '');
  const first = Object.values(plain[0]?.outcomes ?? {});
  const skipped = first.filter((outcome) => outcome === 'skipped').length;
  return { run: first.length - skipped, skipped, differences };
}

/** What makes a result worthless, however equal the outcomes are; a check that checks nothing is a failure. */
export function emptiness({ plain, probed }: ProjectResult, { run }: Comparison): string | undefined {
  if (run === 0) return 'no test was run';
  const passed = Object.values(plain[0]?.outcomes ?? {}).filter((outcome) => outcome === 'passed').length;
  if (passed * 2 < run) return `only ${passed} of ${run} tests pass without probes`;
  const sites = probed[0]?.executed?.sites;
  if (sites === undefined || sites.package === 0) return 'no operation of the package was recorded';
  if (sites.tests === 0) return 'no operation of the tests was recorded';
  return undefined;
}
