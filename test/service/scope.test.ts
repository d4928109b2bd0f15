import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { matchNames, matchPaths } from '../../src/service/globs.ts';
import { createScope, type Scope, type ScopeOptions } from '../../src/service/scope.ts';

let root = '';

beforeAll(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'pyrewrite-scope-')));
  for (const folder of ['proj/.venv/lib/site-packages/dep', 'lib/json', 'proj/src', 'site']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  for (const file of ['lib/json/__init__.py', 'lib/json/decoder.py', 'lib/os.py', 'site/tool.py']) {
    writeFileSync(join(root, file), '');
  }
  symlinkSync('proj', join(root, 'link'));
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function scope(options: Partial<ScopeOptions> = {}): Scope {
  return createScope({
    roots: [join(root, 'proj')],
    python: {
      stdlib: [join(root, 'lib')],
      sitePackages: [join(root, 'proj/.venv/lib/site-packages')],
      path: [join(root, 'lib'), join(root, 'proj/.venv/lib/site-packages'), join(root, 'site')],
    },
    include: [],
    exclude: [],
    main: [],
    cwd: join(root, 'proj'),
    ...options,
  });
}

/** Which of some files are accepted, relative to the root. */
function accepted(of: Scope): string[] {
  const files = [
    'proj/app.py',
    'proj/src/a.py',
    'proj/other/site-packages/x.py',
    'proj/.venv/lib/site-packages/dep/a.py',
    'lib/json/__init__.py',
    'lib/json/decoder.py',
    'lib/os.py',
    'site/tool.py',
    'project2/a.py',
  ];
  return files.filter((file) => of.accepts(join(root, file)));
}

const OWN = ['proj/app.py', 'proj/src/a.py'];

describe('scope of a run', () => {
  test('is the project, without what is installed in it', () => {
    expect(accepted(scope())).toEqual(OWN);
    expect(scope().accepts('<string>')).toBe(false);
    expect(scope({ main: ['<string>'] }).accepts('<string>')).toBe(true);
  });

  test('a link to the project is the project', () => {
    expect(accepted(scope({ roots: [join(root, 'link')] }))).toEqual(OWN);
    expect(scope({ roots: [join(root, 'link')] }).accepts(join(root, 'link/app.py'))).toBe(true);
  });

  test('modules and files are added and taken away', () => {
    const json = ['lib/json/__init__.py', 'lib/json/decoder.py'];
    expect(accepted(scope({ include: ['json'] }))).toEqual([...OWN, ...json]);
    expect(accepted(scope({ include: ['json.decoder'] }))).toEqual([...OWN, json[1]]);
    expect(accepted(scope({ include: ['js*'] }))).toEqual([...OWN, ...json]);
    expect(accepted(scope({ include: [join(root, 'site')] }))).toEqual([...OWN, 'site/tool.py']);
    expect(accepted(scope({ include: ['../lib/**'] }))).toEqual([...OWN, ...json, 'lib/os.py']);
    expect(accepted(scope({ exclude: ['src'] }))).toEqual(['proj/app.py']);
    expect(accepted(scope({ exclude: ['src/'] }))).toEqual(['proj/app.py']);
    expect(accepted(scope({ include: ['json'], exclude: ['json.decoder', 'app'] }))).toEqual([
      'proj/src/a.py',
      json[0],
    ]);
  });

  test('the module of -m is the main program, wherever it lies', () => {
    expect(accepted(scope({ mainModule: 'tool' }))).toEqual([...OWN, 'site/tool.py']);
    expect(accepted(scope({ mainModule: 'json.decoder' }))).toEqual([...OWN, 'lib/json/decoder.py']);
  });

  test('the rules for the startup hook let through all that is accepted', () => {
    const cases = [
      scope(),
      scope({ include: ['json', '*'] }),
      scope({ include: ['../site/**'], mainModule: 'json' }),
    ];
    let checked = 0;
    for (const each of cases) {
      const rules = each.rules.map((rule) => ({ wanted: rule[0] === '+', prefix: rule.slice(1) }));
      rules.sort((a, b) => b.prefix.length - a.prefix.length);
      for (const file of accepted(each)) {
        const path = join(root, file);
        const rule = rules.find(({ prefix }) => path === prefix || path.startsWith(`${prefix}/`));
        expect([file, rule?.wanted]).toEqual([file, true]);
        checked++;
      }
    }
    expect(checked).toBeGreaterThan(10);
  });
});

test('globs of paths and of names', () => {
  const paths = matchPaths(['src', '*.txt', '/abs/**/x.py', 'a/b*'], '/work');
  expect(['/work/src/a/b.py', '/work/deep/a.txt', '/abs/q/x.py', '/work/a/bc/d.py'].map(paths)).toEqual(
    Array(4).fill(true),
  );
  expect(['/work/srcs/a.py', '/abs/q/y.py', '/work/c/a/b.py'].map(paths)).toEqual(Array(3).fill(false));
  const names = matchNames(['Order.*', 'f?', 'a(b']);
  expect(['Order.total', 'Order.f.<locals>.g', 'fx', 'a(b'].map(names)).toEqual(Array(4).fill(true));
  expect(['Order', 'Orders.x', 'f', 'fxy'].map(names)).toEqual(Array(4).fill(false));
});
