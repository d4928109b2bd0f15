/** `pyrewrite check` as a CI system runs it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { addFiles, makeFolder, pyrewrite, type Result } from '../cli/cli.ts';
import { violations } from '../report/schema.ts';
import { findPython } from '../support/pythons.ts';

const PROGRAM = `class Row:
    value = 3

def total(rows):
    return sum(row.value for row in rows)

print(total([Row()] * 100))
`;

const GROWN = PROGRAM.replace('row.value for', 'row.value + row.value for');

const VERSIONS = ['3.8', '3.13'];

/** Profiles by version and program; their folder is gone at the end of each test, so they are kept in memory. */
const profiles = new Map<string, Buffer>();

async function record(label: string, program: string, folder: string): Promise<Buffer> {
  const python = findPython(label);
  if (python === undefined) throw new Error(`Python ${label} is missing`);
  addFiles(folder, { 'app.py': program });
  const args = ['run', '--python', python.path, '--opcodes', 'all', '-o', 'app.prof', 'app.py'];
  const { status, stderr } = await pyrewrite(args, { cwd: folder });
  expect(status, stderr).toBe(0);
  return readFileSync(join(folder, 'app.prof'));
}

describe.each(VERSIONS)('pyrewrite check on Python %s', (label) => {
  test('keeps what it wrote, and fails what grew', async () => {
    const folder = makeFolder();
    profiles.set(label, await record(label, PROGRAM, folder));
    const run = async (...args: string[]): Promise<Result> =>
      await pyrewrite(['check', ...args], { cwd: folder });
    for (const per of ['site', 'function', 'module', 'category']) {
      const written = await run('--write', `${per}.toml`, '--per', per, 'app.prof');
      expect(written.status, written.stderr).toBe(0);
      const kept = await run('--budget', `${per}.toml`, 'app.prof');
      expect([kept.status, kept.stdout]).toEqual([0, expect.stringMatching(/^\d+ limits kept\n$/)]);
    }
    addFiles(folder, { 'base.prof': '' });
    const base = await pyrewrite(['merge', '-o', 'base.prof', 'app.prof'], { cwd: folder });
    expect(base.status, base.stderr).toBe(0);
    await record(label, GROWN, folder);
    const over = await run('--budget', 'function.toml', '--junit', 'out/budget.xml', '--github', 'app.prof');
    expect(over.status).toBe(1);
    expect(over.stdout).toMatch(/^over {2}\.\/app\.py total\.<locals>\.<genexpr>: count is [\d,]+, at most/m);
    expect(over.stdout).toMatch(/^::error file=app\.py,line=5,/m);
    expect(readFileSync(join(folder, 'out/budget.xml'), 'utf8')).toContain('<failure message=');
    const grown = await run('--baseline', 'base.prof', 'app.prof');
    expect([grown.status, grown.stderr]).toEqual([1, expect.stringContaining('one run on a side')]);
    expect((await run('--baseline', 'base.prof', '--growth', 'count=200%', 'app.prof')).status).toBe(0);
    expect((await run('--baseline', 'app.prof', 'app.prof')).status).toBe(0);
  });
});

describe('pyrewrite check', () => {
  let profile: Buffer;
  beforeAll(async () => {
    profile = profiles.get('3.13') ?? Buffer.alloc(0);
    expect(profile.length).toBeGreaterThan(0);
  });
  const run = async (budget: string, ...args: string[]): Promise<Result> => {
    const folder = makeFolder({ 'pyrewrite-budget.toml': budget });
    addFiles(folder, { 'app.prof': profile as never });
    return await pyrewrite(['check', ...args, 'app.prof'], { cwd: folder });
  };

  test('takes the budget file of the folder, and annotates on GitHub', async () => {
    const folder = makeFolder({
      'pyrewrite-budget.toml': '[[budget]]\ncount = 3\n',
      'app.prof': profile as never,
    });
    const { status, stdout } = await pyrewrite(['check', 'app.prof'], {
      cwd: folder,
      env: { GITHUB_ACTIONS: 'true' },
    });
    expect(status).toBe(1);
    expect(stdout).toContain('1 of 1 limit not kept\n::error file=');
  });

  test('ends with 2 where the budget is wrong, and says line, file and remedy', async () => {
    const nowhere = await run('\n[[budget]]\nfunction = "gone"\ncount = 3\n');
    expect(nowhere.status).toBe(2);
    expect(nowhere.stderr).toContain(
      "line 2: no site fits the budget 'gone' (pyrewrite-budget.toml)\n  check file",
    );
    const unknown = await run('[[budget]]\np51 = "3 ns"\n');
    expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('did you mean p50?')]);
    const both = await run('', '--write', 'x.toml', '--budget', 'y.toml');
    expect([both.status, both.stderr]).toEqual([2, expect.stringContaining('do not go together')]);
    const growth = await run('', '--baseline', 'app.prof', '--growth', 'p99=3%');
    expect([growth.status, growth.stderr]).toEqual([2, expect.stringContaining('count=0%,self=10%')]);
    const mine = await run('# mine\n', '--write', 'pyrewrite-budget.toml');
    expect([mine.status, mine.stderr]).toEqual([2, expect.stringContaining('is left as it is')]);
  });

  test('prints JSON', async () => {
    const { status, stdout } = await run('[[budget]]\ncount = 3\n', '--json');
    expect([status, JSON.parse(stdout)]).toMatchObject([1, { schema: 'pyrewrite-check/1', exceeded: 1 }]);
    expect(violations(JSON.parse(stdout), 'check')).toEqual([]);
  });
});
