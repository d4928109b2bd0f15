/** Runs programs under one interpreter as they are and with probes, many at a time. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { HEADER } from '../../src/profile/format.ts';
import { structReader } from '../../src/profile/struct-reader.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { nativeRuntime } from '../native/runtime.ts';
import { forgetsFrames, lacksOnlyEntries } from '../support/forgotten-frames.ts';
import { minorOf, type Python, runPython } from '../support/pythons.ts';

const DRIVER = fileURLToPath(new URL('driver.py', import.meta.url));

/** A program to run: its source, and what is to be timed in its instrumented forms. */
export interface Job {
  readonly source: string;
  /** Lists of opcodes and groups, one for each instrumented form, which may begin with the name of a form. */
  readonly selections: readonly string[];
}

/** Begins a selection whose operands are looked at. */
export const LOOKING = 'types:';
/** Begins one that is sampled, with gates at which a coin decides. */
export const TOSSED = 'random:';
/** Begins one that is sampled, with gates that always lead to the copy. */
export const OPENED = 'open:';

/** What a program left behind. */
export interface Outcome {
  /** As from wait(): exit code in the high byte, signal in the low one. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The first bytes of its profile in hexadecimal digits; null when there was none. */
  readonly head: string | null;
}

/** How an instrumented form compares with its program. */
export interface Difference {
  readonly selection: string;
  readonly what: string;
  readonly plain: Outcome;
  readonly probed: Outcome;
}

/** What became of a job. */
export interface Verdict {
  /** Why it could not be compiled; null when it could. */
  readonly error: string | null;
  readonly plain: Outcome | undefined;
  /** Instrumented forms that ran. */
  readonly compared: number;
  readonly sites: number;
  readonly differences: readonly Difference[];
}

/** Compiles, instruments, runs and compares. */
export function compareJobs(python: Python, jobs: readonly Job[]): Verdict[] {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-random-'));
  try {
    return compareIn(folder, python, jobs);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compareIn(folder: string, python: Python, jobs: readonly Job[]): Verdict[] {
  const path = (job: number, end: string): string => join(folder, `p${job}${end}`);
  jobs.forEach(({ source }, job) => {
    writeFileSync(path(job, '.py'), source);
  });
  const compiled = drive<(string | null)[]>(python, folder, [
    'compile',
    jobs.map((_, job) => [path(job, '.py'), path(job, '.pyc')]),
  ]);
  const sites = jobs.map(({ selections }, job) =>
    compiled[job] === null
      ? selections.map((selection, k) => rewrite(path(job, '.pyc'), path(job, `-${k}.pyc`), selection))
      : [],
  );
  const forms = jobs.map(({ selections }, job) =>
    compiled[job] === null ? [path(job, '.pyc'), ...selections.map((_, k) => path(job, `-${k}.pyc`))] : [],
  );
  const outcomes = runForms(python, folder, jobs, forms);
  return jobs.map((job, number) => verdict(python, job, compiled[number], outcomes[number], sites[number]));
}

/** What came of each form of each job. The runtime learns from its environment what gates do. */
function runForms(
  python: Python,
  folder: string,
  jobs: readonly Job[],
  forms: readonly (readonly string[])[],
): Outcome[][] {
  const isTossed = (job: number, form: number): boolean =>
    form > 0 && jobs[job].selections[form - 1].startsWith(TOSSED);
  const all = forms.flatMap((paths, job) => paths.map((path, form) => ({ job, form, path })));
  const results = forms.map((paths): Outcome[] => new Array<Outcome>(paths.length));
  for (const gate of ['open', 'random']) {
    const chosen = all.filter(({ job, form }) => isTossed(job, form) === (gate === 'random'));
    // One program in eight ends together with its interpreter, which takes longer than most programs run.
    const runs = chosen.map(({ path, job }) => [path, job % 8 === 0]);
    const outcomes = drive<Outcome[]>(python, folder, ['run', runs], { PYREWRITE_GATE: gate });
    chosen.forEach(({ job, form }, k) => {
      results[job][form] = outcomes[k];
    });
  }
  return results;
}

function rewrite(from: string, to: string, selection: string): number {
  const pyc = readPyc(readFileSync(from));
  const form = [LOOKING, TOSSED, OPENED].find((prefix) => selection.startsWith(prefix)) ?? '';
  const select = selectOpcodes(selection.slice(form.length), pyc.version);
  const sample = form === TOSSED || form === OPENED;
  const result = instrument(pyc, { select, types: form === LOOKING, sample });
  writeFileSync(to, writePyc(result.pyc));
  return result.report.sites;
}

function drive<T>(
  python: Python,
  folder: string,
  [command, jobs]: readonly [string, unknown],
  variables: Readonly<Record<string, string>> = {},
): T {
  const list = join(folder, `${command}.json`);
  writeFileSync(list, JSON.stringify(jobs));
  const profiles = join(folder, 'profiles');
  mkdirSync(profiles, { recursive: true });
  const env = {
    PYTHONPATH: nativeRuntime().folder,
    PYREWRITE_OUT: `${profiles}/`,
    PYTHONHASHSEED: '0',
    PYTHONIOENCODING: 'utf-8',
    ...variables,
  };
  const output = runPython(python, [DRIVER, command, list, profiles], { cwd: folder, env });
  return JSON.parse(output) as T;
}

function verdict(
  python: Python,
  job: Job,
  error: string | null,
  outcomes: readonly Outcome[],
  sites: readonly number[],
): Verdict {
  const [plain, ...probed] = outcomes;
  const differences = probed.flatMap((outcome, k): Difference[] => {
    const what = difference(python, plain, outcome) ?? loss(outcome, sites[k]);
    return what === undefined ? [] : [{ selection: job.selections[k], what, plain, probed: outcome }];
  });
  const sum = sites.reduce((total, count) => total + count, 0);
  return { error, plain, compared: probed.length, sites: sum, differences };
}

function difference(python: Python, plain: Outcome, probed: Outcome): string | undefined {
  if (plain.status !== probed.status) return `status ${probed.status}, not ${plain.status}`;
  return (['stdout', 'stderr'] as const).find((stream) => !isSame(python, plain[stream], probed[stream]));
}

function isSame(python: Python, plain: string, probed: string): boolean {
  const [wanted, found] = [withoutKnown(python, plain), withoutKnown(python, probed)];
  return wanted === found || (forgetsFrames(minorOf(python)) && lacksOnlyEntries(wanted, found));
}

const readHeader = structReader(HEADER);

/** What the recorder could not count. */
function loss(outcome: Outcome, sites: number): string | undefined {
  if (sites === 0) return undefined;
  if (outcome.head === null) return 'no profile';
  const head = readHeader(Buffer.from(outcome.head, 'hex'), 0);
  const losses = ['lost_spans', 'lost_ends', 'refused_tables', 'unrecorded_sites'];
  const found = losses.find((name) => head.number(name) !== 0);
  return found === undefined ? undefined : `${found} ${head.number(found)}`;
}

const ADDRESS = /\b0x[0-9a-f]{6,}/g;

/** A FOR_ITER that no line starts with may be specialized for generators, and then reports how they end. */
const GENERATOR_END = /^# exception .* StopIteration\n/gm;

/** Leaves out what may differ: addresses, and what a version is known to tell tracers otherwise. */
function withoutKnown(python: Python, text: string): string {
  const plain = text.replaceAll(ADDRESS, '0x');
  if (minorOf(python) < 13) return plain;
  return plain.replaceAll(GENERATOR_END, '');
}
