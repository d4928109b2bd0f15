/**
 * case-study: what the findings of examples/sensors say that each change would save, beside what it does save: user CPU time of
 * the program without probes, before and after, in turn, medians of the differences; and the run with all changes.
 *
 *   npx tsx bench/case-study.ts [--python 3.12] [--rows 200000] [--rounds 7] [--markdown]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Finding } from '../src/findings/finding.ts';
import { findFindings } from '../src/findings/findings.ts';
import { readProfile } from '../src/profile/reader.ts';
import { builtMain } from '../test/cli/built.ts';
import { findPython } from '../test/support/pythons.ts';
import { applyEdits, type Edit, FIXES } from './case-study/fixes.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: '3.12' },
    rows: { type: 'string', default: '200000' },
    rounds: { type: 'string', default: '7' },
    markdown: { type: 'boolean', default: false },
  },
});
const found = findPython(values.python);
if (found === undefined) throw new Error(`Python ${values.python} is not here`);
const python = found.path;
const example = fileURLToPath(new URL('../examples/sensors', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-case-study-'));

const TIMES = `
import os, subprocess, sys
before = os.times().children_user
subprocess.check_call(sys.argv[1:], stdout=subprocess.DEVNULL)
print(os.times().children_user - before)`;

import { median } from '../src/diff/statistics.ts';

/** A copy of the example with these changes. */
function copyWith(name: string, edits: readonly Edit[]): string {
  const copy = join(folder, name);
  cpSync(example, copy, { recursive: true });
  for (const file of new Set(edits.map((edit) => edit.file))) {
    writeFileSync(join(copy, file), applyEdits(file, readFileSync(join(copy, file), 'utf8'), edits));
  }
  return copy;
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', cwd: folder });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** User CPU time of the program in a copy, milliseconds. */
function cpuTime(copy: string): number {
  return Number(run(python, ['-c', TIMES, python, join(copy, 'app.py'), '--csv', csv])) * 1000;
}

interface Result {
  readonly name: string;
  /** Milliseconds, one for each round. */
  readonly saved: readonly number[];
  readonly finding: Finding | undefined;
}

const csv = join(folder, 'rows.csv');

function measure(): { readonly whole: number; readonly results: readonly Result[] } {
  run(python, [join(example, 'generate.py'), values.rows, csv]);
  const original = copyWith('original', []);
  const copies = FIXES.map(({ rule, edits }) => ({ rule, copy: copyWith(rule, edits) }));
  const all = copyWith(
    'all',
    FIXES.flatMap(({ edits }) => edits.filter(({ file, from }) => isFirst(file, from))),
  );
  const same = run(python, [join(original, 'app.py'), '--csv', csv]);
  for (const { copy } of [...copies, { copy: all }]) {
    if (run(python, [join(copy, 'app.py'), '--csv', csv]) !== same)
      throw new Error(`${copy} prints something else`);
  }
  const findings = findingsOf(original);
  const wholes: number[] = [];
  const saved = new Map<string, number[]>(
    [...copies.map(({ rule }) => rule), 'all'].map((name) => [name, []]),
  );
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { rule, copy } of [...copies, { rule: 'all', copy: all }]) {
      const before = cpuTime(original);
      wholes.push(before);
      saved.get(rule)?.push(before - cpuTime(copy));
    }
  }
  const results = [...saved].map(([name, list]) => ({
    name,
    saved: list,
    finding: findings.find(({ rule, function: where }) =>
      FIXES.some((fix) => fix.rule === name && fix.rule === rule && fix.function === where),
    ),
  }));
  return { whole: median(wholes), results };
}

/** No two fixes change the same text. */
function isFirst(file: string, from: string): boolean {
  return (
    FIXES.flatMap(({ edits }) => edits).filter((edit) => edit.file === file && edit.from === from).length ===
    1
  );
}

function findingsOf(copy: string): Finding[] {
  mkdirSync(join(folder, 'profiles'), { recursive: true });
  const profile = join(folder, 'profiles/run.prof');
  run(process.execPath, [
    builtMain(),
    'run',
    '--python',
    python,
    '-o',
    profile,
    join(copy, 'app.py'),
    '--csv',
    csv,
  ]);
  const source = (file: string): string[] => readFileSync(file, 'utf8').split('\n');
  return findFindings(readProfile(readFileSync(profile)), source);
}

/** The middle half of the rounds, as an interval: what is known of the median. */
function known(saved: readonly number[]): readonly [low: number, high: number] {
  const sorted = saved.toSorted((a, b) => a - b);
  const cut = Math.floor(sorted.length / 4);
  return [sorted[cut], sorted[sorted.length - 1 - cut]];
}

/** Whether the two intervals have something in common. */
function verdict({ saved, finding }: Result): string {
  if (finding === undefined) return '';
  const { low, high } = finding.gainNs;
  const [least, most] = known(saved);
  return most * 1e6 >= low && least * 1e6 <= high ? 'yes' : 'no';
}

function print(): void {
  const { whole, results } = measure();
  const ms = (ns: number): string => (ns / 1e6).toFixed(0);
  const rows = results.map((result) => {
    const { value, low, high } = result.finding?.gainNs ?? { value: 0, low: 0, high: 0 };
    const said = result.finding === undefined ? '–' : `${ms(value)} (${ms(low)} to ${ms(high)})`;
    const [least, most] = known(result.saved).map((one) => one.toFixed(0));
    return [result.name, said, `${median(result.saved).toFixed(0)} (${least} to ${most})`, verdict(result)];
  });
  console.log(
    `Python ${values.python}, ${values.rows} rows: ${whole.toFixed(0)} ms of user CPU time without a change\n`,
  );
  const head = ['Change', 'said to save', 'saved (middle half)', 'within'];
  if (values.markdown) {
    for (const row of [head, ['---', '--:', '--:', '---'], ...rows]) console.log(`| ${row.join(' | ')} |`);
  } else for (const row of [head, ...rows]) console.log(row.map((cell) => cell.padEnd(26)).join(''));
}

try {
  print();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
