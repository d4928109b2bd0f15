import {
  type Comparison as ComparisonOf,
  countRun,
  type Difference as DifferenceOf,
  differenceOf,
  distinct,
  textOf,
} from '../compare/difference.ts';
import { allowedFor, matches } from './allowed.ts';
import type { ProjectResult, Run } from './results.ts';
import type { Project, Tests } from './types.ts';

export type Difference = DifferenceOf<Tests>;
export type Comparison = ComparisonOf<Tests>;

type OutcomeOf = (run: Run) => string;

/** Compares the runs of a project; there is at least one of each. */
export function compareRuns(
  { name, deselected = [] }: Project,
  label: string,
  { plain, probed }: ProjectResult,
): Comparison {
  const compare = (id: string, of: OutcomeOf, text: string): readonly Difference[] =>
    differenceOf(
      id,
      { plain: distinct(plain, of), probed: distinct(probed, of) },
      allowedFor(name, label, id),
      text,
    );
  const ids = [...new Set([...plain, ...probed].flatMap(({ outcomes }) => Object.keys(outcomes)))];
  // A run from before the test was deselected has it.
  const selected = ids.filter((id) => !deselected.some((tests) => matches(tests, id)));
  // A status of 1 tells that some test failed, which the tests' own outcomes tell already.
  const status: OutcomeOf = (run) => (run.status === 'exit 1' ? 'exit 0' : run.status);
  const differences = [
    ...selected.flatMap((id) => compare(id, ({ outcomes }) => outcomes[id] ?? 'not run', textOf(probed, id))),
    ...compare('(pytest)', status, probed.at(-1)?.output.slice(-3000) ?? ''),
  ];
  return { ...countRun(plain[0]?.outcomes ?? {}), differences };
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
