/** `pyrewrite rewrite` and `clean`: files where the interpreter loads them, and everything undone. */
import { spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describePythons, findPython, type Python } from '../support/pythons.ts';
import { addFiles, cleanEnvironment, cliArgs, makeFolder, pyrewrite, start } from './cli.ts';

const TREE = {
  'package/__init__.py': '',
  'package/shapes.py': 'class Box:\n    w = 2\n    def area(self):\n        return self.w * self.w\n',
  'package/data.txt': 'data\n',
  'tool.py': 'from package.shapes import Box\nprint(Box().area(), __file__)\n',
  'plain.py': 'x = 1\n',
  'wrong.py': 'def f(:\n',
};

/** Puts into sys.modules what tells when it is asked for an attribute, and a module that is loaded when it is. */
const ASKED = `
import importlib.util
import sys
import types

class Asked:
    def __getattr__(self, name):
        print('asked for', name)
        raise AttributeError(name)

class AskedModule(Asked, types.ModuleType):
    pass

sys.modules['asked_object'] = Asked()
sys.modules['asked_module'] = AskedModule('asked_module')
sys.modules['asked_spec'] = types.ModuleType('asked_spec')
sys.modules['asked_spec'].__spec__ = Asked()
spec = importlib.util.find_spec('later')
spec.loader = importlib.util.LazyLoader(spec.loader)
later = sys.modules['later'] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(later)

from package.shapes import Box
print(Box().area())
`;

/** All files below a folder, relative. */
function list(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(
    list(folder).map((name) => [name, readFileSync(join(folder, name)).toString('latin1')]),
  );
}

async function rewrite(python: Python, cwd: string, ...args: string[]) {
  return await pyrewrite(['--python', python.path, ...args], { cwd });
}

describePythons('pyrewrite rewrite', (python) => {
  const tag = `cpython-${python.name.replace('.', '')}`;
  const shapes = `package/__pycache__/shapes.${tag}.pyc`;

  test('in place: the interpreter loads it, with and without the runtime; clean restores', async () => {
    const cwd = makeFolder(TREE);
    await start(python.path, ['-c', 'import tool'], { cwd });
    const before = snapshot(cwd);
    const result = await rewrite(python, cwd, '.');
    expect(result.status, result.stderr).toBe(0);
    expect(result.stdout).toContain('wrong.py: syntax error');
    expect(readFileSync(join(cwd, shapes)).includes('PYRWSITE')).toBe(true);

    const plain = await start(python.path, ['-c', 'import tool'], { cwd });
    expect([plain.stdout, plain.stderr]).toEqual([`4 ${join(cwd, 'tool.py')}\n`, '']);
    const runtime = (await pyrewrite(['runtime', '--python', python.path])).stdout.trim();
    const env = { PYTHONPATH: runtime, PYREWRITE_OUT: join(cwd, 'out-%p.prof') };
    const recording = await start(python.path, ['-c', 'import tool'], { cwd, env });
    expect([recording.stdout, recording.stderr]).toEqual([plain.stdout, '']);
    const [profile] = list(cwd).filter((name) => name.endsWith('.prof'));
    const report = JSON.parse((await pyrewrite(['report', '--json', profile], { cwd })).stdout);
    expect(report.sites.find((site: { name: string }) => site.name === 'w').count).toBe(1);

    const cleaned = await pyrewrite(['clean', '.'], { cwd });
    expect(cleaned.stdout).toContain('2 instrumented files cleaned');
    const after = snapshot(cwd);
    delete after[profile];
    expect(after).toEqual(before);
  });

  test('an edited source is never run stale, and the lost probes are told', async () => {
    const cwd = makeFolder(TREE);
    await rewrite(python, cwd, 'package');
    const runtime = (await pyrewrite(['runtime', '--python', python.path])).stdout.trim();
    const env = { PYTHONPATH: runtime, PYREWRITE_OUT: join(cwd, 'profiles') };
    const args = ['-c', 'from package.shapes import Box; print(Box().area())'];
    const fresh = await start(python.path, args, { cwd, env });
    expect([fresh.stdout, fresh.stderr]).toEqual(['4\n', '']);
    const source = TREE['package/shapes.py'];
    addFiles(cwd, { 'package/shapes.py': source.replace('w = 2', 'w = 30') });
    // First the interpreter does not keep what it compiles, then it does.
    for (const flags of [['-B'], [], []]) {
      const edited = await start(python.path, [...flags, ...args], { cwd, env });
      expect(edited.stdout).toBe('900\n');
      expect(edited.stderr).toContain(`${join(cwd, 'package/shapes.py')}: the source was edited`);
      expect(edited.stderr).toContain('pyrewrite rewrite');
    }
    const again = await rewrite(python, cwd, 'package');
    expect(again.status).toBe(0);
    const mended = await start(python.path, args, { cwd, env });
    expect([mended.stdout, mended.stderr]).toEqual(['900\n', '']);
  });

  test('the look for lost probes runs nothing of the program’s modules', async () => {
    const cwd = makeFolder({ ...TREE, 'asked.py': ASKED, 'later.py': 'print("later")\n' });
    await rewrite(python, cwd, 'package');
    const runtime = (await pyrewrite(['runtime', '--python', python.path])).stdout.trim();
    const env = { PYTHONPATH: runtime, PYREWRITE_OUT: join(cwd, 'profiles') };
    const { stdout, stderr } = await start(python.path, ['asked.py'], { cwd, env });
    expect([stdout, stderr]).toEqual(['4\n', '']);
  });

  test('-O and -OO have files of their own', async () => {
    const cwd = makeFolder(TREE);
    await rewrite(python, cwd, '--optimize', '1', 'package');
    await rewrite(python, cwd, '--optimize', '2', 'package');
    expect(list(cwd).filter((name) => name.endsWith('.pyc'))).toEqual([
      `package/__pycache__/shapes.${tag}.opt-1.pyc`,
      `package/__pycache__/shapes.${tag}.opt-2.pyc`,
    ]);
    await pyrewrite(['clean', 'package/shapes.py'], { cwd });
    expect(list(cwd)).toEqual(Object.keys(TREE).sort());
  });

  test('--out: a mirrored tree and a sourceless one run like the original', async () => {
    const cwd = makeFolder(TREE);
    const before = snapshot(cwd);
    expect((await rewrite(python, cwd, '--out', 'build', '.')).status).toBe(0);
    expect(
      (await rewrite(python, cwd, '--out', 'bare', '--sourceless', '--exclude', 'build', '.')).status,
    ).toBe(0);
    const built = await start(python.path, ['-B', '-c', 'import tool'], { cwd: join(cwd, 'build') });
    expect(built.stdout).toBe(`4 ${join(cwd, 'build/tool.py')}\n`);
    const bare = await start(python.path, ['-B', '-c', 'import tool'], { cwd: join(cwd, 'bare') });
    expect(bare.stdout).toBe(`4 ${join(cwd, 'bare/tool.pyc')}\n`);
    const names = list(cwd);
    expect(names).toContain(`build/${shapes}`);
    expect(names).toContain('build/package/data.txt');
    expect(names).toContain('bare/package/shapes.pyc');
    expect(names).not.toContain('bare/package/shapes.py');
    for (const [name, content] of Object.entries(before))
      expect(readFileSync(join(cwd, name), 'latin1')).toBe(content);
    // Whole seconds are what the header of a cache file holds.
    const seconds = (name: string): number => Math.floor(statSync(join(cwd, name)).mtimeMs / 1000);
    expect(seconds('build/tool.py')).toBe(seconds('tool.py'));
  });

  test('a .pyc is rewritten itself', async () => {
    const cwd = makeFolder(TREE);
    const compile = 'import py_compile; py_compile.compile("package/shapes.py", "shapes.pyc")';
    await start(python.path, ['-c', compile], { cwd });
    const before = snapshot(cwd);
    const result = await rewrite(python, cwd, 'shapes.pyc');
    expect(result.status, result.stderr).toBe(0);
    const header = (bytes: Buffer): string => bytes.subarray(0, 16).toString('hex');
    const bytes = readFileSync(join(cwd, 'shapes.pyc'));
    expect(header(bytes)).toBe(header(Buffer.from(before['shapes.pyc'], 'latin1')));
    expect(bytes.includes('PYRWSITE')).toBe(true);
    const loaded = await start(python.path, ['-c', 'import shapes; print(shapes.Box().area())'], { cwd });
    expect(loaded.stdout).toBe('4\n');
    // Again with other operations: the original is the input, never the instrumented file.
    expect((await rewrite(python, cwd, '--opcodes', 'all', 'shapes.pyc')).status).toBe(0);
    await pyrewrite(['clean', 'shapes.pyc'], { cwd });
    expect(snapshot(cwd)).toEqual(before);
  });
});

const some = findPython('3.12');
const python = some as Python;

test.runIf(some !== undefined)('nothing to instrument is told, and no success', async () => {
  const cwd = makeFolder({ 'plain.py': 'x = 1\n', 'wrong.py': 'def f(:\n' });
  const none = await rewrite(python, cwd, '.');
  expect(none.status).toBe(1);
  expect(none.stderr).toContain('nothing was instrumented');
  expect(none.stderr).toContain('--opcodes');
  const wrong = await rewrite(python, cwd, 'wrong.py');
  expect(wrong.status).toBe(1);
  expect(wrong.stderr).toContain('syntax error, line 1');
  const empty = await rewrite(python, makeFolder(), '.');
  expect([empty.status, empty.stderr.includes('there is no Python file')]).toEqual([1, true]);
  expect(list(cwd)).toEqual(['plain.py', 'wrong.py']);
});

test.runIf(some !== undefined)('--dry-run writes nothing; --json counts', async () => {
  const cwd = makeFolder(TREE);
  const result = await rewrite(python, cwd, '--dry-run', '--json', '--opcodes', 'attr,arith', '.');
  const summary = JSON.parse(result.stdout);
  expect(summary.files).toMatchObject({ instrumented: 2, unchanged: 2, excluded: 0 });
  expect(summary.sitesByOpcode).toEqual({ LOAD_ATTR: 3, BINARY_OP: 1 });
  expect(summary.sites).toBe(4);
  expect(summary.files.skipped).toHaveLength(1);
  expect(list(cwd)).toEqual(Object.keys(TREE).sort());
});

test.runIf(some !== undefined)(
  '--include, --exclude, --functions; hidden folders and environments stay out',
  async () => {
    const cwd = makeFolder({
      ...TREE,
      'venv/pyvenv.cfg': '',
      'venv/lib/a.py': 'import sys\nsys.path\n',
      '.hidden/a.py': 'import sys\nsys.path\n',
    });
    const files = async (...args: string[]): Promise<number[]> => {
      const { files } = JSON.parse((await rewrite(python, cwd, '--dry-run', '--json', ...args, '.')).stdout);
      return [files.instrumented, files.excluded];
    };
    expect(await files()).toEqual([2, 0]);
    expect(await files('--exclude', 'package')).toEqual([1, 2]);
    expect(await files('--exclude', 'package/')).toEqual([1, 2]);
    expect(await files('--include', 'package/**')).toEqual([1, 3]);
    expect(await files('--include', 'sha*.py')).toEqual([1, 4]);
    expect(await files('--functions', 'Box.*')).toEqual([1, 0]);
    const { stdout } = await rewrite(python, cwd, '--dry-run', '.');
    expect(stdout).toContain('venv: virtual environment');
  },
);

test.runIf(some !== undefined)('a probe of an earlier selection does not stay', async () => {
  const cwd = makeFolder({ 'a.py': 'import sys\nsys.path\n' });
  await rewrite(python, cwd, 'a.py');
  expect(list(cwd)).toHaveLength(3);
  await rewrite(python, cwd, '--opcodes', 'await', 'a.py');
  expect(list(cwd)).toEqual(['a.py']);
});

test.runIf(some !== undefined)('the mode of files is kept, and links stay links', async () => {
  const cwd = makeFolder({ 'tree/a.py': 'import sys\nsys.path\n', 'tree/run.sh': '#!/bin/sh\n' });
  chmodSync(join(cwd, 'tree/run.sh'), 0o755);
  chmodSync(join(cwd, 'tree/a.py'), 0o640);
  symlinkSync('nowhere', join(cwd, 'tree/link'));
  await rewrite(python, cwd, '--out', 'build', 'tree');
  const mode = (name: string): number => statSync(join(cwd, name)).mode & 0o777;
  expect(mode('build/run.sh')).toBe(0o755);
  expect(mode('build/a.py')).toBe(0o640);
  expect(mode('build/__pycache__/a.cpython-312.pyc')).toBe(0o640);
  expect(list(join(cwd, 'build'))).toContain('link');
});

test.runIf(some !== undefined)('--out replaces only what it wrote, and all of it or nothing', async () => {
  const cwd = makeFolder({
    'tree/a.py': 'import sys\nsys.path\n',
    'mine/precious.txt': 'x',
    'empty/.keep': '',
  });
  const foreign = await rewrite(python, cwd, '--out', 'mine', 'tree');
  expect([foreign.status, foreign.stderr.includes('did not write')]).toEqual([2, true]);
  const over = await rewrite(python, cwd, '--out', '.', 'tree');
  expect([over.status, over.stderr.includes('would replace')]).toEqual([2, true]);
  await rewrite(python, cwd, '--out', 'build', 'tree');
  addFiles(cwd, { 'tree/b.py': 'import sys\nsys.path\n' });
  const before = snapshot(join(cwd, 'build'));
  // Nothing to instrument: the old tree stays.
  expect((await rewrite(python, cwd, '--out', 'build', '--opcodes', 'await', 'tree')).status).toBe(1);
  expect(snapshot(join(cwd, 'build'))).toEqual(before);
  await rewrite(python, cwd, '--out', 'build', 'tree');
  expect(list(join(cwd, 'build'))).toContain('b.py');
  expect(readdirSync(cwd).sort()).toEqual(['build', 'empty', 'mine', 'tree']);
});

test.runIf(some !== undefined)(
  'a stock cache file is a hard link away: clean works after a crash too',
  async () => {
    const cwd = makeFolder({ 'a.py': 'import sys\nsys.path\n' });
    await start(python.path, ['-c', 'import a'], { cwd });
    const before = snapshot(cwd);
    await rewrite(python, cwd, 'a.py');
    // As if the command had been killed before it wrote its list.
    writeFileSync(join(cwd, '__pycache__/pyrewrite.json'), '{"schema":"pyr');
    await pyrewrite(['clean', '.'], { cwd });
    const after = snapshot(cwd);
    delete after['__pycache__/pyrewrite.json'];
    expect(after).toEqual(before);
  },
);

test.runIf(some !== undefined)('several lanes write the same files as one', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 60 }, (_, k) => [`d${k % 7}/m${k}.py`, `class C:\n    v = ${k}\nC.v\nC().v\n`]),
  );
  const [one, two] = [makeFolder(files), makeFolder(files)];
  for (const folder of [one, two]) {
    for (const name of Object.keys(files)) utimesSync(join(folder, name), 1e9, 1e9);
  }
  const first = await rewrite(python, one, '--jobs', '1', '--json', '--out', 'build', '.');
  const second = await rewrite(python, two, '--jobs', '3', '--json', '--out', 'build', '.');
  const counts = (text: string) => ({ ...JSON.parse(text), seconds: 0, out: '' });
  expect(counts(second.stdout)).toEqual(counts(first.stdout));
  // The class statement, C(), and two loads of v.
  expect(counts(first.stdout).sites).toBe(4 * 60);
  expect(list(join(two, 'build'))).toEqual(list(join(one, 'build')));
  expect(existsSync(join(two, 'build/d1/__pycache__/m1.cpython-312.pyc'))).toBe(true);
});

test.runIf(some !== undefined)(
  'an interrupt leaves no half-written tree, and clean undoes half a run in place',
  async () => {
    const source = `${'x = [a.b for a in []]\n'.repeat(300)}`;
    const files = Object.fromEntries(Array.from({ length: 600 }, (_, k) => [`tree/m${k}.py`, source]));
    const cwd = makeFolder(files);
    const interrupt = async (args: readonly string[], when: () => boolean): Promise<string | null> => {
      const all = cliArgs(['--python', python.path, '--jobs', '1', ...args, 'tree']);
      const child = spawn(process.execPath, all, { cwd, env: cleanEnvironment(), stdio: 'ignore' });
      const ended = new Promise<string | null>((resolve) =>
        child.on('close', (_, signal) => resolve(signal)),
      );
      const timer = setInterval(() => {
        if (!when()) return;
        // Once: behind that the tree is being removed, and cannot be looked at.
        clearInterval(timer);
        child.kill('SIGINT');
      }, 5);
      const signal = await ended;
      clearInterval(timer);
      return signal;
    };
    const staged = () => readdirSync(cwd).find((name) => name.startsWith('build'));
    const half = () => staged() !== undefined && list(join(cwd, staged() ?? '')).length > 20;
    expect(await interrupt(['--out', 'build'], half)).toBe('SIGINT');
    expect(readdirSync(cwd)).toEqual(['tree']);
    const caches = join(cwd, 'tree/__pycache__');
    expect(await interrupt([], () => existsSync(caches) && readdirSync(caches).length > 20)).toBe('SIGINT');
    const { stdout } = await pyrewrite(['clean', 'tree'], { cwd });
    expect(Number(/(\d+) instrumented files cleaned/.exec(stdout)?.[1])).toBeGreaterThan(10);
    expect(list(cwd)).toEqual(Object.keys(files).sort());
  },
);
