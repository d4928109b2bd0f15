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
const STORED = fileURLToPath(new URL('stored_of.py', import.meta.url));

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
    for (const { how, otherType, freed, count } of variants)
      for (const type of how === 'freed' ? [freed, otherType] : [freed])
        if (type?.startsWith('__main__.')) {
          const key = `${qualname.split('.').at(-1)} ${opcode} ${type.slice('__main__.'.length)}`;
          sums[key] = (sums[key] ?? 0) + count;
        }
  return sums;
}

/** What stored_of.py prints. */
interface Stored {
  readonly freed: Readonly<Record<string, number>>;
  readonly ran: Readonly<Record<string, number>>;
}

const STORES = 'STORE_ATTR,DELETE_ATTR,STORE_SUBSCR,DELETE_SUBSCR,STORE_SLICE';

/** Functions in which only code of the program could tell; or where a store fails, which frees what was to be stored. */
const UNTOLD = /^(unknown|hooks|odd_keys|odd_numbers|strange_dicts|kept_meanwhile|missing|defaults) /;

/** Some of these: how many of their stores freed an object, nothing, or what cannot be known. */
const OUTCOMES: Readonly<Record<string, readonly number[]>> = {
  unknown: [0, 0, 180],
  odd_keys: [0, 0, 180],
  odd_numbers: [0, 0, 90],
  strange_dicts: [0, 0, 270],
  kept_meanwhile: [0, 0, 30],
  missing: [0, 90, 0],
  slices: [180, 180, 60],
};

const CONTAINERS = new Set(
  ['collections.defaultdict', '__main__.Keeps', 'dict'].flatMap((type) => [`${type} str`, `${type} int`]),
);

/** Executions of the sites of a function by whether they freed something: an object, nothing, who knows. */
function outcomes(sites: readonly SiteStats[], where: string): readonly number[] {
  const variants = sites.filter((site) => site.function === where).flatMap((site) => site.variants);
  return [true, false, null].map((outcome) =>
    variants.reduce((sum, { frees, count }) => sum + (frees === outcome ? count : 0), 0),
  );
}

/**
 * What is freed with a list that a statement drops is not what the statement drops. In a namespace that is no dict of names
 * nobody looks.
 */
function isAsked(key: string): boolean {
  const isOther = /^(<module> POP_TOP|Odd )/.test(key) || isUntold(key.split(' ', 1)[0]);
  return /^\S+ (STORE|DELETE|POP_TOP)/.test(key) && !isOther;
}

/** Namespaces in which nobody looks. */
function isUntold(where: string): boolean {
  return where.endsWith('Odd');
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
      for (const site of told) if (!isUntold(site.function)) expect(seenOf(site)).toBe(site.count);
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

    test('of attributes and items are freed by the very instructions that free them', () => {
      const plain = JSON.parse(runPython(python, [STORED])) as Stored;
      const { truth, sites } = runProbed<Stored>(python, STORED, STORES);
      expect(truth).toEqual(plain);
      for (const { variants, count } of sites)
        expect(variants.reduce((sum, variant) => sum + variant.count, 0)).toBe(count);
      const freed = Object.entries(freedBy(sites));
      const known = Object.fromEntries(freed.filter(([key]) => !UNTOLD.test(key)));
      const isStore = (key: string): boolean => /^\S+ (STORE|DELETE)_(ATTR|SUBSCR|SLICE) /.test(key);
      const told = Object.entries(truth.freed).filter(([key]) => isStore(key) && !UNTOLD.test(key));
      expect(known).toEqual(Object.fromEntries(told));
      for (const [key, count] of freed) expect(count, key).toBeLessThanOrEqual(truth.freed[key] ?? 0);
      expect(Object.fromEntries(Object.keys(OUTCOMES).map((name) => [name, outcomes(sites, name)]))).toEqual(
        OUTCOMES,
      );
      const containers = sites
        .filter((site) => site.function === 'kinds_of_dicts')
        .flatMap((site) => site.variants);
      expect(new Set(containers.map(({ type, otherType }) => `${type} ${otherType}`))).toEqual(CONTAINERS);
      const objects = told.reduce((sum, [, count]) => sum + count, 0);
      console.log(`freed by stores, Python ${python.label}: ${objects} objects, ${sites.length} sites`);
      expect(objects).toBeGreaterThan(2000);
    });
  },
  { debug: true, freeThreaded: true },
);
