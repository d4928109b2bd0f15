/** Writes docs/reference/cpython-suite.md from the results that are committed, and from nothing else. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ALLOWED, type Allowed } from './allowed.ts';
import { GATES, SAMPLED } from './store.ts';
import { linesOf, type Summary, summaries } from './summary.ts';
import {
  allowedTable,
  failingModules,
  leftOut,
  list,
  longList,
  NONE,
  rewriters,
  totalsTable,
  unneededEntries,
} from './tables.ts';

export const DOCUMENT: string = fileURLToPath(
  new URL('../../docs/reference/cpython-suite.md', import.meta.url),
);

/** The reasons, for the test that compares them with the document. */
export function allowedReasons(): readonly string[] {
  return ALLOWED.map(({ reason }) => reason);
}

/**
 * The document's text.
 * @param folder of the committed results
 * @param sampled folder of those of sampled code, which there may be none of
 * @throws Error if there are none of the first
 */
export function renderDocument(folder: string, sampled: string = SAMPLED): string {
  const all = summaries(folder);
  if (all.length === 0) throw new Error(`no results in ${folder}`);
  const gates = GATES.map((gate) => [gate, summaries(join(sampled, gate))] as const);
  return render(all) + renderSampled(gates.filter(([, found]) => found.length > 0));
}

/** Writes the document; gives the entries of the list of what is allowed that no result needs. */
export function writeDocument(folder: string): { readonly unneeded: readonly Allowed[] } {
  writeFileSync(DOCUMENT, renderDocument(folder));
  return { unneeded: unneededEntries(summaries(folder)) };
}

function render(all: readonly Summary[]): string {
  const lines = linesOf(all);
  const dates = lines.map(({ date }) => date).sort();
  return `# CPython’s own test suite

Each module of CPython’s own tests is run in two copies of one interpreter: as it is, and with probes on every operation
of the whole standard library and of the tests themselves (\`--opcodes all\`). Each test method must end the same way in
both. The harness runs them and writes this page:

\`\`\`console
npx tsx tools/cpython-suite/main.ts --modules all --write
\`\`\`

Results of ${[...new Set([dates[0], dates.at(-1)])].join(' to ')}. The rewriter, by the last commit that changed \`src\` or \`native\`:
${rewriters(lines)}.

Each module has a line in \`tools/cpython-suite/results\`, and this page is written from these lines alone, so that a run that
was stopped goes on where it was, on another machine, too, and the page shows what there is so far. A module is not run again
when the rewriter changes, except for \`--stale\` or \`--again\`. A part of the comparison runs with the other tests, always
anew: \`test/laws/cpython-suite.test.ts\`.

${totalsTable(all)}

- **Same**: the same outcome in both, be it a failure.
- **Allowed**: the test asserts what a rewriter has to change; the list is below.
- **Flaky**: told apart by running the module three times; the runs without probes differ among themselves.
- **Unsteady**: the runs with probes differ among themselves, at least one ended as those without.
- **Different**: none of three runs ended as without probes.

A method counts once per class that inherits it. A module that counts methods of its own (doctests) or crashes is compared by
its status: where that differs, it counts as one more method of its column, and is one more line in the lists below.

## Allowed differences

${allowedTable(all)}

## Different

${list(all, 'different')}

## Unsteady

${list(all, 'unsteady')}

## Flaky

${list(all, 'flaky')}

## Left out

No test that asks for a network, a display, a sound device, gigabytes of memory or disk, or much time is run (the
resources of \`regrtest -u\`). Whole modules:

${leftOut()}

These took too long or hung without probes, and were not run with them; how many of their methods had ended when they were
stopped:

${longList(all)}

These fail without probes where they were run, and are compared nevertheless: ${failingModules(all)}.
`;
}

/** The section about code with two bodies, if there are results of such code. */
function renderSampled(gates: readonly (readonly [gate: string, all: readonly Summary[]])[]): string {
  if (gates.length === 0) return '';
  return `
## Sampled code

The same with \`--sample\`, which gives each function two bodies, and gates between them that always lead to the one with probes
(\`open\`), never (\`shut\`), toss a coin (\`random\`), or wait for windows, which begin ten times as often as by default (\`windows\`). \`telling\` modules are those that see most of what two bodies could disturb:

\`\`\`console
npx tsx tools/cpython-suite/main.ts --sample --gate random --modules telling --write
\`\`\`

Why tests may end otherwise: [What is visible](../explanation/what-is-visible.md#sampled-code). The rewriter:
${rewriters(gates.flatMap(([, all]) => linesOf(all)))}.
${gates.map(renderGate).join('')}`;
}

function renderGate([gate, all]: readonly [gate: string, all: readonly Summary[]]): string {
  const kinds = (['different', 'unsteady', 'flaky'] as const).filter((kind) => list(all, kind) !== NONE);
  return `
### Gates: ${gate}

${totalsTable(all)}
${kinds.map((kind) => `\n${kind[0].toUpperCase()}${kind.slice(1)}:\n\n${list(all, kind)}\n`).join('')}`;
}
