/**
 * The C code on other CPUs: cross-compiled, and run by qemu. What is missing is a named skip, but in CI, for which
 * tools/install-arm64.sh installs it.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import type { Runtime } from '../../src/runtime/build.ts';
import { COMPILE_FLAGS } from '../../src/runtime/compiler.ts';
import { NATIVE_FOLDER, nativeSources } from '../../src/runtime/sources.ts';
import { readProgram } from '../behaviour/read-program.ts';
import { FULL } from '../support/full.ts';
import { MEASURED, measured } from '../support/measured.ts';
import { compileOne, probe, runProgram } from '../support/programs.ts';
import { describePythons, findPython, type Python } from '../support/pythons.ts';
import { checkScenario } from './check-scenario.ts';
import { compileC } from './objects.ts';
import { compileModule, compiler, compileUnitTests, runIn, SAID, testWith, WARNINGS } from './toolchain.ts';

const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-arm64-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A CPU, its compiler and its emulator. */
interface Target {
  readonly gcc: string;
  readonly qemu: string;
  readonly libraries: string;
  readonly title: string;
  readonly flags: readonly string[];
  /** Installed by CI, so that it is no skip there. */
  readonly inCi: boolean;
}

/** Where Py_ssize_t has 32 bits, numbers of files and of constants are wider: they are checked before they are used. */
const NARROW: readonly string[] = ['-Wno-conversion', '-Wno-sign-conversion'];

const ARM64 = { gcc: 'aarch64-linux-gnu-gcc', qemu: 'qemu-aarch64', libraries: '/usr/aarch64-linux-gnu' };

const TARGETS: readonly Target[] = [
  { ...ARM64, title: 'arm64', flags: [], inCi: true },
  { ...ARM64, title: 'a CPU that is not known', flags: ['-U__aarch64__'], inCi: true },
  {
    title: 'riscv64',
    gcc: 'riscv64-linux-gnu-gcc',
    qemu: 'qemu-riscv64',
    libraries: '/usr/riscv64-linux-gnu',
    flags: [],
    inCi: false,
  },
  {
    title: '32-bit arm',
    gcc: 'arm-linux-gnueabihf-gcc',
    qemu: 'qemu-arm',
    libraries: '/usr/arm-linux-gnueabihf',
    flags: NARROW,
    inCi: false,
  },
];

/** In CI a missing tool is a failure and not a skip, if CI installs it. */
function testOn(target: Target, title: string, body: () => void): void {
  if (target.inCi && process.env['CI'] !== undefined) test(title, body);
  else testWith([target.gcc, target.qemu], title, body);
}

describe.each(TARGETS)('on $title', (target) => {
  const { title, gcc, qemu, libraries, flags } = target;

  testOn(target, `the runtime compiles without a warning (${title})`, () => {
    expect(existsSync(compileModule(compiler(gcc), flags, folder).recorder)).toBe(true);
  });

  testOn(target, `the C unit tests pass (${title})`, () => {
    const program = compileUnitTests(compiler(gcc), flags, folder);
    const { status, stdout, stderr } = runIn(folder, [qemu, '-L', libraries, program]);
    expect({ status, stderr }, stdout).toEqual({
      status: 0,
      stderr: expect.stringMatching(SAID),
    });
    const checks = Number(/^ok (\d+)$/m.exec(stdout)?.[1]);
    console.log(`C unit tests on ${title}: ${checks} checks`);
    expect(checks).toBeGreaterThan(1_000_000);
  });
});

test('compiles for a 32-bit CPU without a warning', () => {
  // All that is missing without the 32-bit C library: the list of functions that it lacks.
  const include = join(folder, 'include32');
  mkdirSync(join(include, 'gnu'), { recursive: true });
  writeFileSync(join(include, 'gnu', 'stubs-32.h'), '');
  const { stdout } = runIn(folder, [...compiler(), '-print-multiarch']);
  const args = [
    ...['-idirafter', join('/usr/include', stdout.trim())],
    '-m32',
    '-fsyntax-only',
    '-isystem',
    include,
    ...COMPILE_FLAGS,
    ...WARNINGS,
    ...NARROW,
    ...nativeSources(),
  ];
  expect(compileC(compiler(), args, folder)).toEqual({ ok: true, stderr: '' });
});

/** Many probes inside one operation: a cost that is rounded to steps of the clock would be more than the operation. */
const NESTED = `
import time

class C:
    x = 1

c = C()

def short():
    for i in range(100):
        c.x

def outer():
    for i in range(300):
        short()

def sleep():
    for i in range(10):
        time.sleep(0.002)

outer()
sleep()
`;

/** The C files, with a counter of this CPU that is as coarse as those of many arm64 machines. */
function coarseSources(): readonly string[] {
  const copy = mkdtempSync(join(folder, 'coarse-'));
  for (const name of readdirSync(NATIVE_FOLDER)) {
    const text = readFileSync(join(NATIVE_FOLDER, name), 'utf8');
    const changed = text
      .replace('return __builtin_ia32_rdtsc();', 'return __builtin_ia32_rdtsc() / 100 * CLOCK_COUNTER_STEP;')
      .replace('CLOCK_COUNTER_STEP 1u', 'CLOCK_COUNTER_STEP 64u');
    if (name === 'clock.h') expect(changed.match(/rdtsc\(\) \/ 100|STEP 64u/g)).toHaveLength(3);
    writeFileSync(join(copy, name), changed);
  }
  return nativeSources(copy);
}

let coarse: Runtime | undefined;

describePythons(
  'a counter with steps of tens of nanoseconds',
  (python) => {
    test.skipIf(process.arch !== 'x64')('times operations with many others inside', MEASURED, () => {
      coarse ??= compileModule(compiler(), [], folder, coarseSources());
      const { pyc } = probe(compileOne(python, NESTED), 'all');
      const { folder: path } = coarse;
      const total = ({ profile }: ReturnType<typeof runProgram>, name: string, count: number): number => {
        const found = profile?.sites.filter((site) => site.function === name && site.count === count) ?? [];
        return Math.max(...found.map(({ totalNs }) => totalNs));
      };
      const run = runProgram(python, pyc, { PYTHONPATH: path });
      const inside = total(run, 'short', 30_000);
      const around = total(run, 'outer', 300);
      const slept = total(run, 'sleep', 10);
      console.log(
        `coarse counter, Python ${python.label}: ${inside} ns inside of ${around} ns, ${slept} ns slept`,
      );
      // What other processes do can make a cost too high for a while; that it is rounded does so always.
      expect(around, measured('around')).toBeGreaterThan(inside / 2);
      expect(slept).toBeGreaterThan(20e6);
    });
  },
  { names: ['3.9', '3.12'] },
);

/** Where tools/install-arm64.sh puts it: a command like any other interpreter. */
const EMULATED = join(
  process.env['PYREWRITE_ARM64'] ?? fileURLToPath(new URL('../../.arm64', import.meta.url)),
  'python3.14',
);

const MORE_SCENARIOS = [
  ...[
    'basic',
    'reload',
    'threads',
    'fork_in_thread',
    'fork_then_attach',
    'await',
    'refused',
    'objects',
    'traced',
  ],
  ...['subinterpreter', 'service', 'off', 'shutdown', 'kill', 'full', 'many_sites'],
];

describe('CPython 3.14 for arm64', () => {
  const host = findPython('3.14');
  const python: Python = {
    name: '3.14',
    label: '3.14 for arm64',
    path: EMULATED,
    debug: false,
    stdlib: host?.stdlib ?? '',
  };
  const isThere = existsSync(EMULATED) || process.env['CI'] !== undefined;

  // A program that starts sys.executable would start it without qemu: those scenarios are left out.
  const scenarios = ['busy_threads', ...(FULL ? MORE_SCENARIOS : [])];
  test.skipIf(!isThere).each(scenarios)('scenario %s, where tools/install-arm64.sh was run', (name) => {
    const runtime = compileModule(compiler(ARM64.gcc), [], folder);
    checkScenario(python, name, runtime);
  });

  test.skipIf(!isThere || host === undefined)('a program prints and counts what it does on this CPU', () => {
    if (host === undefined) return;
    const runtime = compileModule(compiler(ARM64.gcc), [], folder);
    const { pyc } = probe(compileOne(host, readProgram('generators.py').source), 'all');
    const here = runProgram(host, pyc);
    const there = runProgram(python, pyc, { PYTHONPATH: runtime.folder });
    expect({ stdout: there.stdout, status: there.status }).toEqual({
      stdout: here.stdout,
      status: here.status,
    });
    const counts = (run: typeof here): readonly number[][] =>
      run.profile?.sites.map(({ count, raised }) => [count, raised]) ?? [];
    expect(counts(there)).toEqual(counts(here));
    console.log(`arm64: ${counts(there).length} sites have the same counts`);
    expect(counts(there).length).toBeGreaterThan(50);
  });
});
