/**
 * case-study: what the findings of examples/sensors say that each change would save, beside what it does save: CPU time of
 * the program without probes, before and after, in turn, medians of the differences; and the run with all changes.
 *
 *   npx tsx bench/case-study.ts [--python 3.12] [--rows 200000] [--rounds 7] [--profiles 3] [--markdown]
 *
 * With --turns copies of the program take turns in one process, a hundred rows each, the one with probes among them: what is said and
 * what is saved then have the same pace of the machine, however busy it is. The collector is off there.
 *
 *   npx tsx bench/case-study.ts --turns [--python 3.12] [--rows 40000] [--rounds 20] [--markdown]
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../src/diff/statistics.ts';
import type { Finding } from '../src/findings/finding.ts';
import { findFindings } from '../src/findings/findings.ts';
import { readProfile } from '../src/profile/reader.ts';
import { builtMain } from '../test/cli/built.ts';
import { findPython } from '../test/support/pythons.ts';
import { applyEdits, type Edit, FIXES, type Fix } from './case-study/fixes.ts';
import { steadySum, takeTurns } from './case-study/turns.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: '3.12' },
    rows: { type: 'string' },
    rounds: { type: 'string' },
    profiles: { type: 'string', default: '3' },
    turns: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
  },
});
const rows = values.rows ?? (values.turns ? '40000' : '200000');
const rounds = values.rounds ?? (values.turns ? '20' : '7');
const found = findPython(values.python);
if (found === undefined) throw new Error(`Python ${values.python} is not here`);
const python = found.path;
const example = fileURLToPath(new URL('../examples/sensors', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-case-study-'));

const TIMES = `
import resource, subprocess, sys
subprocess.check_call(sys.argv[1:], stdout=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime)`;

/** A copy of the example with these changes. */
function copyWith(name: string, edits: readonly Edit[]): string {
  const copy = join(folder, name);
  cpSync(example, copy, { recursive: true });
  for (const file of new Set(edits.map((edit) => edit.file))) {
    writeFileSync(join(copy, file), applyEdits(file, readFileSync(join(copy, file), 'utf8'), edits));
  }
  return copy;
}

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const options = { cwd: folder, env: { ...process.env, ...env }, maxBuffer: 1 << 28 };
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** CPU time of the program in a copy, milliseconds. */
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

function nameOf({ rule, variant }: Fix): string {
  return variant === undefined ? rule : `${rule}, ${variant}`;
}

/** A copy for each change, and one for all. */
function makeCopies(): readonly string[] {
  for (const fix of FIXES) copyWith(nameOf(fix), fix.edits);
  const all = FIXES.filter(({ variant }) => variant === undefined).flatMap(({ edits }) => edits);
  copyWith(
    'all',
    all.filter(
      ({ file, from }) => all.filter((edit) => edit.file === file && edit.from === from).length === 1,
    ),
  );
  const names = [...FIXES.map(nameOf), 'all'];
  const printed = (name: string): string => run(python, [join(folder, name, 'app.py'), '--csv', csv]);
  const same = printed('original');
  const other = names.find((name) => printed(name) !== same);
  if (other !== undefined) throw new Error(`${other} prints something else`);
  return names;
}

/** What the finding says for which a copy was changed. */
function findingFor(name: string, findings: readonly Finding[]): Finding | undefined {
  const fix = FIXES.find((one) => nameOf(one) === name);
  return findings.find(
    ({ rule, function: where }) => rule === fix?.rule && (rule === 'collections' || where === fix.function),
  );
}

/** Of several runs with probes the one whose finding is in the middle: they do not run at one pace. */
function middle(findings: readonly Finding[]): Finding | undefined {
  return findings.toSorted((a, b) => a.gainNs.value - b.gainNs.value).at(findings.length >> 1);
}

function measure(): { readonly whole: number; readonly results: readonly Result[] } {
  const names = makeCopies();
  const wholes: number[] = [];
  const saved = new Map<string, number[]>(names.map((name) => [name, []]));
  const runs: Finding[][] = [];
  for (let round = 0; round < Number(rounds); round++) {
    if (round < Number(values.profiles)) runs.push(findingsOf(join(folder, 'original')));
    for (const name of names) {
      const before = cpuTime(join(folder, 'original'));
      wholes.push(before);
      saved.get(name)?.push(before - cpuTime(join(folder, name)));
    }
  }
  const results = [...saved].map(([name, list]) => ({
    name,
    saved: list,
    finding: middle(runs.flatMap((findings) => findingFor(name, findings) ?? [])),
  }));
  return { whole: median(wholes), results };
}

/** Changes of what the rows go through, and of the report's text, each in the turns in which it is. */
const IN_TURNS = ['repeated-property', 'swallowed-error', 'linear-search', 'string-growth'];

function printTurns(): void {
  makeCopies();
  copyWith('probed', []);
  const turns = { python, run, main: builtMain(), folder, rows, rounds };
  const { findings, saved } = takeTurns(turns, IN_TURNS);
  const lines = [...saved].map(([name, list]) => {
    const finding = findingFor(name, findings);
    if (finding === undefined) throw new Error(`${name} was not found`);
    const { value, low, high } = finding.gainNs;
    const is = steadySum(list);
    const within = is >= low && is <= high ? 'yes' : 'no';
    return [name, saidOf(finding), milliseconds(is), (value / is).toFixed(2), within];
  });
  console.log(`Python ${values.python}, ${rows} rows in turns of 100, ${rounds} times the report's text\n`);
  printTable(['Change', 'said to save', 'saved', 'said / saved', 'within'], lines);
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

function milliseconds(ns: number): string {
  return (ns / 1e6).toFixed(0);
}

function saidOf(finding: Finding | undefined): string {
  if (finding === undefined) return '–';
  const { value, low, high } = finding.gainNs;
  return `${milliseconds(value)} (${milliseconds(low)} to ${milliseconds(high)})`;
}

function print(): void {
  const { whole, results } = measure();
  const lines = results.map((result) => {
    const [least, most] = known(result.saved).map((one) => one.toFixed(0));
    const saved = `${median(result.saved).toFixed(0)} (${least} to ${most})`;
    return [result.name, saidOf(result.finding), saved, verdict(result)];
  });
  console.log(`Python ${values.python}, ${rows} rows: ${whole.toFixed(0)} ms of CPU time without a change\n`);
  printTable(['Change', 'said to save', 'saved (middle half)', 'within'], lines);
}

function printTable(head: readonly string[], lines: readonly (readonly string[])[]): void {
  if (values.markdown) {
    const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
    for (const line of [head, rule, ...lines]) console.log(`| ${line.join(' | ')} |`);
  } else for (const line of [head, ...lines]) console.log(line.map((cell) => cell.padEnd(26)).join(''));
}

try {
  run(python, [join(example, 'generate.py'), rows, csv]);
  copyWith('original', []);
  if (values.turns) printTurns();
  else print();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
