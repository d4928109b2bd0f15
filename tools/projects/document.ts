/** Writes docs/reference/projects.md from the results that are kept. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { KINDS, type Kind } from '../compare/difference.ts';
import { row } from '../compare/markdown.ts';
import { ALLOWED } from './allowed.ts';
import { type Comparison, compareRuns, emptiness } from './compare.ts';
import { PROJECTS } from './projects.ts';
import { type ProjectResult, readResult } from './results.ts';
import type { Project } from './types.ts';

const DOCUMENT = fileURLToPath(new URL('../../docs/reference/projects.md', import.meta.url));
const LABELS = ['3.8', '3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15'];

/** A project on one interpreter. */
interface Entry {
  readonly project: Project;
  readonly label: string;
  readonly result: ProjectResult;
  readonly comparison: Comparison;
}

function entries(work: string): readonly Entry[] {
  return PROJECTS.flatMap((project) =>
    LABELS.flatMap((label) => {
      const result = readResult(work, label, project.name);
      if (result === undefined || result.version !== project.version) return [];
      const comparison = compareRuns(project, label, result);
      const empty = emptiness(result, comparison);
      if (empty !== undefined) throw new Error(`${project.name} on ${label}: ${empty}`);
      return [{ project, label, result, comparison }];
    }),
  );
}

function count({ comparison }: Entry, kind: Kind): number {
  return comparison.differences.filter((difference) => difference.kind === kind).length;
}

function same(entry: Entry): number {
  return KINDS.reduce((rest, kind) => rest - count(entry, kind), entry.comparison.run);
}

/** Tests that end badly in the first plain run. */
function failing({ result }: Entry): number {
  const outcomes = Object.values(result.plain[0]?.outcomes ?? {});
  return outcomes.filter((outcome) => /failed|error/.test(outcome)).length;
}

function spansLost({ result }: Entry): number {
  return result.probed[0]?.executed?.lost['spans'] ?? 0;
}

function mainTable(all: readonly Entry[]): string {
  const rows = all.map((entry) => {
    const { project, result, comparison } = entry;
    const executed = result.probed[0]?.executed;
    return row([
      project.name,
      project.version,
      result.python,
      comparison.run,
      same(entry),
      ...KINDS.map((kind) => count(entry, kind)),
      executed?.sites.package ?? 0,
      executed?.sites.tests ?? 0,
      executed?.sites.others ?? 0,
      ((executed?.operations ?? 0) / 1e6).toFixed(1),
      spansLost(entry),
    ]);
  });
  return [
    '| Project | Version | CPython | Tests | Same | Allowed | Flaky | Unsteady | Different | Package | Tests’ own | pytest and others | Executed, millions | Spans lost |',
    `|---|---|---|${'--:|'.repeat(11)}`,
    ...rows,
  ].join('\n');
}

function allowedTable(all: readonly Entry[]): string {
  const rows = ALLOWED.map((allowed) => {
    const hits = all.filter(({ comparison }) =>
      comparison.differences.some(
        (difference) => difference.allowed === allowed && difference.kind === 'allowed',
      ),
    );
    const tests = allowed.tests
      .trim()
      .split(/\s+/)
      .map((id) => `\`${id}\``)
      .join('<br>');
    const labels = hits.map(({ label }) => label).join(' ') || 'none';
    return row([allowed.project, tests, allowed.reason, labels]);
  });
  return ['| Project | Tests | Reason | Seen on |', '|---|---|---|---|', ...rows].join('\n');
}

function deselectedTable(all: readonly Entry[]): string {
  const projects = PROJECTS.filter((project) => all.some((entry) => entry.project === project));
  const rows = projects.flatMap(({ name, deselected = [] }) =>
    deselected.map(({ tests, reason }) =>
      row([
        name,
        tests
          .trim()
          .split(/\s+/)
          .map((id) => `\`${id}\``)
          .join('<br>'),
        reason,
      ]),
    ),
  );
  if (rows.length === 0) return 'None.';
  return ['| Project | Tests | Reason |', '|---|---|---|', ...rows].join('\n');
}

function selections(all: readonly Entry[]): string {
  const projects = PROJECTS.filter((project) => all.some((entry) => entry.project === project));
  const rows = projects.map((project) => {
    const fixed = project.arguments.filter((argument) => argument !== '--pyargs').map((one) => `\`${one}\``);
    return row([
      project.name,
      project.tests === 'sdist' ? 'source distribution' : 'installed package',
      fixed.join(' '),
    ]);
  });
  return ['| Project | Tests from | Selected |', '|---|---|---|', ...rows].join('\n');
}

function list(all: readonly Entry[], kind: Kind): string {
  const lines = all.flatMap(({ project, label, comparison }) =>
    comparison.differences
      .filter((difference) => difference.kind === kind)
      .map(
        ({ id, plain, probed }) =>
          `- ${project.name}, ${label}: \`${id}\`: ${plain.join(', ')} → ${probed.join(', ')}`,
      ),
  );
  return lines.join('\n') || 'None.';
}

/** @throws Error if a result checks nothing */
export function writeDocument(work: string): void {
  const all = entries(work);
  const projects = new Set(all.map(({ project }) => project.distribution ?? project.name)).size;
  const sum = (of: (entry: Entry) => number): string =>
    all.reduce((total, entry) => total + of(entry), 0).toLocaleString('en');
  const dates = [...new Set(all.map(({ result }) => result.date))].sort();
  const text = `# Other people's projects

${projects} projects of the Python package index, their own tests run twice: as they are, and with \`--opcodes all\` in the
project, its tests, pytest, and every other Python file that is installed with them. ${sum(({ comparison }) => comparison.run)} tests on several versions
of CPython: ${sum(same)} end the same way (${sum(failing)} of them fail in both), ${sum((entry) => count(entry, 'allowed'))} assert what a rewriter has to change, ${sum((entry) => count(entry, 'different'))} differ otherwise.

Written by the runner, from runs of ${[...new Set([dates[0], dates.at(-1)])].join(' to ')}. It needs a package index; results are kept, and a
project is not run again when the rewriter changes, except for \`--again\`:

\`\`\`console
npx tsx tools/projects/main.ts --write
\`\`\`

${mainTable(all)}

- **Tests**: run as they are; those that skip themselves are not counted.
- **Same**: the same outcome in both, be it a failure.
- **Allowed**: the test asserts what a rewriter has to change; the list is below.
- **Flaky**: told apart by running the project three times; the runs without probes differ among themselves.
- **Unsteady**: the runs with probes differ among themselves, at least one ended as those without.
- **Different**: no run ended as without probes.
- **Package**, **Tests' own**, **pytest and others**: operations at their places whose counter is above zero after the first
  run with probes. A project whose package or tests show none counts as failed.
- **Executed**: the sum of these counters, in all processes of the run.
- **Spans lost**: operations that began and whose end was never seen, as the report counts them.

Tests run with \`--assert=plain\`, because pytest's rewriting of assertions compiles the tests' files itself; with it they
would have no probes.

## Allowed differences

${allowedTable(all)}

## Different

${list(all, 'different')}

## Unsteady

${list(all, 'unsteady')}

## Flaky

${list(all, 'flaky')}

## What is run

${selections(all)}

## Not run

${deselectedTable(all)}
`;
  writeFileSync(DOCUMENT, text);
}
