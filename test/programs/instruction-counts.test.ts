/** Law: the counts of real programs are those that the interpreter's own instruction events give. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { walkCode } from '../../src/code/index.ts';
import { type CodeObject, readPyc, strValue } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { SiteStats } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { makeFolder, pyrewrite, start } from '../cli/cli.ts';
import { plannedSites } from '../laws/planned-sites.ts';
import { FULL } from '../support/full.ts';
import { describePythons, type Python } from '../support/pythons.ts';

const COUNTER = join(import.meta.dirname, 'count_instructions.py');
const SCRIPTS = join(import.meta.dirname, 'scripts');
const env = { PYTHONHASHSEED: '0', PYTHONDONTWRITEBYTECODE: '1' };

interface Counted {
  readonly title: string;
  readonly files: readonly string[];
  readonly args: readonly string[];
  readonly include: readonly string[];
}

const PROGRAMS: readonly Counted[] = [
  {
    title: 'json.tool',
    files: ['table.json'],
    args: ['-m', 'json.tool', '--sort-keys', 'table.json'],
    include: ['json', 'argparse'],
  },
  { title: 'difflib', files: ['differences.py'], args: ['differences.py'], include: ['difflib'] },
  {
    title: 'tokenize',
    files: ['data.py'],
    args: ['-m', 'tokenize', 'data.py'],
    include: ['tokenize', 're', 'sre_*'],
  },
  {
    title: 'fractions, regular expressions, textwrap',
    files: ['numbers_and_texts.py'],
    args: ['numbers_and_texts.py'],
    include: ['fractions', 're', 'sre_*', 'textwrap', 'string', 'decimal'],
  },
  {
    title: 'dataclasses, enum, pickle, inspect',
    files: ['language.py'],
    args: ['language.py'],
    include: [
      'dataclasses',
      'enum',
      'contextlib',
      'functools',
      'inspect',
      'copy',
      'pickle',
      'traceback',
      'types',
    ],
  },
  {
    title: 'csv, statistics',
    files: ['stats.py'],
    args: ['stats.py'],
    include: ['csv', 'statistics', 'sqlite3'],
  },
];

/** The number of executions of each instruction, by file, then as exact_counts.py names it. */
type Truth = ReadonlyMap<string, ReadonlyMap<string, number>>;

async function countInstructions(
  python: Python,
  program: Counted,
  cwd: string,
  files: readonly string[],
): Promise<Truth> {
  writeFileSync(join(cwd, '.files'), files.join('\n'));
  const { status, stderr } = await start(python.path, [COUNTER, '.counts', '.files', ...program.args], {
    cwd,
    env,
  });
  expect(status, stderr).toBe(0);
  const truth = new Map<string, Map<string, number>>();
  for (const line of readFileSync(join(cwd, '.counts'), 'utf8').trimEnd().split('\n')) {
    const [, count, offset, firstLine, name, file] = /^(\d+) (\d+) (-?\d+) (\S+) (.*)$/.exec(line) ?? [];
    const counts = truth.get(file) ?? new Map<string, number>();
    truth.set(file, counts.set(`${firstLine} ${name} ${offset}`, Number(count)));
  }
  return truth;
}

async function record(python: Python, program: Counted, cwd: string): Promise<readonly SiteStats[]> {
  const options = ['run', '--python', python.path, '--opcodes', 'all', '-o', '.prof'];
  for (const module of program.include) options.push('--include', module);
  const { status, stderr } = await pyrewrite([...options, ...program.args], { cwd, env });
  expect(status, stderr).toBe(0);
  const { sites, lost } = readProfile(readFileSync(join(cwd, '.prof')));
  expect(Object.values(lost).every((count) => count === 0)).toBe(true);
  return sites;
}

/** What is wrong with the counts of one file. */
async function wrongCounts(
  python: Python,
  file: string,
  sites: readonly SiteStats[],
  truth: ReadonlyMap<string, number>,
): Promise<string[]> {
  const folder = makeFolder();
  const compile = 'import py_compile, sys; py_compile.compile(sys.argv[1], sys.argv[2], doraise=True)';
  await start(python.path, ['-c', compile, file, 'plain.pyc'], { cwd: folder });
  const pyc = readPyc(readFileSync(join(folder, 'plain.pyc')));
  const planned = plannedSites(pyc.code, pyc, selectOpcodes('all', pyc.version));
  rmSync(folder, { recursive: true });
  expect([file, sites.length]).toEqual([file, planned.length]);
  const twins = ambiguousPlaces(pyc.code);
  return planned.flatMap(({ keys, opname }, k) => {
    const [key] = keys;
    if (twins.has(placeOf(key))) return [];
    const expected = Math.max(...keys.map((name) => truth.get(name) ?? 0));
    const { count } = sites[k];
    return count === expected ? [] : [`${file} ${opname} at ${key}: ${count}, not ${expected}`];
  });
}

/** `<co_firstlineno> <co_name>` of a key. */
function placeOf(key: string): string {
  return key.slice(0, key.lastIndexOf(' '));
}

/** Functions with the same name and line, such as two lambdas: the counter cannot tell them apart. */
function ambiguousPlaces(root: CodeObject): Set<string> {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const code of walkCode(root)) {
    const place = `${code.co_firstlineno} ${strValue(code.co_name)}`;
    (seen.has(place) ? twice : seen).add(place);
  }
  return twice;
}

let files = 0;
let executions = 0;

beforeAll(async () => {
  await pyrewrite(['runtime']);
});
afterAll(() => {
  console.log(`instruction counts: ${files} files, ${executions} executions compared`);
  expect(executions).toBeGreaterThan(10_000);
});

describePythons(
  'instruction counts',
  (python) => {
    test.each(FULL ? PROGRAMS : PROGRAMS.slice(0, 2))('$title', async (program) => {
      const texts = program.files.map((name) => [name, readFileSync(join(SCRIPTS, name), 'utf8')] as const);
      const cwd = makeFolder(Object.fromEntries(texts));
      const sites = await record(python, program, cwd);
      const byFile = new Map<string, SiteStats[]>();
      for (const site of sites) {
        const own = byFile.get(site.file);
        if (own === undefined) byFile.set(site.file, [site]);
        else own.push(site);
      }
      const truth = await countInstructions(python, program, cwd, [...byFile.keys()]);
      for (const [file, own] of byFile) {
        const ordered = own.toSorted((a, b) => a.position - b.position);
        expect(await wrongCounts(python, file, ordered, truth.get(file) ?? new Map())).toEqual([]);
        files++;
        executions += own.reduce((sum, { count }) => sum + count, 0);
      }
    });
  },
  FULL ? {} : { names: ['3.8', '3.11', '3.15'] },
);
