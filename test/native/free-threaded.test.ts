/**
 * CPython without the GIL: threads that run at the same time count exactly. tools/install-free-threaded.sh builds the
 * interpreters; where they are missing the tests are skipped by name.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Pyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { Profile, SiteStats } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { variantLabel } from '../../src/profile/variants.ts';
import { type InstrumentOptions, instrument } from '../../src/rewrite/instrument.ts';
import type { Runtime } from '../../src/runtime/build.ts';
import { freeThreadedVariant, nativeSources } from '../../src/runtime/sources.ts';
import { fits, programNames, readProgram } from '../behaviour/read-program.ts';
import { runForms } from '../behaviour/run-both.ts';
import { pyrewrite, type Result } from '../cli/cli.ts';
import { chains } from '../support/chains.ts';
import { FULL } from '../support/full.ts';
import { NO_LOSS } from '../support/made-up.ts';
import { compileOne, runProgram } from '../support/programs.ts';
import { describeFreeThreaded, type Python, runPython } from '../support/pythons.ts';
import { checkScenario, SCENARIOS } from './check-scenario.ts';
import { nativeRuntime } from './runtime.ts';
import { compileModule, compiler, SANITIZERS, THREAD_OPTIONS } from './toolchain.ts';

const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-free-threaded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Instruments a program once: both interpreters are of one version. */
function instrumented(name: string, options: Partial<InstrumentOptions> = {}): (python: Python) => Pyc {
  const path = fileURLToPath(new URL(name, import.meta.url));
  let made: Pyc | undefined;
  return (python) => {
    const pyc = made ?? compileOne(python, readFileSync(path, 'utf8'));
    made ??= instrument(pyc, { select: selectOpcodes('all', pyc.version), ...options }).pyc;
    return made;
  };
}

const parallelProgram = instrumented('parallel.py');
const withOptions = instrumented('parallel_options.py', { types: true, callers: true });

interface Truth {
  readonly gil: boolean;
  readonly raised: number;
  readonly counts: Readonly<Record<string, number>>;
}

function checkExact(stdout: string, sites: readonly SiteStats[]): number {
  const truth = JSON.parse(stdout) as Truth;
  expect(truth.gil).toBe(false);
  for (const [wanted, count] of Object.entries(truth.counts)) {
    // Where classes and functions are defined they are named, too.
    const inside = sites.filter((site) => site.name === wanted && site.function !== '<module>');
    const found = inside.filter((site) => site.function !== 'Thing');
    expect(new Set(found.map((site) => site.count)), wanted).toEqual(new Set([count]));
  }
  const missing = sites.filter(({ name }) => name === 'missing');
  expect(missing.reduce((sum, { raised }) => sum + raised, 0)).toBe(truth.raised);
  for (const { count, histogram } of sites) {
    expect(histogram.counts.reduce((a, b) => a + b, 0)).toBe(count);
  }
  return sites.reduce((sum, { count }) => sum + count, 0);
}

interface OptionsTruth {
  readonly gil: boolean;
  readonly variants: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly chains: Readonly<Record<string, number>>;
  /** Stores that free what they stored before: all of them but each thread's first. */
  readonly replaced: readonly string[];
  /** How often each of them ran, and on how many threads. */
  readonly stores: number;
  readonly threads: number;
}

/** By what an operation ran on; `wanted` is its function, name and opcode. */
function variantsOf(sites: readonly SiteStats[], wanted: string): Record<string, number> {
  const found = sites.filter((site) => wanted === `${site.function} ${site.name} ${site.opcode}`);
  expect(found, wanted).toHaveLength(1);
  return Object.fromEntries(found[0].variants.map((variant) => [variantLabel(variant), variant.count]));
}

/** What the sites with a name freed; each of them did the same. */
function freedBy(sites: readonly SiteStats[], wanted: string): Record<string, number>[] {
  const found = sites.filter((site) => wanted === `${site.function} ${site.name ?? ''} ${site.opcode}`);
  expect(found.length, wanted).toBeGreaterThan(0);
  return found.map(({ variants }) => {
    const sums: Record<string, number> = {};
    for (const { frees, freed, count } of variants) {
      const what = frees === true ? `${freed}` : String(frees);
      sums[what] = (sums[what] ?? 0) + count;
    }
    return sums;
  });
}

/** What a run of parallel_options.py says of itself is what was recorded. Gives the number of executions. */
function checkOptions(stdout: string, profile: Profile): number {
  const truth = JSON.parse(stdout) as OptionsTruth;
  expect(truth.gil).toBe(false);
  for (const [wanted, variants] of Object.entries(truth.variants))
    expect(variantsOf(profile.sites, wanted), wanted).toEqual(variants);
  for (const wanted of truth.replaced)
    for (const freed of freedBy(profile.sites, wanted))
      expect(freed, wanted).toEqual({ '__main__.Plain': truth.stores - truth.threads, false: truth.threads });
  const seen = profile.sites.filter(({ variants }) => variants.length > 0);
  for (const { function: where, name, count, variants } of seen)
    expect(
      variants.reduce((sum, one) => sum + one.count, 0),
      `${where} ${name}`,
    ).toBe(count);
  const stores = seen.filter(({ opcode }) => /^STORE_(DEREF|GLOBAL)/.test(opcode));
  expect(new Set(stores.map(({ name }) => name))).toEqual(new Set(['shared', 'value']));
  const found = chains(profile);
  const counts = Object.fromEntries(
    Object.keys(truth.chains).map((chain) => [chain, found.get(chain)?.count ?? 0]),
  );
  expect(counts).toEqual(truth.chains);
  return profile.sites.reduce((sum, { count }) => sum + count, 0);
}

describeFreeThreaded('without a GIL', (python) => {
  test.each(Object.keys(SCENARIOS))('scenario %s', (name) =>
    checkScenario(python, name, nativeRuntime(python)),
  );

  test.each([
    [2, FULL ? 1_000_000 : 100_000],
    [4, FULL ? 1_000_000 : 50_000],
    [64, FULL ? 100_000 : 4_000],
  ])('%i threads count exactly', (threads, rounds) => {
    const run = runProgram(python, parallelProgram(python), {
      THREADS: String(threads),
      ROUNDS: String(rounds),
    });
    expect(run.stderr).toBe('');
    const sites = run.profile?.sites ?? [];
    const executions = checkExact(run.stdout, sites);
    console.log(`${threads} threads: ${executions} executions of ${sites.length} sites`);
    expect(executions).toBeGreaterThan(1_000_000);
    expect(run.profile?.lost).toEqual(NO_LOSS);
    expect(run.profile?.processes[0].threads).toBe(threads + 1);
  });

  test.each([
    [2, FULL ? 60_000 : 6000],
    [16, FULL ? 12_000 : 1200],
  ])('%i threads count exactly what operations ran on, and in which contexts', (threads, rounds) => {
    const { stdout, stderr, profile } = runProgram(python, withOptions(python), {
      THREADS: String(threads),
      ROUNDS: String(rounds),
    });
    expect(stderr).toBe('');
    if (profile === undefined) throw new Error('nothing was recorded');
    const executions = checkOptions(stdout, profile);
    console.log(`${threads} threads: ${executions} executions in ${profile.contexts.length} contexts`);
    expect(executions).toBeGreaterThan(100_000);
    expect(profile.lost).toEqual(NO_LOSS);
  });

  const programs = programNames().filter((name) => fits(python, readProgram(name)));
  const chosen = FULL ? programs : programs.filter((name) => /async|thread|generators|finally|gc/.test(name));
  test(`${chosen.length} of ${programs.length} programs print what they print without probes`, () => {
    let executions = 0;
    for (const name of chosen) {
      const runs = runForms(python, readProgram(name), ['probed', 'looking']);
      expect(runs.seen, name).toEqual({ probed: runs.plain, looking: runs.plain });
      executions += runs.executions.probed;
    }
    console.log(`${chosen.length} programs: ${executions} executions`);
    expect(executions).toBeGreaterThan(1000);
  });

  test('run records it, and says what it cannot', async () => {
    const program = join(folder, 'program.py');
    writeFileSync(program, 'import sys\nprint(sum(x for x in range(10)), sys._is_gil_enabled())\n');
    const run = async (...options: string[]): Promise<Result> =>
      await pyrewrite(['run', '--python', python.path, ...options, program], { cwd: folder });
    const out = join(folder, 'run.prof');
    const { status, stdout, stderr } = await run('-o', out);
    expect(status, stderr).toBe(0);
    expect(stdout).toMatch(/^45 False$/m);
    const profile = readProfile(readFileSync(out));
    expect(profile.processes[0].coarse).toBe(false);
    expect(profile.lost).toEqual(NO_LOSS);
    expect(profile.sites.length).toBeGreaterThan(3);
    const all = join(folder, 'all.prof');
    expect((await run('--types', '--callers', '-o', all)).status).toBe(0);
    const { contexts, sites } = readProfile(readFileSync(all));
    expect(contexts.length).toBeGreaterThan(3);
    expect(sites.some(({ variants }) => variants.length > 0)).toBe(true);
    const refused = await run('--sample');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/--sample: not without a GIL/);
  });
});

/** Finding something in a dict, the interpreter reads whose an object is before it knows that it is still there. */
const LOOKS_AGAIN = /#\d+ _Py_TryIncref\w* /;

/** Whether one of the two that raced was called by us, and it is no race that the interpreter makes on purpose. */
function concernsUs(report: string): boolean {
  return /_pyrewrite|\/native\/\w+\.c/.test(report) && !LOOKS_AGAIN.test(report);
}

describeFreeThreaded(
  'ThreadSanitizer finds no race of ours',
  (python) => {
    const suppressions = join(python.stdlib, '..', '..', 'suppressions.txt');
    const options = `suppressions=${suppressions}:exitcode=0:${THREAD_OPTIONS}`;
    let runtime: Runtime;
    beforeAll(() => {
      const variant = freeThreadedVariant('.so');
      runtime = compileModule(compiler(), SANITIZERS.thread, folder, nativeSources(), variant);
    });
    const reports = (logs: string): string[] =>
      readdirSync(logs).flatMap((name) =>
        readFileSync(join(logs, name), 'utf8').split(/(?=WARNING: Thread)/),
      );

    test('an interpreter with ThreadSanitizer', () => {
      expect(
        runPython(python, ['-c', 'import sysconfig; print(sysconfig.get_config_var("CFLAGS"))']),
      ).toContain('-fsanitize=thread');
    });

    test.each(['busy_threads', 'threads', 'reload', 'shutdown'])('scenario %s', (name) => {
      const logs = mkdtempSync(join(folder, 'logs-'));
      checkScenario(python, name, runtime, { TSAN_OPTIONS: `log_path=${logs}/log:${options}` });
      expect(reports(logs).filter(concernsUs)).toEqual([]);
    });

    test('threads in parallel', () => {
      const logs = mkdtempSync(join(folder, 'logs-'));
      const env = { PYTHONPATH: runtime.folder, TSAN_OPTIONS: `log_path=${logs}/log:${options}` };
      const run = runProgram(python, parallelProgram(python), { ...env, THREADS: '4', ROUNDS: '4000' });
      checkExact(run.stdout, run.profile?.sites ?? []);
      const all = reports(logs);
      console.log(`${all.length} reports of the interpreter's own races`);
      expect(all.filter(concernsUs)).toEqual([]);
    });

    test('threads in parallel, with their operands and contexts', () => {
      const logs = mkdtempSync(join(folder, 'logs-'));
      const env = { PYTHONPATH: runtime.folder, TSAN_OPTIONS: `log_path=${logs}/log:${options}` };
      const run = runProgram(python, withOptions(python), { ...env, THREADS: '4', ROUNDS: '600' });
      if (run.profile === undefined) throw new Error(run.stderr);
      checkOptions(run.stdout, run.profile);
      expect(reports(logs).filter(concernsUs)).toEqual([]);
    });
  },
  true,
);
