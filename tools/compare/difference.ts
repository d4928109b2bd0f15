/** What the runs of tests as they are, and those with probes, say about each test. */

/**
 * What a difference is:
 * - `allowed`: no outcome is common to the plain and the probed runs, and a list has the reason;
 * - `flaky`: the plain runs differ among themselves, and some probed run ended as some plain one;
 * - `unsteady`: the plain runs agree, and the probed ones differ among themselves;
 * - `different`: no outcome is common, and no list allows it.
 */
export type Kind = 'allowed' | 'flaky' | 'unsteady' | 'different';

/** In the documents' order. */
export const KINDS: readonly Kind[] = ['allowed', 'flaky', 'unsteady', 'different'];

/** An entry of a list of tests that may end otherwise. */
interface Reasoned {
  readonly reason: string;
}

/** The distinct outcomes of a test in the runs, the oldest first. */
export interface Outcomes {
  readonly plain: readonly string[];
  readonly probed: readonly string[];
}

/** A test (or all of them, by a name that says so) that ended otherwise with probes, in some run. */
export interface Difference<Allowed extends Reasoned> extends Outcomes {
  readonly id: string;
  readonly kind: Kind;
  /** Traceback of a probed run; empty where it is not known any more. */
  readonly text: string;
  readonly allowed: Allowed | undefined;
}

/** What the runs say. */
export interface Comparison<Allowed extends Reasoned> {
  /** Tests of the first plain run that were not skipped there. */
  readonly run: number;
  readonly skipped: number;
  readonly differences: readonly Difference<Allowed>[];
}

/** The distinct outcomes of runs; one that says nothing gives undefined. */
export function distinct<Run>(runs: readonly Run[], of: (run: Run) => string | undefined): readonly string[] {
  return [...new Set(runs.flatMap((run) => of(run) ?? []))];
}

function kindOf({ plain, probed }: Outcomes, allowed: boolean): Kind | undefined {
  if (plain.length === 1 && probed.length === 1 && plain[0] === probed[0]) return undefined;
  if (probed.some((outcome) => plain.includes(outcome))) return plain.length > 1 ? 'flaky' : 'unsteady';
  return allowed ? 'allowed' : 'different';
}

/** The difference of a test's outcomes, in a list of none or one. */
export function differenceOf<Allowed extends Reasoned>(
  id: string,
  { plain, probed }: Outcomes,
  allowed: Allowed | undefined,
  text: string,
): readonly Difference<Allowed>[] {
  const kind = kindOf({ plain, probed }, allowed !== undefined);
  return kind === undefined ? [] : [{ id, kind, plain, probed, text, allowed }];
}

/** The first traceback or reason that some run has of a test. */
export function textOf(
  runs: readonly { readonly texts: Readonly<Record<string, string>> }[],
  id: string,
): string {
  return runs.map(({ texts }) => texts[id] ?? '').find((text) => text !== '') ?? '';
}

/** How many of a run's tests were run and how many skipped themselves. */
export function countRun(outcomes: Readonly<Record<string, string>>): { run: number; skipped: number } {
  const all = Object.values(outcomes);
  const skipped = all.filter((outcome) => outcome === 'skipped').length;
  return { run: all.length - skipped, skipped };
}

/** Whether another run could tell more. */
export function isOpen({ differences }: Pick<Comparison<Reasoned>, 'differences'>): boolean {
  return differences.some(({ kind }) => kind === 'different' || kind === 'unsteady');
}

/** A difference for the console, with so many lines of its text where no list has a reason. */
export function describeDifference(
  { id, kind, plain, probed, text, allowed }: Difference<Reasoned>,
  lines: number,
): string {
  const first = `  ${kind.toUpperCase()} ${id}: ${plain.join(', ')} -> ${probed.join(', ')}`;
  if (allowed !== undefined) return `${first} (${allowed.reason})`;
  if (lines === 0 || text === '') return first;
  const tail = text.trimEnd().split('\n').slice(-lines).join('\n');
  return `${first}\n${tail.replace(/^/gm, '      ')}`;
}
