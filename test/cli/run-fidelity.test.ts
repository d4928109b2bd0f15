/** `pyrewrite run` against plain python: what a program can see of how it was started. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { everySecond } from '../support/full.ts';
import { describePythons, type Python } from '../support/pythons.ts';
import { makeFolder, type Options, pyrewrite, start } from './cli.ts';

/** Prints all that the start of a program decides, and tracebacks through imports. */
const WITNESS = `import sys, os
print(sys.argv, sys.path, globals().get("__file__"), __name__, __spec__, __package__, __doc__)
print(type(__loader__), getattr(__loader__, "path", None), getattr(__loader__, "name", None))
print(globals().get("__cached__", "absent"), sorted(vars()))
print(sys._getframe().f_back, sys._getframe().f_code.co_filename)
print(getattr(sys, "orig_argv", None), sys.flags, sys.dont_write_bytecode)
print(sorted(name for name in sys.modules if not name.startswith("_pyrewrite")))
print(sorted(map(str, sys.path_importer_cache)), sys.meta_path, sys.path_hooks)
import importlib.machinery as machinery
print(machinery.SourcelessFileLoader, machinery.SourceFileLoader)
import inspect, pickle, traceback
def f(x):
    """doc"""
    return x.y
print(inspect.getsource(f) if "__file__" in vars() or sys.version_info >= (3, 13) else "")
class C:
    def __init__(self): self.y = 1
print(pickle.loads(pickle.dumps(C())).y, pickle.dumps(C()))
print(sorted(name for name in os.environ if not name.startswith("PYREWRITE") and name != "PYTHONPATH"))
for name in "broken", "boom", "missing":
    try:
        __import__(name)
    except Exception:
        traceback.print_exc(file=sys.stdout)
print(sys.stdin.read())
sys.stderr.write("on standard error\\n")
sys.exit(f(C()) + 41)
`;

/** The module gc of a program that imports it after instrumented modules, and again; what it calls. */
const LATE_GC = `import sys
print("gc" in sys.modules)
import gc
first, phases = gc.callbacks, []
def called(phase, info):
    phases.append((phase, info["generation"]))
def show():
    found = gc.callbacks
    print(found, found is first, sorted(vars(gc)))
show()
print(sys.getrefcount(first), len(gc.get_referrers(first)))
del sys.modules["gc"]
import gc
gc.disable()
show()
gc.callbacks.append(called)
print(gc.collect() >= 0, phases, len(first))
gc.callbacks.remove(called)
gc.collect(0)
print(phases, gc.callbacks)
`;

const FILES = {
  'app.py': WITNESS,
  'broken.py': 'def f(:\n',
  'boom.py': 'import os\nx = 1 / 0\n',
  'missing.py': 'import there_is_no_such_module\n',
  'package/__init__.py': '',
  'package/__main__.py': WITNESS,
  'package/tool.py': WITNESS,
  'folder/__main__.py': WITNESS,
  'folder/boom.py': 'x = 1 / 0\n',
  'wrong.py': 'print("no")\ndef f(:\n',
  'crash.py': 'def f(x):\n    return x.y\n\n\nf(1)\n',
};

// Compiled here, or the first run would say on standard error that it compiles.
beforeAll(async () => {
  await pyrewrite(['runtime']);
});

const asModule = (name: string): string[] => ['-m', name, 'a'];

const ADDRESS = /0x[0-9a-f]+/g;

async function compare(python: Python, args: readonly string[], options: Options): Promise<void> {
  // Twice: the first run writes the caches of the modules.
  await start(python.path, args, options);
  const plain = await start(python.path, args, options);
  const ours = await pyrewrite(['run', '--python', python.path, '--opcodes', 'all', ...args], options);
  expect(ours.stdout.replaceAll(ADDRESS, '0x')).toBe(plain.stdout.replaceAll(ADDRESS, '0x'));
  expect(ours.stderr.slice(0, plain.stderr.length)).toBe(plain.stderr);
  expect([ours.status, ours.signal]).toEqual([plain.status, plain.signal]);
}

describePythons('a program started by pyrewrite run', (python) => {
  const input = 'some input\n';

  test.each(everySecond(['app.py', './app.py', 'folder/../app.py', 'absolute'], python))(
    'script %s sees what plain python shows it',
    async (typed) => {
      const cwd = makeFolder(FILES);
      await compare(python, [typed === 'absolute' ? join(cwd, 'app.py') : typed, 'a', '-c', '--json'], {
        cwd,
        input,
      });
    },
  );

  test('script in another folder, through a link', async () => {
    const cwd = makeFolder(FILES);
    execFileSync('ln', ['-s', '../app.py', join(cwd, 'folder/link.py')]);
    await compare(python, ['folder/link.py'], { cwd, input });
  });

  const commands = [['-c', WITNESS, 'a', '-x'], ...['package.tool', 'package', 'package.none'].map(asModule)];
  test('-c, -m of a module and of a package', async () => {
    const cwd = makeFolder(FILES);
    for (const args of everySecond(commands, python)) await compare(python, args, { cwd, input });
  });

  test('a folder, a zip file, standard input', async () => {
    const cwd = makeFolder(FILES);
    const zip = 'import shutil; shutil.make_archive("app", "zip", "folder")';
    await start(python.path, ['-c', zip], { cwd });
    for (const place of everySecond(['folder', 'app.zip', '-'], python))
      await compare(python, [place, 'a'], { cwd, input: place === '-' ? WITNESS : input });
  });

  test('errors are the interpreter’s own', async () => {
    const cwd = makeFolder(FILES);
    const wrong = [
      ['wrong.py'],
      ['none.py'],
      ['crash.py'],
      ['-c', 'def f(:'],
      ['-c', 'def f():\n  1 / 0\nf()'],
    ];
    for (const args of everySecond(wrong, python)) await compare(python, args, { cwd });
  });

  test('PYTHONPATH and the user’s own sitecustomize', async () => {
    const cwd = makeFolder({
      ...FILES,
      'lib/sitecustomize.py': 'import sys\nprint("mine", sys.path, __file__, sorted(sys.modules)[:3])\n',
      'bad/sitecustomize.py': 'raise RuntimeError("mine")\n',
    });
    for (const folder of everySecond(['lib', 'bad'], python))
      await compare(python, ['app.py'], { cwd, input, env: { PYTHONPATH: folder } });
  });

  test('gc is imported when the program imports it, and as the program would find it', async () => {
    const cwd = makeFolder({ 'app.py': LATE_GC });
    await compare(python, ['app.py'], { cwd });
  });

  test('python’s own flags', async () => {
    const cwd = makeFolder({
      'app.py': 'import sys\nassert False\nprint(sys.flags, __doc__, sys.warnoptions)\n',
    });
    const plain = await start(python.path, ['-O', '-W', 'error', 'app.py'], { cwd });
    const flags = ['--python-flags', '-O -W error'];
    const ours = await pyrewrite(['run', '--python', python.path, ...flags, 'app.py'], { cwd });
    expect([ours.stdout, ours.status]).toEqual([plain.stdout, plain.status]);
  });
});
