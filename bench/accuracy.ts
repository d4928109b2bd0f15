/**
 * accuracy: what the profile says of operations of known duration, beside the truth. The truth is measured from
 * outside, without probes, by Python's own clock: a loop with the operation less the same loop without it. The forms
 * take turns in one process, so that a drift of the CPU hits all; medians of rounds.
 *
 *   npx tsx bench/accuracy.ts [--python 3.12] [--rounds 40] [--json]
 *
 * Status 1 when a median is off by more than 5 % and more than 10 ns.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPyc, writePyc } from '../src/marshal/index.ts';
import { selectOpcodes } from '../src/opcodes/selection.ts';
import type { Profile, SiteStats } from '../src/profile/profile.ts';
import { readProfile } from '../src/profile/reader.ts';
import { instrument } from '../src/rewrite/instrument.ts';
import { buildRuntime } from '../src/runtime/build.ts';
import { COMPILE_FLAGS, findCompilers } from '../src/runtime/compiler.ts';
import { PYTHONS, type Python, runPython } from '../test/support/pythons.ts';
import { CASES, type Case, identifier, moduleText } from './accuracy/cases.ts';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '40' },
    json: { type: 'boolean' },
  },
});
const here = fileURLToPath(new URL('accuracy/', import.meta.url));
const runtime = buildRuntime({ log: console.error });
if (runtime.kind !== 'native') throw new Error('the recorder could not be compiled: nothing to measure');

/** A case on one version, nanoseconds per execution. */
interface Row {
  readonly name: string;
  readonly inside: number;
  readonly trueNs: number;
  readonly p50Ns: number;
  readonly meanNs: number;
  /** Part of the operation itself, without what is measured inside; null where nothing is. */
  readonly ownNs: { readonly trueNs: number; readonly measuredNs: number } | null;
  /** What the probes added to the loop, for each pair. */
  readonly pairNs: number;
}

function compileSpin(folder: string): void {
  const [compiler] = findCompilers(process.env);
  const [program, ...first] = compiler.command;
  const files = [join(here, 'spin.c'), fileURLToPath(new URL('../native/clock.c', import.meta.url))];
  const args = [...first, ...COMPILE_FLAGS, ...files, '-o', join(folder, 'accuracy_spin.abi3.so')];
  const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} failed: ${stderr}`);
}

const moduleOf = (one: Case): string => `cases_${identifier(one.select)}`;

/** The modules as .pyc files, with probes in the functions that are named so. */
function writeModules(python: Python, folder: string): void {
  for (const select of new Set(CASES.map((one) => one.select))) {
    const cases = CASES.filter((one) => one.select === select);
    const path = join(folder, `${moduleOf(cases[0])}.py`);
    writeFileSync(path, moduleText(cases));
    const script =
      'import sys, py_compile; py_compile.compile(sys.argv[1], cfile=sys.argv[1] + "c", doraise=True)';
    runPython(python, ['-c', script, path]);
    rmSync(path);
    const pyc = readPyc(readFileSync(`${path}c`));
    const functions = (name: string): boolean => name.endsWith('_probed');
    const { pyc: probed } = instrument(pyc, { select: selectOpcodes(select, pyc.version), functions });
    writeFileSync(`${path}c`, writePyc(probed));
  }
}

type Truth = readonly [trueNs: number, ownNs: number | null, probedNs: number];

function run(python: Python): { profile: Profile; truths: Readonly<Record<string, Truth>> } {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-bench-'));
  try {
    compileSpin(folder);
    writeModules(python, folder);
    const cases = CASES.map((one) => [
      moduleOf(one),
      `case_${identifier(one.name)}`,
      one.operand,
      one.ns,
      one.unrolled,
      one.executions / one.unrolled,
    ]);
    writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases));
    const out = join(folder, 'out');
    mkdirSync(out);
    const env = { PYTHONPATH: runtime.folder, PYREWRITE_OUT: out };
    const truths = JSON.parse(runPython(python, [join(here, 'driver.py'), folder, options.rounds], { env }));
    const [file] = readdirSync(out);
    return { profile: readProfile(readFileSync(join(out, file))), truths };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The unrolled statements are several sites: each has its own median. */
function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
}

function sum(sites: readonly SiteStats[], of: (site: SiteStats) => number): number {
  return sites.reduce((total, site) => total + of(site), 0);
}

function rowOf(one: Case, profile: Profile, [trueNs, own, probedNs]: Truth): Row {
  const name = `case_${identifier(one.name)}_probed`;
  const sites = profile.sites.filter((site) => site.function === name && site.count > 0);
  if (sites.length === 0) throw new Error(`${one.name}: nothing was recorded`);
  const count = sum(sites, (site) => site.count);
  const inside = one.inside?.count ?? 0;
  const measuredNs = sum(sites, (site) => site.selfNs) / count;
  return {
    name: one.name,
    inside,
    trueNs,
    p50Ns: median(sites.map((site) => site.p50Ns ?? Number.NaN)),
    meanNs: sum(sites, (site) => site.totalNs) / count,
    ownNs: own === null ? null : { trueNs: own, measuredNs },
    pairNs: (probedNs - trueNs) / (1 + inside),
  };
}

const isWrong = (row: Row): boolean => Math.abs(row.p50Ns - row.trueNs) > Math.max(10, 0.05 * row.trueNs);

function tableLine(row: Row, floorNs: number): string {
  const error = row.p50Ns - row.trueNs;
  const shown = row.p50Ns > floorNs ? row.p50Ns.toFixed(1) : `≤ ${floorNs.toFixed(1)}`;
  const cells = [
    row.trueNs.toFixed(1),
    shown,
    error.toFixed(1),
    `${((100 * error) / row.trueNs).toFixed(1)}%`,
    row.meanNs.toFixed(1),
    row.pairNs.toFixed(1),
    row.ownNs === null ? '' : `${row.ownNs.trueNs.toFixed(0)} ${row.ownNs.measuredNs.toFixed(0)}`,
  ];
  const widths = [13, 13, 9, 9, 13, 9, 12];
  return `${row.name.padEnd(26)}${cells.map((cell, k) => cell.padStart(widths[k])).join('')}${isWrong(row) ? '  WRONG' : ''}`;
}

let wrong = 0;
const results: Record<string, { probe: Profile['probe']; rows: readonly Row[] }> = {};
for (const python of PYTHONS.filter(({ debug, name }) => !debug && name === (options.python ?? name))) {
  const { profile, truths } = run(python);
  const rows = CASES.map((one) => rowOf(one, profile, truths[`case_${identifier(one.name)}`]));
  wrong += rows.filter(isWrong).length;
  results[python.label] = { probe: profile.probe, rows };
  if (options.json) continue;
  const { pairNs, spreadNs, floorNs, innerNs } = profile.probe;
  console.log(
    `\nPython ${python.label}: pair ${pairNs.toFixed(1)} ± ${spreadNs.toFixed(1)}, inner ${innerNs.toFixed(1)}, floor ${floorNs.toFixed(1)} ns`,
  );
  console.log(`${''.padEnd(26)}         true          p50    error              mean     pair    own`);
  for (const row of rows) console.log(tableLine(row, floorNs));
}
if (options.json) console.log(JSON.stringify(results, null, 1));
process.exit(wrong === 0 ? 0 : 1);
