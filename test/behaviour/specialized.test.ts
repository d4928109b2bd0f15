/**
 * Law: probes leave to the interpreter's adaptive instructions what they specialize on, timed or not. On 3.14 and 3.15
 * the programs also run with the JIT on.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describePythons } from '../support/pythons.ts';
import { runForms } from './run-both.ts';

const read = (name: string): string => readFileSync(fileURLToPath(new URL(name, import.meta.url)), 'utf8');
const ADAPTIVE = ['3.11', '3.12', '3.13', '3.14', '3.15'];
const JIT = ['3.14', '3.15'];

/** Opnames with a specialized form's suffix, of all functions. */
function specialized(stdout: string): string[] {
  return (
    stdout.match(
      /\b(?:LOAD_ATTR|STORE_ATTR|BINARY_OP|BINARY_SUBSCR|COMPARE_OP|CALL|FOR_ITER|TO_BOOL)_[A-Z]\w+/g,
    ) ?? []
  );
}

describePythons(
  'specialization',
  (python) => {
    test.each(['all', 'attr', 'arith,call', 'store,iter', 'dealloc', 'store,dealloc,build'])(
      'is the same with %s',
      (opcodes) => {
        const runs = runForms(python, { source: read('specialized.py'), opcodes }, ['probed']);
        const { plain, seen } = runs;
        const found = specialized(plain.stdout);
        console.log(`specialization, Python ${python.label}: ${found.length} specialized instructions`);
        expect(seen.probed).toEqual(plain);
        expect(found.length).toBeGreaterThan(20);
      },
    );
  },
  { names: ADAPTIVE },
);

describePythons(
  'specialization of the original body',
  (python) => {
    test('is what it was while gates are shut', () => {
      const { plain, seen, executions } = runForms(python, { source: read('specialized.py') }, ['closed']);
      const shut = seen.closed;
      expect([shut.status, shut.stderr, executions.closed]).toEqual([0, '', 0]);
      // The copy stands behind the original.
      const [before, after] = [plain, shut].map(({ stdout }) => stdout.trim().split('\n'));
      expect(after.map((line, k) => line.slice(0, before[k].length))).toEqual(before);
      expect(after[0].length).toBeGreaterThan(before[0].length);
    });
  },
  { names: ADAPTIVE.slice(1) },
);

describePythons(
  'the JIT',
  (python) => {
    test.each(['specialized.py', 'programs/operators.py', 'programs/calls.py', 'programs/generators.py'])(
      'runs %s the same',
      (name) => {
        const source = `import sys\nprint(sys._jit.is_enabled())\n${read(name)}`;
        const { plain, seen, executions } = runForms(python, { source, env: { PYTHON_JIT: '1' } }, [
          'probed',
        ]);
        const { probed } = seen;
        const output = (text: string): string => (name === 'specialized.py' ? '' : text);
        expect(plain.stdout).toMatch(/^True\n/);
        expect(probed.stdout).toMatch(/^True\n/);
        expect([output(probed.stdout), probed.stderr, probed.status]).toEqual([output(plain.stdout), '', 0]);
        expect(executions.probed).toBeGreaterThan(20);
      },
    );
  },
  { names: JIT },
);
