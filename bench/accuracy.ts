/**
 * accuracy: what the profile says of operations of known duration, beside the truth. The truth is measured from
 * outside, without probes, in CPU time: a loop with the operation less the same loop without it. The forms take turns in
 * one process, so that a drift of the CPU hits all; medians of rounds. The loop is there twice: what its two copies
 * differ by is how well the truth itself is known.
 *
 *   npx tsx bench/accuracy.ts [--python 3.12] [--rounds 40] [--json | --markdown]
 *
 * Status 1 when a median is off by more than 5 %, more than 10 ns, and more than 6 ns for each measured operation inside,
 * from all that may be true.
 */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../src/diff/statistics.ts';
import type { Profile, SiteStats } from '../src/profile/profile.ts';
import { buildRuntime } from '../src/runtime/build.ts';
import { COMPILE_FLAGS, findCompilers } from '../src/runtime/compiler.ts';
import { PYTHONS, type Python } from '../test/support/pythons.ts';
import { CASES, type Case, identifier, moduleText } from './accuracy/cases.ts';
import { recordRun, writeProbed } from './support/record.ts';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '40' },
    json: { type: 'boolean' },
    markdown: { type: 'boolean' },
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
  /** Half of what two copies of the loop differ by. */
  readonly unsureNs: number;
  readonly p50Ns: number;
  /** Part of the operation itself, without what is measured inside; null where nothing is. */
  readonly ownNs: { readonly trueNs: number; readonly measuredNs: number } | null;
  /** What the probes added to the loop, for each pair. */
  readonly pairNs: number;
}

/** All cases on one version, and what the calibration found. */
interface Result {
  readonly probe: Profile['probe'];
  readonly rows: readonly Row[];
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
  const functions = (name: string): boolean => name.endsWith('_probed');
  for (const select of new Set(CASES.map((one) => one.select))) {
    const cases = CASES.filter((one) => one.select === select);
    writeProbed(python, folder, moduleOf(cases[0]), moduleText(cases), { opcodes: select, functions });
  }
}

type Truth = readonly [plainNs: number, againNs: number, ownNs: number | null, probedNs: number];

function writeCases(folder: string): void {
  const cases = CASES.map((one) => [
    moduleOf(one),
    `case_${identifier(one.name)}`,
    one.operand,
    one.ns,
    one.unrolled,
    one.executions / one.unrolled,
  ]);
  writeFileSync(join(folder, 'cases.json'), JSON.stringify(cases));
}

function run(python: Python) {
  return recordRun<Readonly<Record<string, Truth>>>(
    python,
    runtime,
    (folder) => {
      compileSpin(folder);
      writeModules(python, folder);
      writeCases(folder);
    },
    (folder) => [join(here, 'driver.py'), folder, options.rounds],
  );
}

function sum(sites: readonly SiteStats[], of: (site: SiteStats) => number): number {
  return sites.reduce((total, site) => total + of(site), 0);
}

function rowOf(one: Case, profile: Profile, [plain, again, own, probedNs]: Truth): Row {
  const name = `case_${identifier(one.name)}_probed`;
  const sites = profile.sites.filter((site) => site.function === name && site.count > 0);
  if (sites.length === 0) throw new Error(`${one.name}: nothing was recorded`);
  const trueNs = (plain + again) / 2;
  const count = sum(sites, (site) => site.count);
  const inside = one.inside?.count ?? 0;
  const measuredNs = sum(sites, (site) => site.selfNs) / count;
  return {
    name: one.name,
    inside,
    trueNs,
    unsureNs: Math.abs(plain - again) / 2,
    p50Ns: median(sites.map((site) => site.p50Ns ?? Number.NaN)),
    ownNs: own === null ? null : { trueNs: own, measuredNs },
    pairNs: (probedNs - trueNs) / (1 + inside),
  };
}

function isWrong({ p50Ns, trueNs, unsureNs, inside }: Row): boolean {
  return !(Math.abs(p50Ns - trueNs) - unsureNs <= Math.max(10, 0.05 * trueNs, 6 * inside));
}

function shown(row: Row, floorNs: number): string {
  return row.p50Ns > floorNs ? digits(row.p50Ns) : `≤ ${digits(floorNs)}`;
}

/** Tenths where the clock may know them. */
function digits(ns: number): string {
  return ns < 99.95 ? ns.toFixed(1) : ns.toFixed(0).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

function tableLine(row: Row, floorNs: number): string {
  const error = row.p50Ns - row.trueNs;
  const own = row.ownNs === null ? '' : `${digits(row.ownNs.trueNs)} / ${digits(row.ownNs.measuredNs)}`;
  const percent = row.trueNs < 20 ? '' : `${((100 * error) / row.trueNs).toFixed(1)}%`;
  const cells = [
    `${digits(row.trueNs)} ± ${digits(row.unsureNs)}`,
    shown(row, floorNs),
    error.toFixed(1),
    percent,
    row.pairNs.toFixed(1),
    own,
  ];
  const widths = [20, 13, 10, 8, 8, 16];
  const line = row.name.padEnd(26) + cells.map((cell, k) => cell.padStart(widths[k])).join('');
  return isWrong(row) ? `${line}  WRONG` : line;
}

function printTable(python: string, { probe, rows }: Result): void {
  const figures = [
    `pair ${digits(probe.pairNs)} ± ${digits(probe.spreadNs)}`,
    `inner ${digits(probe.innerNs)}`,
    `floor ${digits(probe.floorNs)} ns`,
  ];
  console.log(`\nPython ${python}: ${figures.join(', ')}`);
  console.log(
    `${''.padEnd(26)}                true          p50     error               pair      own: true / measured`,
  );
  for (const row of rows) console.log(tableLine(row, probe.floorNs));
}

/** Of all versions: true → measured. */
function printMarkdown(all: ReadonlyMap<string, Result>): void {
  const line = (cells: readonly string[]): void => console.log(`| ${cells.join(' | ')} |`);
  const results = [...all.values()];
  line(['', ...all.keys()]);
  line(['---', ...results.map(() => '--:')]);
  line(['pair', ...results.map(({ probe }) => `${digits(probe.pairNs)} ± ${digits(probe.spreadNs)}`)]);
  line(['inner', ...results.map(({ probe }) => digits(probe.innerNs))]);
  line(['floor', ...results.map(({ probe }) => digits(probe.floorNs))]);
  CASES.forEach(({ name }, k) => {
    const cell = ({ rows, probe }: Result): string =>
      `${digits(rows[k].trueNs)} → ${shown(rows[k], probe.floorNs)}${isWrong(rows[k]) ? ' (!)' : ''}`;
    line([name, ...results.map(cell)]);
  });
}

const results = new Map<string, Result>();
for (const python of PYTHONS.filter(({ debug, name }) => !debug && name === (options.python ?? name))) {
  const { profile, printed: truths } = run(python);
  const rows = CASES.map((one) => rowOf(one, profile, truths[`case_${identifier(one.name)}`]));
  const result = { probe: profile.probe, rows };
  results.set(python.label, result);
  if (!options.json && !options.markdown) printTable(python.label, result);
}
if (options.json) console.log(JSON.stringify(Object.fromEntries(results), null, 1));
if (options.markdown) printMarkdown(results);
process.exit([...results.values()].some(({ rows }) => rows.some(isWrong)) ? 1 : 0);
