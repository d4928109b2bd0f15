/** What statements drop or replace is told by type where the last reference went, of real code on every version. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { SiteStats } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { describePythons, type Python, runPython } from '../support/pythons.ts';
import { nativeRuntime } from './runtime.ts';

const PROGRAM = fileURLToPath(new URL('dropped_of.py', import.meta.url));
const REPLACED = fileURLToPath(new URL('replaced_of.py', import.meta.url));

/** Runs a program with probes on what is selected; what it printed, and the sites. */
function runProbed<Truth>(
  python: Python,
  program: string,
  selection: string,
): { truth: Truth; sites: readonly SiteStats[] } {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-dropped-'));
  const file = join(folder, 'program.pyc');
  const compile = `import py_compile; py_compile.compile(${JSON.stringify(program)}, cfile=${JSON.stringify(file)}, doraise=True)`;
  runPython(python, ['-c', compile]);
  const pyc = readPyc(readFileSync(file));
  const select = selectOpcodes(selection, pyc.version);
  writeFileSync(file, writePyc(instrument(pyc, { select, types: true }).pyc));
  const env = { PYTHONPATH: nativeRuntime(python).folder, PYREWRITE_OUT: `${folder}/` };
  const truth = JSON.parse(runPython(python, [file], { env })) as Truth;
  const [name] = readdirSync(folder).filter((one) => one.endsWith('.prof'));
  const { sites } = readProfile(readFileSync(join(folder, name)));
  rmSync(folder, { recursive: true, force: true });
  return { truth, sites };
}

const VARIABLES = /^(STORE|DELETE)_(FAST|DEREF|NAME|GLOBAL)/;

/** Function, opcode and type → objects freed, of variables and of what a statement of the given function drops. */
function freedBy(sites: readonly SiteStats[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { function: qualname, opcode, variants } of sites)
    for (const { how, type, otherType, count } of variants)
      for (const freed of how === 'freed' ? [type, otherType] : [])
        if (freed?.startsWith('__main__.')) {
          const key = `${qualname.split('.').at(-1)} ${opcode} ${freed.slice('__main__.'.length)}`;
          sums[key] = (sums[key] ?? 0) + count;
        }
  return sums;
}

/**
 * What is freed with a list that a statement drops is not what the statement drops. In a namespace that is no dict of names
 * nobody looks.
 */
function isAsked(key: string): boolean {
  return /^\S+ (STORE|DELETE|POP_TOP)/.test(key) && !/^(<module> POP_TOP|Odd )/.test(key);
}

describePythons(
  'objects that POP_TOP drops',
  (python) => {
    test('are freed, or kept by others', () => {
      const { truth, sites } = runProbed<Record<string, [number, string | null][]>>(
        python,
        PROGRAM,
        'POP_TOP',
      );
      for (const [where, expected] of Object.entries(truth)) {
        const variants = sites.filter((site) => site.function === where).flatMap((site) => site.variants);
        const freed = variants.filter(({ how }) => how === 'freed').map(({ count, type }) => [count, type]);
        const kept = variants.filter(({ how }) => how === 'kept').reduce((sum, { count }) => sum + count, 0);
        const [[first, type]] = expected;
        expect(freed).toEqual(type === null ? [] : expected);
        expect(kept).toBe(type === null ? first : 0);
      }
      expect(Object.keys(truth)).toHaveLength(3);
    });

    test('of variables are freed by the very instructions that free them', () => {
      const { truth, sites } = runProbed<Record<string, number>>(python, REPLACED, 'dealloc');
      const expected = Object.fromEntries(Object.entries(truth).filter(([key]) => isAsked(key)));
      const freed = Object.fromEntries(Object.entries(freedBy(sites)).filter(([key]) => isAsked(key)));
      expect(freed).toEqual(expected);
      const told = sites.filter(({ opcode }) => VARIABLES.test(opcode));
      const seenOf = ({ variants }: SiteStats): number => variants.reduce((sum, { count }) => sum + count, 0);
      for (const site of told) if (!site.function.endsWith('Odd')) expect(seenOf(site)).toBe(site.count);
      const odd = told.filter((site) => site.function.endsWith('Odd') && site.name === 'thing');
      expect(odd.map((site) => [site.count, seenOf(site)])).toEqual(Array(6).fill([40, 0]));
      const unset = (where: string, name: string): number[] =>
        told
          .filter((site) => site.function === where && site.name === name)
          .map(({ variants }) => variants.find(({ how }) => how === 'unset')?.count ?? 0);
      expect(unset('deleted', 'thing')).toEqual([40, 0]);
      expect(unset('in_a_loop', 'thing')).toEqual([1]);
      expect(unset('handlers', 'missing')).toEqual([40, 40, 0]);
      const objects = Object.values(expected).reduce((sum, count) => sum + count, 0);
      console.log(`freed by variables, Python ${python.label}: ${objects} objects, ${told.length} sites`);
      expect(objects).toBeGreaterThan(900);
    });
  },
  { debug: true, freeThreaded: true },
);
