/** The C unit tests: as users compile the code, and with everything that looks for mistakes in C. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FULL } from '../support/full.ts';
import {
  compileParallel,
  compiler,
  compileUnitTests,
  hasTool,
  runIn,
  SAID,
  SANITIZERS,
  testWith,
} from './toolchain.ts';

const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-unit-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function checkRun(title: string, command: readonly string[], least = 1_000_000): void {
  const { status, stdout, stderr } = runIn(folder, command);
  expect({ status, stderr }, stdout).toEqual({ status: 0, stderr: expect.stringMatching(SAID) });
  const checks = Number(/^ok (\d+)$/m.exec(stdout)?.[1]);
  console.log(`C unit tests (${title}): ${checks} checks`);
  expect(checks).toBeGreaterThan(least);
}

/** As the runtime is compiled. */
const OPTIMIZED: readonly string[] = [];
const { address: ADDRESS, thread: THREAD } = SANITIZERS;

/** Each mistake and what is said of it: tests that find nothing must be able to find something. */
const MISTAKES = [
  { flags: ADDRESS, mistake: 'overflow', says: /heap-buffer-overflow|with insufficient space/ },
  { flags: ADDRESS, mistake: 'undefined', says: /runtime error: signed integer overflow/ },
  { flags: ADDRESS, mistake: 'leak', says: /LeakSanitizer: detected memory leaks/ },
  { flags: THREAD, mistake: 'race', says: /ThreadSanitizer: data race/ },
];

describe('the C unit tests', () => {
  test('optimized', () => checkRun('optimized', [compileUnitTests(compiler(), OPTIMIZED, folder)]));

  for (const [title, flags] of [
    ['AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer', ADDRESS],
    ['ThreadSanitizer', THREAD],
  ] as const) {
    test(`with ${title}`, () => {
      const program = compileUnitTests(compiler(), flags, folder);
      checkRun(title, [program]);
      for (const { mistake, says } of MISTAKES.filter((one) => one.flags === flags)) {
        const { status, stderr } = runIn(folder, [program], { PYREWRITE_FAULT: mistake });
        expect(status, mistake).not.toBe(0);
        expect(stderr).toMatch(says);
      }
    });
  }

  describe('without a GIL', () => {
    const FORKS = '20';
    test('many threads count exactly, over forks', () => {
      checkRun('parallel', [compileParallel(compiler(), OPTIMIZED, folder), FORKS], 600_000);
    });
    // Its library does not know a thread of a child whose id one of the parent had: so nothing forks.
    test('and ThreadSanitizer finds nothing', () => {
      const program = compileParallel(compiler(), THREAD, folder);
      checkRun('parallel, ThreadSanitizer', [program], 600_000);
      const { status, stderr } = runIn(folder, [program], { PYREWRITE_FAULT: 'race' });
      expect(status).not.toBe(0);
      expect(stderr).toMatch(/ThreadSanitizer: data race/);
    });
  });

  testWith(['clang'], 'compiled by clang, with its sanitizers', () => {
    checkRun('clang', [compileUnitTests(compiler('clang'), OPTIMIZED, folder)]);
    checkRun('clang, sanitizers', [compileUnitTests(compiler('clang'), ADDRESS, folder)]);
  });

  // Minutes on a busy machine; LeakSanitizer has seen the same program.
  const title = 'under valgrind';
  if (!FULL && hasTool('valgrind')) test.skip(`${title} (PYREWRITE_FULL=1)`, () => {});
  else
    testWith(['valgrind'], title, () => {
      const program = compileUnitTests(compiler(), ['-O1', '-g'], folder);
      const valgrind = ['valgrind', '-q', '--leak-check=full', '--error-exitcode=9'];
      checkRun('valgrind', [...valgrind, program]);
      const { status, stderr } = runIn(folder, [...valgrind, program], { PYREWRITE_FAULT: 'leak' });
      expect(status).toBe(9);
      expect(stderr).toMatch(/definitely lost/);
    });
});
