/** Runs a program by plain python and by `pyrewrite run`, in folders that look the same, and compares. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { expect } from 'vitest';
import type { Report, ReportSite } from '../../src/report/report.ts';
import { addFiles, pyrewrite, type Result, start } from '../cli/cli.ts';
import type { Python } from '../support/pythons.ts';
import type { Program, Start } from './program.ts';

const SCRIPTS = join(import.meta.dirname, 'scripts');

/** Nothing in the surroundings may make two runs differ. */
const ENVIRONMENT = {
  PYTHONHASHSEED: '0',
  TZ: 'UTC',
  COLUMNS: '80',
  LINES: '24',
  TERM: 'dumb',
  NO_PROXY: '*',
};

/** Of every file that a program finds, so that caches and archives of it come out the same. */
const MODIFIED = new Date('2024-02-29T12:00:00Z');

/** What a program did. */
interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly end: number | string;
}

/** What all starts of a program did, and what they left in the folder. */
interface Trial {
  readonly outcomes: readonly Outcome[];
  /** Content of each file, by its path in the folder; of a .pyc only that it is there. */
  readonly files: Readonly<Record<string, string>>;
  /** Of `pyrewrite run`; empty for plain python. */
  readonly reports: readonly Report[];
}

/** How often the comparisons found something to compare. */
export interface Tally {
  runs: number;
  executions: number;
  sites: number;
  recounted: number;
}

/** A folder for one test, with the same path for each trial of a program. */
export class Workplace {
  readonly #folder = realpathSync(mkdtempSync(join(tmpdir(), 'pyrewrite-programs-')));
  readonly #work = join(this.#folder, 'work');
  readonly #program: Program;

  constructor(program: Program) {
    this.#program = program;
  }

  /** The folder as the program shall find it. */
  prepare(): string {
    rmSync(this.#work, { recursive: true, force: true });
    mkdirSync(this.#work);
    const { files = [], texts = {} } = this.#program;
    const scripts = files.map((name) => [name, readFileSync(join(SCRIPTS, name), 'utf8')] as const);
    addFiles(this.#work, { ...Object.fromEntries(scripts), ...texts });
    for (const path of filesOf(this.#work)) utimesSync(path, MODIFIED, MODIFIED);
    return this.#work;
  }

  content(): Record<string, string> {
    const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
    // Flags in a .pyc depend on what else the process had interned.
    const entries = filesOf(this.#work).map((path) => [path, path.endsWith('.pyc') ? '' : hash(path)]);
    return Object.fromEntries(entries.map(([path, content]) => [relative(this.#work, path), content]));
  }

  get profile(): string {
    return join(this.#folder, 'out.prof');
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function outcome({ status, signal, stdout, stderr }: Result, { filter = (text) => text }: Start): Outcome {
  const steady = (text: string): string => filter(text.replaceAll(/0x[0-9a-f]+/g, '0x…'));
  return { stdout: steady(stdout), stderr: steady(stderr), end: signal ?? status };
}

async function plainTrial(python: Python, program: Program, place: Workplace): Promise<Trial> {
  const cwd = place.prepare();
  const outcomes: Outcome[] = [];
  for (const step of program.starts) {
    const { args, flags = [], input = '' } = step;
    const env = { ...ENVIRONMENT, ...program.env };
    outcomes.push(outcome(await start(python.path, [...flags, ...args], { cwd, env, input }), step));
  }
  return { outcomes, files: place.content(), reports: [] };
}

/** The report as JSON, or the sentences on why there is none: the last thing on standard error. */
const REPORT = /(\{"schema":"pyrewrite-report.*\})\n\nprofile: [^\n]+\n$/s;
const NO_REPORT = /pyrewrite: nothing was recorded: .*$/s;
/** What `pyrewrite run` says before the program starts. */
const NOTICES = /^(?:pyrewrite: [^\n]*\n(?: {2}instrument the files themselves [^\n]*\n)?)*/;

async function recordedTrial(
  python: Python,
  program: Program,
  place: Workplace,
  opcodes: string,
): Promise<Trial> {
  const cwd = place.prepare();
  const options = ['run', '--python', python.path, '--opcodes', opcodes, '--json', '-o', place.profile];
  for (const module of program.include ?? []) options.push('--include', module);
  const outcomes: Outcome[] = [];
  const reports: Report[] = [];
  for (const step of program.starts) {
    const { args, flags = [], input = '' } = step;
    const own = flags.length > 0 ? ['--python-flags', flags.join(' ')] : [];
    const env = { ...ENVIRONMENT, ...program.env };
    const result = await pyrewrite([...options, ...own, ...args], { cwd, env, input });
    const json = REPORT.exec(result.stderr)?.[1];
    if (json !== undefined) reports.push(JSON.parse(json));
    const stderr = result.stderr.replace(REPORT, '').replace(NO_REPORT, '').replace(NOTICES, '');
    outcomes.push(outcome({ ...result, stderr }, step));
  }
  return { outcomes, files: place.content(), reports };
}

function expectSame(ours: Trial, plain: Trial, program: Program): void {
  program.starts.forEach(({ args, end = 0 }, k) => {
    if (end !== 'depends on the version')
      expect([args, plain.outcomes[k].end], plain.outcomes[k].stderr).toEqual([args, end]);
    expect({ args, ...ours.outcomes[k] }).toEqual({ args, ...plain.outcomes[k] });
  });
  expect(ours.files).toEqual(plain.files);
}

/** Executions and exceptions of the sites that cannot be told apart, and how many such sites there are. */
type Counts = Map<string, { readonly sites: number; readonly count: number; readonly raised: number }>;

function countsOf(reports: readonly Report[], program: Program): Counts {
  const { steady = () => true } = program;
  const counts: Counts = new Map();
  for (const site of reports.flatMap(({ sites }) => sites.filter(({ file }) => steady(file)))) {
    const key = siteKey(site);
    const { sites, count, raised } = counts.get(key) ?? { sites: 0, count: 0, raised: 0 };
    counts.set(key, { sites: sites + 1, count: count + site.count, raised: raised + site.raised });
  }
  return counts;
}

function siteKey(site: ReportSite): string {
  const { file, line, column, endLine, endColumn, opcode, name } = site;
  return `${file}:${line}:${column}-${endLine}:${endColumn} ${site.function} ${opcode} ${name}`;
}

/** Sites of the second run whose counts are not those of the first. */
function recount(first: Counts, second: Counts, tally: Tally): string[] {
  const wrong: string[] = [];
  for (const [key, { sites, count, raised }] of second) {
    const other = first.get(key);
    // On versions without columns an operation that is in the group can look like one that is not.
    if (other === undefined || other.sites !== sites) continue;
    tally.recounted++;
    if (other.count !== count || other.raised !== raised)
      wrong.push(`${key}: ${other.count} (${other.raised} raised), then ${count} (${raised})`);
  }
  return wrong;
}

function expectComplete(reports: readonly Report[], program: Program): void {
  for (const { notes, lost, notMeasured } of reports) {
    const { abandonedAwaits, ...others } = lost;
    expect(notes).toEqual([]);
    expect(Object.values(others)).toEqual(Object.values(others).map(() => 0));
    expect(notMeasured.files).toEqual([]);
  }
  for (const { file, name, count } of program.counts ?? []) {
    const sites = reports.flatMap((report) => report.sites);
    const named = sites.filter(
      (site) => site.opcode === 'LOAD_ATTR' && site.name === name && site.file.endsWith(`/${file}`),
    );
    expect([file, name, named.reduce((sum, site) => sum + site.count, 0)]).toEqual([file, name, count]);
  }
  expect(reports.at(-1)?.processes.length ?? 0).toBeGreaterThanOrEqual(program.processes ?? 0);
}

/**
 * Holds a program to its plain run: output, end, files left behind; then its counts to a second run that
 * measures one group of operations only.
 */
export async function compareProgram(
  python: Python,
  program: Program,
  tally: Tally,
  again: boolean,
): Promise<void> {
  const place = new Workplace(program);
  try {
    const plain = await plainTrial(python, program, place);
    const ours = await recordedTrial(python, program, place, 'all');
    expectSame(ours, plain, program);
    expectComplete(ours.reports, program);
    const sites = ours.reports.flatMap((report) => report.sites);
    tally.runs += program.starts.length;
    tally.sites += sites.length;
    tally.executions += sites.reduce((sum, { count }) => sum + count, 0);
    if (!again) return;
    const second = await recordedTrial(python, program, place, program.group);
    expectSame(second, plain, program);
    tally.runs += program.starts.length;
    expect(recount(countsOf(ours.reports, program), countsOf(second.reports, program), tally)).toEqual([]);
  } finally {
    place.remove();
  }
}
