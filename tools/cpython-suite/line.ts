/** What became of a test module: what is worth keeping of its runs, for good. */
import { countRun, type Outcomes } from '../compare/difference.ts';
import { UNKNOWN } from './commit.ts';
import { type Comparison, compareRuns, judge } from './compare.ts';
import type { Run } from './results.ts';

/** Says nothing about what a list allows: that is looked up when a line is read. */
export interface Line {
  readonly module: string;
  /** The last one that changed the rewriter; see commit.ts. */
  readonly commit: string;
  /** Full version of the interpreter. */
  readonly python: string;
  /** Day of the last run. */
  readonly date: string;
  /** How the module ended as it is, unless 'exit 0'. 'timeout': it took too long and was not run with probes. */
  readonly status?: string;
  /** Methods of the first plain run that were not skipped; where it took too long, those that had ended. */
  readonly run: number;
  readonly skipped: number;
  /** Methods that ended the same in all runs. */
  readonly same?: number;
  /** Of the first runs: as it is, and with probes. */
  readonly seconds: readonly number[];
  /** In the functions that were loaded when the first run with probes ended. */
  readonly probes?: number;
  readonly differences?: readonly ({ readonly id: string } & Outcomes)[];
}

/** The runs of a module, the oldest first. */
export interface Runs {
  readonly plain: readonly Run[];
  readonly probed: readonly Run[];
}

/** An interpreter: '3.12', which decides what is allowed, and '3.12.1'. */
export interface Interpreter {
  readonly name: string;
  readonly version: string;
}

function round(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}

/** Methods that had ended when a module was stopped. */
function countEnded(methods: Run['methods']): Pick<Line, 'run' | 'skipped'> {
  const ended = Object.entries(methods).filter(([, outcome]) => outcome !== 'unfinished');
  return countRun(Object.fromEntries(ended));
}

/**
 * The line of a module's runs: of one as it is, and of one with probes unless that took too long.
 * @param commit of the runs
 * @throws Error if there are no such runs
 */
export function lineOf(
  { name, version }: Interpreter,
  module: string,
  { plain, probed }: Runs,
  commit: string,
): Line {
  const [first, instrumented] = [plain[0], probed[0]];
  if (first === undefined) throw new Error(`${module} was not run`);
  const head = { module, commit, python: version, date: dateOf({ plain, probed }) };
  const ended = first.status === 'exit 0' ? {} : { status: first.status };
  if (first.status === 'timeout')
    return { ...head, ...ended, ...countEnded(first.methods), seconds: [round(first.seconds)] };
  if (instrumented === undefined) throw new Error(`${module} was not run with probes`);
  const { run, skipped, same, differences } = compareRuns({ name }, module, plain, probed);
  const kept = differences.map(({ id, plain: as, probed: than }) => ({ id, plain: as, probed: than }));
  return {
    ...head,
    ...ended,
    run,
    skipped,
    same,
    seconds: [round(first.seconds), round(instrumented.seconds)],
    probes: instrumented.probes,
    ...(kept.length > 0 && { differences: kept }),
  };
}

/** Day of the last run. */
export function dateOf({ plain, probed }: Runs): string {
  return [...plain, ...probed].reduce((last, { date }) => (date > last ? date : last), '');
}

/** The commit that runs are of; lines from before it was kept do not tell it. */
export function commitOf({ plain, probed }: Runs, otherwise = UNKNOWN): string {
  return (probed[0] ?? plain[0])?.commit ?? otherwise;
}

/** Whether the module was run with probes, too. */
export function isCompared({ status }: Line): boolean {
  return status !== 'timeout';
}

/** What a line says of a module that was compared, by what the list allows now. */
export function comparisonOf(python: Pick<Interpreter, 'name'>, line: Line): Comparison {
  const { module, run, skipped, same = 0, differences = [] } = line;
  return {
    run,
    skipped,
    same,
    differences: differences.flatMap(({ id, ...outcomes }) => judge(python, module, id, outcomes)),
  };
}
