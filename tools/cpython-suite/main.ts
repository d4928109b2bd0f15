/**
 * Runs CPython's own test suite twice, as it is and with probes everywhere, and compares every test method.
 *
 *   npx tsx tools/cpython-suite/main.ts [--python 3.12 ...] [module ... | --modules telling|quick|representative|short|all|none]
 *     [--opcodes all] [--seconds 120] [--rounds 2] [--again] [--probe] [--show] [--match PATTERN ...]
 *     [--work FOLDER] [--write]
 *
 * Results are kept in the work folder, one line per run; a module is run again only for --again, or up to --rounds
 * times where it differs, to tell flaky tests apart. --probe makes the trees with probes anew. --match runs some
 * methods and keeps nothing. --write then writes docs/reference/cpython-suite.md from all that is kept; with --modules
 * none, nothing is run before.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findPython, PYTHONS, type Python } from '../../test/support/pythons.ts';
import { describeDifference, isOpen } from '../compare/difference.ts';
import { type Comparison, compareRuns } from './compare.ts';
import { writeDocument } from './document.ts';
import { LEFT_OUT, LONG, REPRESENTATIVE, TELLING } from './modules.ts';
import { type ModuleResult, Results } from './results.ts';
import { runModule } from './run-module.ts';
import { compileTree, copyInterpreter, probedTree, probeTree, type Tree, testModules } from './trees.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/pyrewrite/cpython-suite', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string', multiple: true, default: PYTHONS.map(({ label }) => label) },
    modules: { type: 'string', default: 'representative' },
    opcodes: { type: 'string', default: 'all' },
    seconds: { type: 'string', default: '120' },
    rounds: { type: 'string', default: '2' },
    again: { type: 'boolean', default: false },
    probe: { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
    lines: { type: 'string', default: '6' },
    match: { type: 'string', multiple: true, default: [] },
    work: { type: 'string', default: CACHE },
    write: { type: 'boolean', default: false },
  },
});
const SECONDS = Number(values.seconds);

/** The two trees of an interpreter and what their runs gave. */
interface Suite {
  readonly python: Python;
  readonly plain: { readonly tree: Tree; readonly results: Results };
  readonly probed: { readonly tree: Tree; readonly results: Results };
}

function prepare(label: string): Suite {
  const python = findPython(label);
  if (python === undefined) throw new Error(`Python ${label} not found`);
  const plain = copyInterpreter(python, values.work);
  const compiled = join(values.work, label, 'compiled');
  if (!existsSync(compiled)) compileTree(plain);
  writeFileSync(compiled, '');
  let probed = values.probe ? undefined : probedTree(python, values.work);
  if (probed === undefined) {
    const { tree, report } = probeTree(python, values.work, values.opcodes);
    console.log(`${label}: ${report.files} files, ${report.sites} sites, ${report.skipped} not timed`);
    probed = tree;
  }
  return {
    python,
    plain: { tree: plain, results: new Results(values.work, python, 'plain') },
    probed: { tree: probed, results: new Results(values.work, python, 'probed') },
  };
}

function selectModules(tree: Tree): readonly string[] {
  if (positionals.length > 0) return positionals;
  const all = testModules(tree).filter((module) => !LEFT_OUT.has(module));
  const others = all.filter((module) => !LONG.includes(module));
  const selections = {
    telling: TELLING,
    quick: REPRESENTATIVE,
    representative: [...REPRESENTATIVE, ...LONG],
    short: [...REPRESENTATIVE, ...others],
    all: [...REPRESENTATIVE, ...others, ...LONG],
  };
  const selected = Object.entries(selections).find(([name]) => name === values.modules)?.[1];
  if (selected === undefined) throw new Error(`no such --modules: ${values.modules}`);
  return selected.filter(isFirst).filter(includedIn(all));
}

function isFirst(item: string, index: number, list: readonly string[]): boolean {
  return list.indexOf(item) === index;
}

function includedIn(list: readonly string[]): (item: string) => boolean {
  return (item) => list.includes(item);
}

/** How long a module may take with probes. */
function limitOf(plain: ModuleResult): number {
  return Math.min(SECONDS * 3, plain.seconds * 5 + 60);
}

/** Runs a module once in each tree if it has no results; undefined if it takes too long as it is. */
async function compareModule(
  { python, plain, probed }: Suite,
  module: string,
): Promise<Comparison | undefined> {
  if (values.again) for (const { results } of [plain, probed]) results.forget(module);
  const [first] = plain.results.of(module);
  const known = first ?? (await runModule(plain.tree, module, { seconds: SECONDS }));
  if (first === undefined) plain.results.add(module, known);
  if (known.status === 'timeout') return undefined;
  if (probed.results.of(module).length === 0)
    probed.results.add(module, await runModule(probed.tree, module, { seconds: limitOf(known) }));
  const compare = (): Comparison =>
    compareRuns(python, module, plain.results.of(module), probed.results.of(module));
  let comparison = compare();
  while (plain.results.of(module).length <= Number(values.rounds) && isOpen(comparison)) {
    const match = isLong(known, probed.results.of(module)[0]) ? methodsOf(comparison) : [];
    plain.results.add(module, await runModule(plain.tree, module, { seconds: SECONDS, match }));
    probed.results.add(module, await runModule(probed.tree, module, { seconds: limitOf(known), match }));
    comparison = compare();
  }
  return comparison;
}

function isLong(plain: ModuleResult, probed: ModuleResult | undefined): boolean {
  return plain.seconds + (probed?.seconds ?? 0) > 40;
}

/** Names of the methods to look at again. */
function methodsOf({ differences }: Comparison): readonly string[] {
  return differences.flatMap(({ id, kind }) =>
    kind !== 'allowed' && /\.test\w+$/.test(id) ? (id.split('.').at(-1) ?? []) : [],
  );
}

async function tryMethods({ plain, probed }: Suite, module: string): Promise<void> {
  for (const { tree } of [plain, probed]) {
    const { output, methods, texts } = await runModule(tree, module, {
      seconds: SECONDS,
      match: values.match,
    });
    console.log(tree.variant, methods, Object.values(texts).join('\n'), output);
  }
}

async function runSuite(label: string): Promise<boolean> {
  const suite = prepare(label);
  const counts = { different: 0, unsteady: 0, flaky: 0, allowed: 0 };
  let methods = 0;
  for (const module of selectModules(suite.plain.tree)) {
    if (values.match.length > 0) {
      await tryMethods(suite, module);
      continue;
    }
    const comparison = await compareModule(suite, module);
    if (comparison === undefined) {
      console.log(`${label} ${module}: takes more than ${SECONDS} s as it is`);
      continue;
    }
    methods += comparison.run;
    for (const { kind } of comparison.differences) counts[kind]++;
    const runs = [suite.plain, suite.probed].map(({ results }) => results.of(module));
    const times = runs.map(([run]) => `${run?.status}, ${run?.seconds.toFixed(1)} s`).join('; ');
    console.log(`${label} ${module}: ${comparison.run} methods; ${times}; ${runs[1]?.[0]?.probes} probes`);
    for (const difference of comparison.differences)
      if (difference.kind !== 'allowed' || values.show)
        console.log(describeDifference(difference, values.show ? Number(values.lines) : 0));
  }
  console.log(`${label}: ${methods} methods compared, ${JSON.stringify(counts)}`);
  return counts.different === 0 && methods > 0;
}

let good = true;
if (values.modules !== 'none') for (const label of values.python) good = (await runSuite(label)) && good;
if (values.write) writeDocument(values.work);
process.exitCode = good ? 0 : 1;
