/**
 * The whole runtime inside interpreters, compiled with sanitizers: whatever they report fails a test. CI takes the
 * oldest, a middle and the newest version and a few programs; PYREWRITE_FULL=1 takes all.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import type { Runtime } from '../../src/runtime/build.ts';
import { nativeSources } from '../../src/runtime/sources.ts';
import { fits, programNames, readProgram } from '../behaviour/read-program.ts';
import { runForms } from '../behaviour/run-both.ts';
import { corpusFiles, loadCorpus } from '../support/corpus.ts';
import { FULL } from '../support/full.ts';
import { compileOne, probe, runProgram } from '../support/programs.ts';
import { describePythons, PYTHONS, type Python, runPython } from '../support/pythons.ts';
import { checkScenario, SCENARIOS } from './check-scenario.ts';
import {
  compileModule,
  compiler,
  compilersLibrary,
  SANITIZERS,
  SIGNAL_OPTIONS,
  THREAD_OPTIONS,
} from './toolchain.ts';

const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-sanitizers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A runtime with a sanitizer, and the environment that it needs. */
interface Sanitized {
  readonly runtime: Runtime;
  readonly env: Readonly<Record<string, string>>;
  /** Reports since the last call. */
  readonly reports: () => readonly string[];
}

const MISTAKES = fileURLToPath(new URL('mistakes.c', import.meta.url));

/**
 * @param library what must be there before the interpreter starts, as it is not compiled for it
 * @param options of every sanitizer: each takes what it knows. Signals stay the program's.
 */
function sanitize(flags: readonly string[], library: string, options: string): Sanitized {
  const runtime = compileModule(compiler(), flags, folder, [...nativeSources(), MISTAKES]);
  const preload = compilersLibrary(compiler(), library);
  if (preload === undefined) throw new Error(`the compiler has no ${library}`);
  const logs = mkdtempSync(join(folder, 'reports-'));
  const all = `log_path=${join(logs, 'log')}:print_stacktrace=1:${options}`;
  const env = {
    PYTHONPATH: runtime.folder,
    PYTHONMALLOC: 'malloc',
    LD_PRELOAD: preload,
    ASAN_OPTIONS: all,
    UBSAN_OPTIONS: all,
    TSAN_OPTIONS: all,
  };
  const reports = (): readonly string[] =>
    readdirSync(logs).map((name) => {
      const text = readFileSync(join(logs, name), 'utf8');
      rmSync(join(logs, name));
      return text;
    });
  return { runtime, env, reports };
}

/** Interpreters leak by themselves. */
const address = (): Sanitized =>
  sanitize(SANITIZERS.address, 'libasan.so', `detect_leaks=0:${SIGNAL_OPTIONS}`);

const thread = (): Sanitized => sanitize(SANITIZERS.thread, 'libtsan.so', THREAD_OPTIONS);

/** Runs something and expects that no sanitizer had anything to say. */
function expectSilence(sanitized: Sanitized, run: () => void): void {
  try {
    run();
  } finally {
    expect(sanitized.reports()).toEqual([]);
  }
}

/** What is said of a mistake. */
function loadWithMistake(python: Python, { env, reports }: Sanitized, mistake: string): string {
  let said = '';
  try {
    runPython(python, ['-c', 'import _pyrewrite'], { env: { ...env, PYREWRITE_FAULT: mistake } });
  } catch (error) {
    said = String(error);
  }
  return [said, ...reports()].join();
}

const NAMES = PYTHONS.filter(({ debug }) => !debug).map(({ name }) => name);
const CHOSEN = FULL ? NAMES : [NAMES[0], NAMES[Math.floor(NAMES.length / 2)], NAMES.at(-1) ?? ''];
const CHOICE = { names: CHOSEN, debug: FULL };

const SCENARIOS_OF_CI = ['busy_threads', 'fork', 'await', 'refused', 'objects', 'full', 'service'];
const PROGRAMS_OF_CI = [
  'async_with_errors',
  'generators',
  'finally_flow',
  'threads',
  'monitoring_exceptions',
];

describe('AddressSanitizer and UndefinedBehaviorSanitizer', () => {
  let sanitized: Sanitized;
  beforeAll(() => {
    sanitized = address();
  });

  describePythons(
    'find nothing in',
    (python) => {
      test('mistakes on purpose, which they do find', () => {
        const overflow = loadWithMistake(python, sanitized, 'overflow');
        expect(overflow).toMatch(/heap-buffer-overflow|with insufficient space/);
        expect(loadWithMistake(python, sanitized, 'undefined')).toMatch(/signed integer overflow/);
      });

      test.each(FULL ? Object.keys(SCENARIOS) : SCENARIOS_OF_CI)('scenario %s', (name) => {
        expectSilence(sanitized, () => checkScenario(python, name, sanitized.runtime, sanitized.env));
      });

      const programs = FULL ? programNames() : PROGRAMS_OF_CI.map((name) => `${name}.py`);
      test.each(programs.filter((name) => fits(python, readProgram(name))))('program %s', (name) => {
        const program = readProgram(name);
        expectSilence(sanitized, () => {
          const env = { ...program.env, ...sanitized.env };
          const { plain, seen, executions } = runForms(python, { ...program, env }, ['probed', 'looking']);
          expect(seen).toEqual({ probed: plain, looking: plain });
          expect(executions.probed).toBeGreaterThan(20);
        });
      });

      test('tests of the standard library', () => {
        expectSilence(sanitized, () => runLibraryTests(python, sanitized));
      });
    },
    CHOICE,
  );
});

describe('ThreadSanitizer', () => {
  let sanitized: Sanitized;
  beforeAll(() => {
    sanitized = thread();
  });

  describePythons(
    'finds nothing in',
    (python) => {
      test('mistakes on purpose, which it does find', () => {
        expect(loadWithMistake(python, sanitized, 'race')).toMatch(/ThreadSanitizer: data race/);
      });

      const scenarios = [
        'busy_threads',
        'threads',
        'service',
        ...(FULL ? ['await', 'reload', 'shutdown'] : []),
      ];
      test.each(scenarios)('scenario %s', (name) => {
        expectSilence(sanitized, () => checkScenario(python, name, sanitized.runtime, sanitized.env));
      });
    },
    CHOICE,
  );
});

/** Packages and modules that get probes, and the test modules that use them. */
const LIBRARY =
  /^(unittest|asyncio|json|concurrent|collections)\/|^(contextlib|dataclasses|enum|functools|heapq|textwrap|typing|queue|threading|copy)\.pyc$/;
const LIBRARY_TESTS = FULL
  ? [
      'contextlib',
      'copy',
      'dataclasses',
      'enum',
      'functools',
      'heapq',
      'queue',
      'textwrap',
      'generators',
      'with',
    ]
  : ['contextlib'];

/** The library's files with probes everywhere, in a folder before its own. */
function instrumentLibrary(python: Python): string {
  const target = mkdtempSync(join(folder, 'library-'));
  for (const { path, bytes } of corpusFiles(loadCorpus(python))) {
    if (!LIBRARY.test(path)) continue;
    const pyc = readPyc(bytes);
    const probed = instrument(pyc, { select: selectOpcodes('all', pyc.version) });
    mkdirSync(dirname(join(target, path)), { recursive: true });
    writeFileSync(join(target, path), writePyc(probed.pyc));
  }
  return target;
}

function runLibraryTests(python: Python, { env, runtime }: Sanitized): void {
  const path = `${instrumentLibrary(python)}:${runtime.folder}`;
  for (const name of LIBRARY_TESTS) {
    const program = compileOne(
      python,
      readFileSync(join(python.stdlib, 'test', `test_${name}.py`), 'utf8').replace(
        /^if __name__ == [\s\S]*$/m,
        'import unittest\nunittest.main()\n',
      ),
    );
    const { pyc, report } = probe(program, 'all');
    const run = runProgram(python, pyc, { ...env, PYTHONPATH: path });
    const ran = Number(/^Ran (\d+) tests/m.exec(run.stderr)?.[1]);
    const executions = run.profile?.sites.reduce((sum, { count }) => sum + count, 0) ?? 0;
    console.log(
      `test_${name} (Python ${python.label}): ${ran} tests, ${report.sites} sites, ${executions} executions`,
    );
    expect(ran).toBeGreaterThan(10);
    expect(executions).toBeGreaterThan(1000);
    expect(run.signal).toBe(null);
  }
}
