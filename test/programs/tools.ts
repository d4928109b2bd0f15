/** The standard library's own programs, with the modules that they are made of measured. */
import type { Program } from './program.ts';

const WITHOUT_TIMES = (text: string): string =>
  text.replaceAll(/\d+(?:\.\d+)?(?:e-\d+)? [num]?sec/g, '… sec').replaceAll(/in \d+\.\d+s/g, 'in …');
const SINCE_3_9 = ['3.9', '3.10', '3.11', '3.12', '3.13', '3.14', '3.15'];

/** `unittest` gives this back where no test failed; 1 where one did. */
const FAILED = 1;

export const TOOLS: readonly Program[] = [
  {
    title: 'json.tool',
    files: ['table.json'],
    include: ['json'],
    group: 'call',
    short: true,
    starts: [
      { args: ['-m', 'json.tool', '--sort-keys', 'table.json'] },
      { args: ['-m', 'json.tool', '-', 'out.json'], input: '[1, {"a": "\\u00e9"}]' },
      { args: ['-m', 'json.tool'], input: '{"a": [1,]}', end: 1 },
      { args: ['-m', 'json.tool', '--nothing'], end: 2 },
    ],
  },
  {
    title: 'ast',
    files: ['data.py'],
    include: ['ast'],
    versions: SINCE_3_9,
    group: 'attr',
    short: true,
    starts: [
      { args: ['-m', 'ast', '-a', 'data.py'] },
      { args: ['-m', 'ast', '-m', 'eval'], input: 'a if b else [c for c in d]' },
    ],
  },
  {
    title: 'ast by -c',
    files: ['data.py'],
    include: ['ast'],
    group: 'iter',
    starts: [
      {
        args: [
          '-c',
          'import ast, sys; tree = ast.parse(open(sys.argv[1], encoding="utf-8").read()); print(ast.dump(tree), sum(1 for _ in ast.walk(tree)), ast.literal_eval("[1, {2: -3j}]"), ast.get_docstring(tree))',
          'data.py',
        ],
      },
    ],
  },
  {
    title: 'ast.unparse',
    files: ['data.py'],
    include: ['ast', '_ast_unparse', 'contextlib'],
    versions: SINCE_3_9,
    group: 'with',
    starts: [{ args: ['-c', 'import ast; print(ast.unparse(ast.parse(open("data.py").read())))'] }],
  },
  {
    title: 'tokenize',
    files: ['data.py'],
    include: ['tokenize', 'token', 're', 'sre_parse', 'sre_compile'],
    group: 'compare',
    short: true,
    starts: [
      { args: ['-m', 'tokenize', 'data.py'] },
      { args: ['-m', 'tokenize', '-e'], input: 'if x:\n  y = "é"\n' },
      { args: ['-m', 'tokenize', 'none.py'], end: 1 },
    ],
  },
  {
    title: 'pydoc',
    files: ['data.py', 'child.py'],
    include: ['pydoc', 'inspect', 'textwrap', 'pkgutil'],
    group: 'attr',
    starts: [
      { args: ['-m', 'pydoc', 'textwrap'] },
      { args: ['-m', 'pydoc', 'child'] },
      { args: ['-m', 'pydoc', 'str.join'] },
      { args: ['-m', 'pydoc', 'no_such_thing'], end: 'depends on the version' },
      { args: ['-m', 'pydoc', '-w', 'child'] },
    ],
  },
  {
    title: 'zipfile',
    files: ['data.py', 'child.py', 'table.json'],
    include: ['zipfile', 'struct', 'shutil'],
    group: 'subscript',
    short: true,
    starts: [
      { args: ['-m', 'zipfile', '-c', 'all.zip', 'data.py', 'child.py', 'table.json'] },
      { args: ['-m', 'zipfile', '-l', 'all.zip'] },
      { args: ['-m', 'zipfile', '-t', 'all.zip'] },
      { args: ['-m', 'zipfile', '-e', 'all.zip', 'out'] },
    ],
  },
  {
    title: 'tarfile and gzip',
    files: ['data.py', 'child.py'],
    include: ['tarfile', 'gzip', '_compression', 'compression'],
    group: 'slice',
    starts: [
      { args: ['-m', 'tarfile', '-v', '-c', 'all.tar', 'data.py', 'child.py'] },
      { args: ['-m', 'tarfile', '-l', 'all.tar'] },
      { args: ['-m', 'tarfile', '-t', 'all.tar'] },
      {
        args: [
          '-c',
          'import gzip; d = gzip.compress(b"abc" * 999, mtime=0); print(d, gzip.decompress(d)[:9])',
        ],
      },
    ],
  },
  {
    title: 'unittest of a small suite',
    files: ['test_small.py', 'child.py'],
    include: ['unittest'],
    group: 'raise',
    short: true,
    starts: [
      { args: ['-m', 'unittest', '-v'], end: FAILED, filter: WITHOUT_TIMES },
      { args: ['test_small.py', 'Small.test_mock', '-b'], filter: WITHOUT_TIMES },
    ],
  },
  {
    title: 'unittest of textwrap and string',
    include: ['textwrap', 'string', 're', 'unittest', 'test.test_textwrap', 'test.test_string'],
    group: 'slice',
    starts: [
      { args: ['-m', 'unittest', '-v', 'test.test_textwrap', 'test.test_string'], filter: WITHOUT_TIMES },
    ],
  },
  {
    title: 'unittest of json',
    include: ['json', 'test.test_json'],
    group: 'subscript',
    starts: [{ args: ['-m', 'unittest', 'test.test_json'], filter: WITHOUT_TIMES }],
  },
  {
    title: 'timeit',
    include: ['timeit'],
    group: 'call',
    starts: [
      {
        args: ['-m', 'timeit', '-n', '50', '-r', '3', '-s', 'a = list(range(100))', 'sum(a)'],
        filter: WITHOUT_TIMES,
      },
      { args: ['-m', 'timeit', '-n', '1', 'nothing'], end: 1 },
    ],
  },
  {
    title: 'compileall',
    files: ['data.py', 'child.py', 'language.py'],
    texts: { 'deep/er/module.py': 'x = 1\n', 'wrong.py': 'def f(:\n' },
    include: ['compileall', 'py_compile', 'importlib'],
    group: 'import',
    short: true,
    starts: [
      { args: ['-m', 'compileall', '.'], end: 1 },
      { args: ['-m', 'compileall', '-f', '-b', '-q', 'deep', '-j', '2'] },
      { args: ['-m', 'py_compile', 'child.py', 'wrong.py'], end: 1 },
    ],
  },
  {
    title: 'calendar',
    include: ['calendar', 'datetime', '_pydatetime'],
    group: 'arith',
    starts: [{ args: ['-m', 'calendar', '2024'] }, { args: ['-m', 'calendar', '-t', 'html', '2024'] }],
  },
  {
    title: 'difflib',
    files: ['differences.py'],
    include: ['difflib'],
    group: 'iter',
    starts: [{ args: ['differences.py'] }],
  },
  {
    title: 'doctest',
    files: ['documented.py'],
    include: ['doctest', 'unittest'],
    group: 'format',
    starts: [{ args: ['documented.py'] }, { args: ['-m', 'doctest', 'documented.py'], end: 1 }],
  },
  {
    title: 'dis, inspect, symtable, pickletools, platform',
    files: ['child.py'],
    include: ['dis', 'inspect', 'symtable', 'pickletools', 'opcode'],
    group: 'build',
    starts: [
      { args: ['-m', 'dis', 'child.py'] },
      { args: ['-m', 'inspect', 'textwrap:dedent'] },
      { args: ['-c', 'import pickletools, pickle; pickletools.dis(pickle.dumps([1, "a", {"b": 2.5}], 2))'] },
      { args: ['-m', 'base64', '-e', 'child.py'] },
      { args: ['-m', 'this'] },
      { args: ['-m', 'sysconfig', '--help'], filter: () => '' },
    ],
  },
  {
    title: 'cProfile, pstats, trace by -m',
    files: ['child.py'],
    include: ['cProfile', 'profile', 'trace'],
    group: 'call',
    starts: [
      { args: ['-m', 'trace', '--count', '--missing', '-C', 'counts', 'child.py', '4'] },
      {
        args: ['-m', 'trace', '--listfuncs', 'child.py', '4'],
        filter: (text) => text.replace(/^.*(?:<frozen|pyrewrite).*$/gm, ''),
      },
      {
        args: ['-m', 'cProfile', '-s', 'name', 'child.py', '4'],
        filter: (text) => text.replaceAll(/\d+\.\d{3}/g, '…'),
      },
    ],
  },
  {
    title: 'the whole standard library measured: csv, sqlite3, statistics',
    files: ['stats.py'],
    include: ['*'],
    group: 'compare',
    starts: [{ args: ['stats.py'] }],
  },
];
