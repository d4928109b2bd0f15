/**
 * Runs CPython's own test suite twice, as it is and with probes everywhere, and compares every test method.
 *
 *   npx tsx tools/cpython-suite/main.ts [--python 3.12 ...] [module ... | --modules telling|quick|representative|short|all|none]
 *     [--opcodes all] [--types] [--sample [--gate open|shut|random|windows]] [--seconds 120] [--rounds 2] [--again | --stale] [--probe] [--show] [--match PATTERN ...]
 *     [--work FOLDER] [--results FOLDER] [--commit COMMIT] [--write]
 *
 * 3.13t is run where it is asked for by --python; tools/install-free-threaded.sh installs it.
 *
 * Every run is kept in the work folder. What came of a module is a line of a file in the folder `results` beside this
 * file, which is committed. A module that has runs or a line is not run, except for --again, or for --stale if they are
 * of another rewriter; one that differs is run again up to --rounds times, to tell flaky tests apart. The tree with
 * probes is made anew for another commit of the rewriter, or for --probe. --match runs some methods and keeps nothing.
 *
 * --sample puts the probes into second bodies; --gate says which of the two bodies runs. It has a work folder of its own.
 *
 * --write makes lines of all runs in the work folder and writes docs/reference/cpython-suite.md from the lines; with
 * --modules none, nothing is run before. --commit names the rewriter of runs that do not tell it.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { findFreeThreaded, findPython, PYTHONS, type Python } from '../../test/support/pythons.ts';
import { describeDifference } from '../compare/difference.ts';
import { rewriterOf, UNKNOWN } from './commit.ts';
import { compareModule, type ModuleComparison } from './compare-module.ts';
import { writeDocument } from './document.ts';
import { importRuns } from './import-runs.ts';
import { runModule } from './run-module.ts';
import { RESULTS, SAMPLED } from './store.ts';
import { prepare, type Suite, selectModules } from './suite.ts';

const CACHE = fileURLToPath(new URL('../../node_modules/.cache/pyrewrite/cpython-suite', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    python: { type: 'string', multiple: true, default: PYTHONS.map(({ label }) => label) },
    modules: { type: 'string', default: 'representative' },
    opcodes: { type: 'string', default: 'all' },
    types: { type: 'boolean', default: false },
    sample: { type: 'boolean', default: false },
    gate: { type: 'string', default: 'random' },
    seconds: { type: 'string', default: '120' },
    rounds: { type: 'string', default: '2' },
    again: { type: 'boolean', default: false },
    stale: { type: 'boolean', default: false },
    probe: { type: 'boolean', default: false },
    show: { type: 'boolean', default: false },
    lines: { type: 'string', default: '6' },
    match: { type: 'string', multiple: true, default: [] },
    work: { type: 'string' },
    results: { type: 'string' },
    commit: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const work = values.work ?? (values.sample ? `${CACHE}-${values.gate}` : CACHE);
// Both sides' environments stay the same.
if (values.sample) process.env['PYREWRITE_GATE'] = values.gate;
const committed = values.sample ? join(SAMPLED, values.gate) : RESULTS;
const options = {
  ...values,
  work,
  seconds,
  rounds: Number(values.rounds),
  commit: values.commit && rewriterOf(values.commit),
  // The committed ones are of all operations, without a look at operands.
  results: values.results ?? (isCommitted() ? committed : join(work, 'results')),
};

function isCommitted(): boolean {
  return values.opcodes === 'all' && !values.types;
}

function required(label: string): Python {
  const python = label.endsWith('t') ? findFreeThreaded() : findPython(label);
  if (python === undefined) throw new Error(`Python ${label} not found`);
  return python;
}

async function tryMethods({ plain, probed }: Suite, module: string): Promise<void> {
  for (const { tree } of [plain, probed]) {
    const { output, methods, texts } = await runModule(tree, module, { seconds, match: values.match });
    console.log(tree.variant, methods, Object.values(texts).join('\n'), output);
  }
}

function tell(label: string, { line, comparison, kept }: ModuleComparison): void {
  const { module, run, status = 'exit 0', probes, commit } = line;
  const times = line.seconds.map((one) => `${one.toFixed(1)} s`).join(' and ');
  const from = kept ? `; kept, of ${commit}` : '';
  const what = comparison
    ? `${run} methods; ${status}, ${times}; ${probes} probes`
    : `takes more than ${times} as it is`;
  console.log(`${label} ${module}: ${what}${from}`);
  for (const difference of comparison?.differences ?? [])
    if (difference.kind !== 'allowed' || values.show)
      console.log(describeDifference(difference, values.show ? Number(values.lines) : 0));
}

async function runSuite(label: string): Promise<boolean> {
  const suite = prepare(required(label), options);
  const selected = positionals.length > 0 ? positionals : selectModules(suite.plain.tree, values.modules);
  const counts = { different: 0, unsteady: 0, flaky: 0, allowed: 0 };
  let methods = 0;
  for (const module of selected) {
    if (values.match.length > 0) {
      await tryMethods(suite, module);
      continue;
    }
    const result = await compareModule(suite, module, options);
    tell(label, result);
    methods += result.comparison?.run ?? 0;
    for (const { kind } of result.comparison?.differences ?? []) counts[kind]++;
  }
  console.log(`${label}: ${methods} methods compared, ${JSON.stringify(counts)}`);
  return counts.different === 0 && methods > 0;
}

function importAll(): void {
  for (const label of values.python) {
    const imported = importRuns(required(label), options);
    if (imported === undefined) continue;
    const { lines, unfinished, older } = imported;
    console.log(`${label}: ${lines.length} lines from runs`);
    if (older.length > 0) console.log(`  ${older.length} modules have a later line`);
    if (unfinished.length > 0) console.log(`  not finished, no line: ${unfinished.join(' ')}`);
    const unknown = lines.filter(({ commit }) => commit === UNKNOWN).length;
    if (unknown > 0) console.log(`  ${unknown} do not tell the commit of the rewriter; --commit does`);
  }
}

function write(): void {
  if (!isCommitted()) throw new Error('the document is about --opcodes all, without --types');
  importAll();
  const { unneeded } = writeDocument(values.sample ? RESULTS : options.results);
  for (const { module, reason } of unneeded)
    console.log(`no result so far needs what allowed.ts has for ${module}: ${reason}`);
}

let good = true;
if (values.modules !== 'none') for (const label of values.python) good = (await runSuite(label)) && good;
if (values.write) write();
process.exitCode = good ? 0 : 1;
