/** Law: the contexts of a site add up to its counters; and of chains that are known, to the count that is known. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { nativeRuntime } from '../native/runtime.ts';
import { chains } from '../support/chains.ts';
import { describePythons, type Python, runPython } from '../support/pythons.ts';

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** The profiles of all processes of an instrumented run, the first process first. */
function record(python: Python, source: string, opcodes: string, options: object): Profile[] {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-contexts-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'program.pyc');
  const compile = `import py_compile; py_compile.compile(${JSON.stringify(source)}, cfile=${JSON.stringify(path)}, doraise=True)`;
  runPython(python, ['-c', compile]);
  const pyc = readPyc(readFileSync(path));
  writeFileSync(
    path,
    writePyc(instrument(pyc, { select: selectOpcodes(opcodes, pyc.version), ...options }).pyc),
  );
  const out = join(folder, 'out');
  mkdirSync(out);
  runPython(python, [path], { env: { PYTHONPATH: nativeRuntime(python).folder, PYREWRITE_OUT: `${out}/` } });
  return readdirSync(out)
    .map((name) => readProfile(readFileSync(join(out, name))))
    .sort((a, b) => Number(b.processes[0].finished) - Number(a.processes[0].finished));
}

/** Sites whose contexts were added up, and those of them with a context whose time was cut to zero. */
const compared = { sites: 0, noTotal: 0, noSelf: 0 };

/** What the contexts of a site come to and the site itself says, where the two differ. */
function disagreements({ sites, contexts }: Profile): string[] {
  const sums = sites.map(() => ({
    count: 0,
    raised: 0,
    totalNs: 0,
    selfNs: 0,
    noTotal: false,
    noSelf: false,
    own: 0,
    all: 0,
  }));
  for (const { site, ...counters } of contexts) {
    if (site < 0) continue;
    sums[site].count += counters.count;
    sums[site].raised += counters.raised;
    sums[site].totalNs += counters.totalNs;
    sums[site].selfNs += counters.selfNs;
    sums[site].noTotal ||= counters.count > 0 && counters.totalNs === 0;
    sums[site].noSelf ||= counters.count > 0 && counters.selfNs === 0;
    sums[site].all += counters.count > 0 ? 1 : 0;
    sums[site].own += counters.count > 0 && counters.totalNs === counters.selfNs ? 1 : 0;
  }
  // A sum below zero is shown as zero, and a total below its own part as that: of each context, and of the site. Where that
  // happened contexts can only come to more.
  const near = (a: number, b: number, isCut: boolean): boolean =>
    Math.abs(a - b) <= 2000 + b * 0.05 || (isCut && a > b);
  compared.sites += sums.filter(({ count }) => count > 0).length;
  compared.noTotal += sums.filter(({ noTotal }) => noTotal).length;
  compared.noSelf += sums.filter(({ noSelf }) => noSelf).length;
  return sites.flatMap((site, i) => {
    const { count, raised, totalNs, selfNs, noTotal, noSelf, own, all } = sums[i];
    const same = count === site.count && raised === site.raised;
    const isPutUp = noTotal || (own > 0 && own < all);
    if (same && near(totalNs, site.totalNs, isPutUp) && near(selfNs, site.selfNs, noSelf)) return [];
    const seen = { count: site.count, raised: site.raised, totalNs: site.totalNs, selfNs: site.selfNs };
    return [
      `${site.function}:${site.line} ${site.opcode}: ${JSON.stringify(sums[i])}, not ${JSON.stringify(seen)}`,
    ];
  });
}

const MAIN = 'MainThread > <module>.main()';

/** In the first process, by chain. */
const KNOWN: Readonly<Record<string, number>> = {
  MainThread: 0,
  [MAIN]: 1,
  [`${MAIN} > main.twice()`]: 10,
  [`${MAIN} > main.twice() > twice.leaf() > leaf.value`]: 20,
  [`${MAIN} > main.down() > down.up() > up.down()`]: 9,
  [`${MAIN} > main.down() > down.up() > up.down() > down.value`]: 1,
  [`${MAIN} > main.sum() > numbers.value`]: 3,
  [`${MAIN} > main.swallow() > swallow.double > Thing.double.value`]: 6,
  [`${MAIN} > main.swallow() > swallow.fail() > Thing.fail.value`]: 6,
  [`${MAIN} > main.by_hand() > by_hand.send() > step.value`]: 1,
  'worker > in_thread.twice()': 20,
  'worker > in_thread.twice() > twice.leaf() > leaf.value': 40,
  'task two_tasks > two_tasks.walk()': 3,
  'task two_tasks > two_tasks.await > walk.await > step.value': 4,
  'task two_tasks > two_tasks.await > walk.list() > numbers.value': 3,
  'task walk > walk.await > step.value': 2,
  'task reader > walk.await > step.await': 3,
  'task reader > walk.await > step.value': 3,
  'task reader > walk.list() > numbers.value': 3,
};

function countOf(profile: Profile, chain: string): number | undefined {
  return chains(profile).get(chain)?.count;
}

describePythons(
  'exact contexts',
  (python) => {
    test('the contexts of a site add up to its counters, whatever the program does', () => {
      const options = { callers: true };
      const source = program('exact_program.py');
      const [profile] = record(python, source, 'all', options);
      const [plain] = record(python, source, 'all', {});
      const [looking] = record(python, source, 'all', { callers: true, types: true });
      const executions = profile.sites.reduce((sum, { count }) => sum + count, 0);
      console.log(
        `exact contexts ${python.label}: ${profile.contexts.length} contexts, ${executions} executions`,
      );
      expect(executions).toBeGreaterThan(5000);
      expect(profile.contexts.length).toBeGreaterThan(profile.sites.length / 2);
      const counts = ({ sites }: Profile): string[] => sites.map(({ count, raised }) => `${count} ${raised}`);
      for (const recorded of [profile, looking]) {
        expect(disagreements(recorded)).toEqual([]);
        expect(counts(recorded)).toEqual(counts(plain));
        expect(recorded.lost.unrecordedContexts).toBe(0);
      }
    });

    test('chains through recursion, generators, exceptions, threads, tasks and forks', () => {
      const profiles = record(python, program('exact_contexts.py'), 'attr,call,await', { callers: true });
      const [first, child] = profiles;
      expect(profiles).toHaveLength(2);
      const counts = Object.fromEntries(Object.keys(KNOWN).map((chain) => [chain, countOf(first, chain)]));
      expect(counts, [...chains(first).keys()].join('\n')).toEqual(KNOWN);
      expect(chains(first).get(`${MAIN} > main.swallow() > swallow.fail()`)?.raised).toBe(6);
      expect(countOf(child, 'MainThread > in_child.twice()')).toBe(7);
      expect(countOf(child, `${MAIN} > main.twice()`)).toBeUndefined();
      for (const profile of profiles) expect(disagreements(profile)).toEqual([]);
      const merged = mergeProfiles(profiles);
      expect(disagreements(merged)).toEqual([]);
      expect(countOf(merged, 'MainThread > in_child.twice() > twice.leaf() > leaf.value')).toBe(14);
      expect(countOf(merged, 'worker > in_thread.twice()')).toBe(20);
      console.log(`known chains ${python.label}: ${Object.keys(KNOWN).length} of ${first.contexts.length}`);
    });
  },
  { debug: true, freeThreaded: true },
);

test('times that were cut to zero are few', () => {
  const { sites, noTotal, noSelf } = compared;
  console.log(`contexts of ${sites} sites: ${noTotal} without a time, ${noSelf} without one of their own`);
  expect(sites).toBeGreaterThan(0);
  for (const cut of [noTotal, noSelf]) expect(cut).toBeLessThan(sites / 10);
});
