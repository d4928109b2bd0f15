/** Rule: what the interpreter does in place because of the next instruction, it does in place with probes too. */
import { expect, test } from 'vitest';
import { compileOne, probe, runBoth, runProgram, totals } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

/** Prints how much longer an addition to a growing string takes than one of short strings: no longer, if in place. */
const GLUE = (n: number, statement: string): string => `
import time

def glue(n):
    s, t = '', 'x' * 10
    for i in range(n):
        ${statement}
    return len(s)

def plain(n):
    s, t = '', 'x' * 10
    for i in range(n):
        u = t + t
    return len(u)

def timed(work):
    best = 1e9
    for _ in range(3):
        start = time.process_time()
        work(${n})
        best = min(best, time.process_time() - start)
    return best

print(glue(${n}))
import sys
print(timed(glue) / timed(plain), file=sys.stderr)
`;

// debug builds copy whatever they reallocate
describePythons('string addition', (python) => {
  test('string addition stays linear', () => {
    for (const [statement, opcodes] of [
      ['s += t', 'all'],
      ['s = s + t', 'all'],
      ['s += t', 'store'],
    ]) {
      const pyc = compileOne(python, GLUE(120_000, statement));
      const { status, stderr } = runProgram(python, probe(pyc, opcodes).pyc);
      expect(status).toBe(0);
      // some 100 times slower where every addition copies
      expect(Number(stderr)).toBeLessThan(12);
      console.log(
        `glue, Python ${python.label}, ${opcodes}: ${statement} takes ${Number(stderr).toFixed(1)} × a plain addition`,
      );
    }
  });

  test('an addition in place is counted like any other', () => {
    const { sites } = runBoth(python, compileOne(python, GLUE(500, 's += t')), 'arith');
    expect(totals(sites, 'glue', /ADD|OP/).count).toBe(4 * 500);
  });
});
