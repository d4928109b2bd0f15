/** Writes docs/reference/cpython-suite.md from the results that are kept. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PYTHONS, type Python } from '../../test/support/pythons.ts';
import { KINDS, type Kind } from '../compare/difference.ts';
import { row } from '../compare/markdown.ts';
import { ALLOWED, type Allowed } from './allowed.ts';
import { compareRuns, type Difference } from './compare.ts';
import { LEFT_OUT } from './modules.ts';
import { Results } from './results.ts';
import { copyInterpreter, testModules } from './trees.ts';

export const DOCUMENT: string = fileURLToPath(
  new URL('../../docs/reference/cpython-suite.md', import.meta.url),
);

/** All that is known of one interpreter. */
interface Summary {
  readonly python: Python;
  /** Modules that were compared. */
  readonly modules: number;
  /** Modules that there are. */
  readonly available: number;
  /** Test methods that were run, and not skipped, as they are. */
  readonly run: number;
  readonly skipped: number;
  readonly differences: readonly (Difference & { readonly module: string })[];
  /** Modules that take too long as they are. */
  readonly long: readonly string[];
  /** Modules that fail as they are; their methods are compared like the others'. */
  readonly failing: readonly string[];
  readonly dates: readonly string[];
}

function summarize(work: string, python: Python): Summary | undefined {
  const plain = new Results(work, python, 'plain');
  const probed = new Results(work, python, 'probed');
  if (probed.modules().length === 0) return undefined;
  const totals = { modules: 0, run: 0, skipped: 0 };
  const differences: (Difference & { module: string })[] = [];
  for (const module of probed.modules()) {
    if (plain.of(module).length === 0) continue;
    const comparison = compareRuns(python, module, plain.of(module), probed.of(module));
    totals.modules++;
    totals.run += comparison.run;
    totals.skipped += comparison.skipped;
    differences.push(...comparison.differences.map((difference) => ({ ...difference, module })));
  }
  const withStatus = (is: (status: string) => boolean): readonly string[] =>
    plain.modules().filter((module) => is(plain.of(module)[0]?.status ?? ''));
  return {
    ...totals,
    available: testModules(copyInterpreter(python, work)).length,
    python,
    differences,
    long: withStatus((status) => status === 'timeout'),
    failing: withStatus((status) => status !== 'timeout' && status !== 'exit 0'),
    dates: [...plain.dates(), ...probed.dates()].sort(),
  };
}

function fullVersion({ path, label }: Python): string {
  const { stdout } = spawnSync(path, ['-V'], { encoding: 'utf8' });
  return `${stdout.trim().split(' ').at(-1)}${label.endsWith('d') ? ' (debug build)' : ''}`;
}

/** Methods of one kind; a module's own status is none. */
function count(summary: Summary, kind: Kind): number {
  return summary.differences.filter((difference) => difference.kind === kind).length;
}

function totalsTable(summaries: readonly Summary[]): string {
  const rows = summaries.map((summary) => {
    const counts = KINDS.map((kind) => count(summary, kind));
    const same = summary.run - counts.reduce((sum, one) => sum + one, 0);
    const { python, modules, available, run, skipped } = summary;
    return row([fullVersion(python), `${modules} of ${available}`, run, same, ...counts, skipped]);
  });
  const total = (of: (summary: Summary) => number): number =>
    summaries.reduce((sum, summary) => sum + of(summary), 0);
  const sums = KINDS.map((kind) => total((summary) => count(summary, kind)));
  const run = total((summary) => summary.run);
  const last = [run, run - sums.reduce((sum, one) => sum + one, 0), ...sums, total(({ skipped }) => skipped)];
  return [
    '| CPython | Modules | Methods run | Same | Allowed | Flaky | Unsteady | Different | Skipped by themselves |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...rows,
    row(['all', total(({ modules }) => modules), ...last]),
  ].join('\n');
}

function labels(summaries: readonly Summary[], of: (summary: Summary) => boolean): string {
  return summaries
    .filter(of)
    .map(({ python }) => python.label)
    .join(' ');
}

/** The reasons, for the document and for the test that compares it with the list. */
export function allowedReasons(): readonly string[] {
  return ALLOWED.map(({ reason }) => reason);
}

function allowedTable(summaries: readonly Summary[]): string {
  const hits = (entry: Allowed, { differences }: Summary): number =>
    differences.filter(({ kind, allowed }) => kind === 'allowed' && allowed === entry).length;
  const rows = ALLOWED.map((entry) => {
    const number = summaries.reduce((sum, summary) => sum + hits(entry, summary), 0);
    return row([
      `\`${entry.module}\``,
      number,
      labels(summaries, (summary) => hits(entry, summary) > 0),
      entry.reason,
    ]);
  });
  return [
    '| Module | Methods, all versions | CPython | What its tests want |',
    '|---|--:|---|---|',
    ...rows,
  ].join('\n');
}

function list(summaries: readonly Summary[], kind: Kind): string {
  const versions = new Map<string, string[]>();
  for (const { python, differences } of summaries)
    for (const { id, kind: one, plain, probed } of differences) {
      if (one !== kind) continue;
      const text = `\`${id.replace(/^test\./, '')}\`: ${plain.join(' or ')} → ${probed.join(' or ')}`;
      versions.set(text, [...(versions.get(text) ?? []), python.label]);
    }
  if (versions.size === 0) return 'None.';
  return [...versions].map(([text, where]) => `- ${text} (${where.join(' ')})`).join('\n');
}

function modulesBy(
  summaries: readonly Summary[],
  of: (summary: Summary) => readonly string[],
): readonly string[] {
  const modules = [...new Set(summaries.flatMap(of))].sort();
  return modules.map((module) => `\`${module}\` (${labels(summaries, (one) => of(one).includes(module))})`);
}

function leftOut(summaries: readonly Summary[]): string {
  const reasons = [...new Set(LEFT_OUT.values())];
  const rows = reasons.map((reason) => {
    const modules = [...LEFT_OUT].filter(([, one]) => one === reason).map(([module]) => `\`${module}\``);
    return row([reason, modules.join(' ')]);
  });
  const long = modulesBy(summaries, (summary) => summary.long);
  if (long.length > 0) rows.push(row(['took too long or hung as it is', long.join(', ')]));
  return ['| Reason | Modules |', '|---|---|', ...rows].join('\n');
}

/** Writes the document. */
export function writeDocument(work: string): void {
  const summaries = PYTHONS.flatMap((python) => summarize(work, python) ?? []);
  const dates = summaries.flatMap((summary) => summary.dates).sort();
  const failing = modulesBy(summaries, (summary) => summary.failing);
  const text = `# CPython’s own test suite

Each module of CPython’s own tests is run in two copies of one interpreter: as it is, and with probes on every operation
of the whole standard library and of the tests themselves (\`--opcodes all\`). Each test method must end the same way in
both. This page is written by the harness, ${[...new Set([dates[0], dates.at(-1)])].join(' to ')}:

\`\`\`console
npx tsx tools/cpython-suite/main.ts --modules all --write
\`\`\`

Results are kept, one line per run, so that a run that was stopped goes on where it was, and the page shows what there is
so far. A module is not run again when the rewriter changes, except for \`--again\`. A part of the comparison runs with the
other tests, always anew: \`test/laws/cpython-suite.test.ts\`.

${totalsTable(summaries)}

- **Same**: the same outcome in both, be it a failure.
- **Allowed**: the test asserts what a rewriter has to change; the list is below.
- **Flaky**: told apart by running the module three times; the runs without probes differ among themselves.
- **Unsteady**: the runs with probes differ among themselves, at least one ended as those without.
- **Different**: none of three runs ended as without probes.

A method counts once per class that inherits it. A module that counts methods of its own (doctests) or crashes is compared by
its status, which is one more line in the lists below.

## Allowed differences

${allowedTable(summaries)}

## Different

${list(summaries, 'different')}

## Unsteady

${list(summaries, 'unsteady')}

## Flaky

${list(summaries, 'flaky')}

## Left out

No test that asks for a network, a display, a sound device, gigabytes of memory or disk, or much time is run (the
resources of \`regrtest -u\`). Whole modules:

${leftOut(summaries)}

These fail without probes where this was written, and are compared nevertheless: ${failing.join(', ') || 'none'}.
`;
  writeFileSync(DOCUMENT, text);
}
