/** Programs as people write them, in one file or a few: how they start, end, and start others. */
import type { Program, Start } from './program.ts';

const ends = (how: string, end: number | NodeJS.Signals): Start => ({ args: ['ends.py', how], end });
const own = (file: string): boolean => !file.includes('/lib/python');

export const OWN: readonly Program[] = [
  {
    title: 'language features',
    files: ['language.py'],
    group: 'attr',
    short: true,
    starts: [{ args: ['language.py'] }],
  },
  {
    title: 'decimal, fractions, re',
    files: ['numbers_and_texts.py'],
    include: ['decimal', '_pydecimal', 'fractions', 're', 'sre_parse', 'sre_compile', 'textwrap', 'string'],
    group: 'arith',
    starts: [{ args: ['numbers_and_texts.py'] }],
  },
  {
    title: 'csv, sqlite3, statistics',
    files: ['stats.py'],
    include: ['csv', 'statistics', 'sqlite3', 'collections'],
    group: 'build',
    short: true,
    starts: [{ args: ['stats.py'] }],
  },
  {
    title: 'asyncio server and clients',
    files: ['echo.py'],
    include: ['asyncio', 'selectors'],
    group: 'await',
    steady: own,
    short: true,
    starts: [{ args: ['echo.py'] }],
  },
  {
    title: 'http.server and urllib in threads',
    files: ['web.py'],
    include: ['http', 'urllib', 'email', 'socketserver', 'concurrent', 'threading'],
    group: 'attr',
    steady: own,
    starts: [{ args: ['web.py'] }],
  },
  ...['fork', 'spawn', 'forkserver'].map((method) => ({
    title: `multiprocessing by ${method}`,
    files: ['pool.py'],
    include: ['multiprocessing'],
    group: 'attr',
    steady: own,
    starts: [{ args: ['pool.py', method] }],
    // 0 + 1 + … + 12 in the pool, 5 in the process of its own
    counts: [{ file: 'pool.py', name: 'factor', count: 78 + 5 }],
    processes: 2,
    short: method === 'spawn',
  })),
  {
    title: 'concurrent.futures',
    files: ['futures.py'],
    group: 'global',
    starts: [{ args: ['futures.py'] }],
    counts: [{ file: 'futures.py', name: 'value', count: 80 + 60 }],
    processes: 2,
  },
  {
    title: 'subprocess, os.fork, os.exec, os.system',
    files: ['parent.py', 'child.py'],
    group: 'call',
    starts: [{ args: ['parent.py'] }],
    counts: [{ file: 'child.py', name: 'value', count: 2 + 3 + 4 + 1 + 5 + 1 + 10 + 7 + 2 }],
    processes: 9,
    short: true,
  },
  {
    title: 'argparse',
    files: ['arguments.py'],
    include: ['argparse', 'gettext'],
    group: 'contains',
    starts: [
      { args: ['arguments.py', '-vv', 'add', '2', '40'] },
      { args: ['arguments.py', 'add', '3'], end: 2 },
      { args: ['arguments.py', 'join', '--by', 'x'], end: 2 },
      { args: ['arguments.py', 'join', '--help'] },
      { args: ['arguments.py'], end: 2 },
    ],
  },
  {
    title: 'standard input',
    files: ['words.py'],
    group: 'iter',
    starts: [{ args: ['words.py'], input: 'first\nsecond line\nto be or\nnot to be' }],
  },
  {
    title: 'ends',
    files: ['ends.py'],
    group: 'raise',
    short: true,
    starts: [
      ends('text', 1),
      ends('_exit', 9),
      ends('SIGTERM', 'SIGTERM'),
      ends('SIGINT', 'SIGINT'),
      ends('chain', 1),
      ends('caught-recursion', 0),
    ],
  },
  {
    title: 'more ends',
    files: ['ends.py'],
    group: 'raise',
    starts: [
      ends('number', 300 % 256),
      ends('none', 0),
      ends('object', 1),
      ends('SIGKILL', 'SIGKILL'),
      ends('SIGSEGV', 'SIGSEGV'),
      ends('recursion', 1),
      ends('thread', 0),
      ends('hook', 1),
      ends('unraisable', 0),
      ends('closed', 120),
    ],
  },
  {
    title: 'a folder, a zip file, a package, a package’s module, -c',
    files: ['child.py'],
    texts: {
      'folder/__main__.py':
        'import sys, part\nprint(sys.argv, part.value, __name__, __file__)\nprint(vars(part).nothing)\n',
      'folder/part.py': 'class C:\n    value = 1\nvalue = [C.value for n in range(9)]\n',
      'package/__init__.py': 'print("package", __name__)\n',
      'package/__main__.py':
        'from . import part\nimport child, sys\nprint(part.C, child.count(6), sys.argv[1:])\n',
      'package/part.py':
        'import child\nclass C: pass\nif __name__ == "__main__":\n    print(child.count(2))\n',
    },
    include: ['zipapp'],
    group: 'import',
    starts: [
      // Before a run leaves caches in the folder, whose times the archive would keep.
      { args: ['-m', 'zipapp', 'folder'] },
      { args: ['folder', 'a'], end: 1 },
      { args: ['folder.pyz', 'a'], end: 1 },
      { args: ['-m', 'package', 'x', '-y'] },
      { args: ['-m', 'package.part'] },
      { args: ['-c', 'import child, sys\nprint(child.count(3), sys.argv)\nchild.nothing', '-q'], end: 1 },
    ],
    counts: [{ file: 'child.py', name: 'value', count: 6 + 2 + 3 }],
  },
  {
    title: 'other profilers and tracers',
    files: ['profiled.py', 'child.py'],
    group: 'subscript',
    short: true,
    starts: [{ args: ['profiled.py'] }],
  },
  {
    title: 'python’s own flags',
    files: ['child.py', 'documented.py', 'stats.py'],
    texts: {
      'warns.py': 'import warnings\nwarnings.warn("old", DeprecationWarning)\nprint("warned")\n',
      'flags.py':
        '"""doc"""\nimport sys, child\nassert sys.argv, "no"\ndef f():\n    """doc"""\nprint(__doc__, f.__doc__, __debug__, sys.flags.optimize, child.count(3))\n',
    },
    group: 'global',
    starts: [
      { args: ['flags.py'], flags: ['-O'] },
      { args: ['flags.py'], flags: ['-OO', '-B'] },
      { args: ['warns.py'], flags: ['-W', 'error'], end: 1 },
      { args: ['warns.py'], flags: ['-Wd'] },
      { args: ['-m', 'warns'], flags: ['-X', 'dev'] },
      {
        args: ['flags.py'],
        flags: ['-X', 'importtime'],
        filter: (text) => text.replaceAll(/^import time:.*\n/gm, ''),
      },
      { args: ['flags.py'], flags: ['-u', '-X', 'utf8', '-b', '-q'] },
      {
        args: ['flags.py'],
        flags: ['-v'],
        filter: (text) => text.replaceAll(/^.*(?:#|import|extension|cleanup|dlopen).*\n/gm, ''),
      },
    ],
    counts: [{ file: 'child.py', name: 'value', count: 4 * 3 + 3 }],
  },
];
