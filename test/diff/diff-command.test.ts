/** `pyrewrite diff` on programs that were run, edited and run again. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { DiffReport } from '../../src/report/diff/index.ts';
import { makeFolder, pyrewrite } from '../cli/cli.ts';
import { MEASURED, measured } from '../support/measured.ts';
import { describePythons, findPython, type Python } from '../support/pythons.ts';

const PROGRAM = `class Row:
    def __init__(self, value):
        self.value = value

    @property
    def double(self):
        return self.value * 2


def total(rows):
    result = 0
    for row in rows:
        result += row.value
        result += row.double
    return result


def main():
    rows = [Row(n) for n in range(300)]
    print(sum(total(rows) for _ in range(20)))


main()
`;

const COMMENTED = PROGRAM.replace('    for row', '    # a comment line\n    for row');
const EDITED = PROGRAM.replace(
  '        result += row.double\n',
  '        if row.value >= 0:\n            result += row.double + row.value\n',
);

const SCHEMA = JSON.parse(
  readFileSync(resolve(import.meta.dirname, '../../docs/reference/diff.schema.json'), 'utf8'),
);

/** Runs a program; its profile is `NAME.prof` in the folder. */
async function record(python: Python, folder: string, program: string, name: string): Promise<void> {
  const args = [
    'run',
    '--python',
    python.path,
    '--opcodes',
    'all',
    '-o',
    join(folder, `${name}.prof`),
    program,
  ];
  const { status, stderr } = await pyrewrite(args, { cwd: folder });
  expect(status, stderr).toBe(0);
}

async function compare(folder: string, ...args: readonly string[]): Promise<DiffReport> {
  const { status, stdout, stderr } = await pyrewrite(['diff', '--json', ...args], { cwd: folder });
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

type DiffSite = DiffReport['sites'][number];

const describeSite = (site: DiffSite): string =>
  `${site.verdict} ${site.opcode} ${site.name} ${site.b?.line ?? site.a?.line}`;

const hasOtherCounts = ({ verdict, count, raised }: DiffSite): boolean =>
  ['new', 'gone'].includes(verdict) || [count, raised].some((one) => one.verdict !== 'same');

/** What differs in counts, which are exact. */
const differing = ({ sites }: DiffReport): string[] => sites.filter(hasOtherCounts).map(describeSite);

/** What differs in nothing but times. */
const otherwiseTimed = ({ sites }: DiffReport): string[] =>
  sites.filter((site) => site.verdict === 'changed' && !hasOtherCounts(site)).map(describeSite);

function pythonOf(label: string): Python {
  const python = findPython(label);
  if (python === undefined) throw new Error(`Python ${label} is missing`);
  return python;
}

describePythons(
  'a program against itself and one comment line',
  (python) => {
    test('shows no difference', MEASURED, async () => await sameProgram(python));
  },
  { names: ['3.8', '3.11', '3.14'] },
);

async function sameProgram(python: Python): Promise<void> {
  const folder = makeFolder({ 'a/app.py': PROGRAM, 'b/app.py': COMMENTED });
  for (const round of ['1', '2']) {
    for (const side of ['a', 'b']) await record(python, folder, `${side}/app.py`, `${side}-${round}`);
  }
  const once = await compare(folder, 'a-1.prof', 'b-1.prof');
  const twice = await compare(folder, 'a-*.prof', 'b-*.prof');
  expect(twice.a.runs).toBe(2);
  const paired = once.sites.filter(({ a, b, count }) => a !== null && b !== null && count.a.mean > 0);
  for (const { count, raised } of paired) expect([count.verdict, raised.verdict]).toEqual(['same', 'same']);
  console.log(`diff: ${paired.length} sites of Python ${python.label} are where they were`);
  expect(paired.length).toBeGreaterThan(20);
  for (const report of [once, twice]) expect(differing(report)).toEqual([]);
  for (const report of [once, twice]) expect(otherwiseTimed(report), measured('times')).toEqual([]);
}

describe('pyrewrite diff', () => {
  test('an edit shows what is new and what is executed more often, and nothing else', MEASURED, async () => {
    const python = pythonOf('3.12');
    const folder = makeFolder({ 'a/app.py': PROGRAM, 'b/app.py': EDITED });
    await record(python, folder, 'a/app.py', 'a');
    await record(python, folder, 'b/app.py', 'b');
    const report = await compare(folder, 'a.prof', 'b.prof');
    expect(differing(report).toSorted()).toEqual([
      'new BINARY_OP + 15',
      'new COMPARE_OP >= 14',
      'new LOAD_ATTR value 14',
      'new LOAD_ATTR value 15',
      ...differing(report).filter((line) => line.startsWith('new POP_JUMP')),
    ]);
    const text = await pyrewrite(['diff', 'a.prof', 'b.prof'], { cwd: folder });
    expect(text.stdout).toMatch(/^new +LOAD_ATTR +value +b\/app\.py:14:\d+ +0 → 6,000/m);
    expect(text.stdout).not.toContain('\x1b');
    const markdown = await pyrewrite(['diff', '--markdown', 'a.prof', 'b.prof'], { cwd: folder });
    expect(markdown.stdout).toContain('| new | `LOAD_ATTR value` | `b/app.py:14:11` | 0 → 6,000 |');
    expect(otherwiseTimed(report), measured('times')).toEqual([]);
  });

  test('the JSON is what its schema says', async () => {
    const python = pythonOf('3.12');
    const folder = makeFolder({ 'a/app.py': PROGRAM, 'b/app.py': EDITED });
    await record(python, folder, 'a/app.py', 'a');
    await record(python, folder, 'b/app.py', 'b');
    const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true }).compile(SCHEMA);
    const report = await compare(folder, 'a.prof', 'b.prof');
    validate(report);
    expect(validate.errors ?? []).toEqual([]);
    expect(report.sites.length).toBeGreaterThan(20);
  });

  test('versions of Python are compared by what operations are for', async () => {
    const folder = makeFolder({ 'app.py': PROGRAM });
    await record(pythonOf('3.8'), folder, 'app.py', 'old');
    await record(pythonOf('3.12'), folder, 'app.py', 'new');
    const { sites, a, b } = await compare(folder, 'old.prof', 'new.prof');
    expect([a.python, b.python].map((name) => name.slice(0, 4))).toEqual(['3.8.', '3.12']);
    const paired = sites.filter((site) => site.a !== null && site.b !== null && site.count.b.mean > 0);
    const additions = paired.filter(({ opcode }) => opcode === 'BINARY_OP');
    expect(additions.length).toBe(3);
    for (const { count } of additions) expect(count.verdict).toBe('same');
  });

  test('wrong command lines say what to do', async () => {
    const folder = makeFolder({ 'empty/readme': '' });
    const run = async (...args: string[]) => await pyrewrite(['diff', ...args], { cwd: folder });
    const one = await run('a.prof');
    expect([one.status, one.stderr]).toEqual([2, expect.stringContaining('two sides are needed')]);
    const three = await run('a', 'b', 'c');
    expect([three.status, three.stderr]).toEqual([2, expect.stringContaining('c is one too many')]);
    const none = await run('empty', 'empty');
    expect([none.status, none.stderr]).toEqual([1, expect.stringContaining('there is no profile in empty')]);
    const glob = await run('x-*.prof', 'y-*.prof');
    expect(glob.stderr).toContain('a glob in quotation marks');
    const wide = await run('--threshold', 'much', 'a', 'b');
    expect([wide.status, wide.stderr]).toEqual([2, expect.stringContaining('percentage')]);
  });
});
