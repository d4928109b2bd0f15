/**
 * Law: CPython's own tests end with probes everywhere as without. A few telling modules of them; tools/cpython-suite
 * runs them all, and docs/reference/cpython-suite.md has what came of it.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { compareRuns } from '../../tools/cpython-suite/compare.ts';
import { allowedReasons, DOCUMENT, renderDocument } from '../../tools/cpython-suite/document.ts';
import type { ModuleResult } from '../../tools/cpython-suite/results.ts';
import { runModule } from '../../tools/cpython-suite/run-module.ts';
import { RESULTS, storedLabels } from '../../tools/cpython-suite/store.ts';
import { copyInterpreter, probeTree, type Tree } from '../../tools/cpython-suite/trees.ts';
import { everySecond } from '../support/full.ts';
import { describePythons, type Python } from '../support/pythons.ts';

/** Two of them with each version. */
const MODULES = ['test_grammar', 'test_generators', 'test_coroutines', 'test_with'];
/** These take long: not in debug builds, and one of them with each version. */
const SLOW = ['test_exceptions', 'test_sys_settrace'];
/** For a module; most take one, and a busy machine some more. */
const SECONDS = 250;

/** Every second version does, and all debug builds, which check what is on the stack, and the one without the GIL. */
function looksAtOperands({ name, debug, freeThreaded }: Python): boolean {
  return debug || freeThreaded || Number(name.split('.')[1]) % 2 === 0;
}

const total = { interpreters: 0, methods: 0 };

describePythons(
  'a part of CPython’s own tests',
  (python) => {
    test('ends the same with probes', async () => {
      const slow = python.debug ? [] : everySecond(SLOW, python);
      const modules = [...slow, ...everySecond(MODULES, python)];
      const work = mkdtempSync(join(tmpdir(), 'cpython-suite-test-'));
      try {
        const plain = await runAll(copyInterpreter(python, work), modules);
        // The compiled files of what was imported are there now, and only they get probes.
        const { tree, report } = probeTree(python, work, {
          opcodes: 'all',
          types: looksAtOperands(python),
          commit: 'here',
        });
        const probed = await runAll(tree, modules);
        const comparisons = modules.map((module, k) => compareRuns(python, module, [plain[k]], [probed[k]]));
        const methods = comparisons.map(({ run }) => run);
        const found = comparisons.flatMap(({ differences }) => differences);
        const compared = methods.reduce((sum, one) => sum + one, 0);
        console.log(
          `CPython's own tests ${python.label}: ${modules.length} modules, ${compared} methods compared, ` +
            `${found.filter(({ kind }) => kind === 'allowed').length} differ and may; ${report.sites} sites`,
        );
        expect(found.filter(({ kind }) => kind !== 'allowed')).toEqual([]);
        // One that cannot be imported would end the same, too.
        expect(Math.min(...methods)).toBeGreaterThan(10);
        total.interpreters++;
        total.methods += compared;
      } finally {
        rmSync(work, { recursive: true, force: true, maxRetries: 3 });
      }
    });
  },
  { debug: true, freeThreaded: true },
);

afterAll(() => {
  console.log(`CPython's own tests: ${total.methods} methods compared by ${total.interpreters} interpreters`);
});

test('the document has the reasons of the list', () => {
  const document = readFileSync(DOCUMENT, 'utf8');
  expect(allowedReasons().filter((reason) => !document.includes(reason))).toEqual([]);
});

test.skipIf(storedLabels(RESULTS).length === 0)('the document is what the committed results give', () => {
  // tools/cpython-suite/main.ts --modules none --write
  expect(readFileSync(DOCUMENT, 'utf8')).toBe(renderDocument(RESULTS));
});

/** The results of the modules, in their order; two run at a time. */
async function runAll(tree: Tree, modules: readonly string[]): Promise<readonly ModuleResult[]> {
  const results: ModuleResult[] = [];
  const left = [...modules.keys()];
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      results[next] = await runModule(tree, modules[next], { seconds: SECONDS });
  };
  await Promise.all([work(), work()]);
  return results;
}
