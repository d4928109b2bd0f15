/** The command line itself: help, errors, exit status, and the commands that only read. */
import { spawn } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { integerOption, parseCommandLine } from '../../src/cli/args.ts';
import { command as runCommand } from '../../src/cli/commands/run.ts';
import { runMain } from '../../src/cli/main.ts';
import { parsePythonFlags, splitFlags } from '../../src/cli/run/python-flags.ts';
import { findPython } from '../support/pythons.ts';
import { cleanEnvironment, cliArgs, makeFolder, memoryIo, pyrewrite, start } from './cli.ts';

const COMMANDS = readdirSync(new URL('../../src/cli/commands', import.meta.url)).map((file) =>
  file.replace(/\.ts$/, ''),
);

async function main(...argv: string[]) {
  const { io, written } = memoryIo(makeFolder({ 'a.py': 'x = 1\n' }));
  const status = await runMain(argv, io);
  return { status, ...written };
}

test.each(COMMANDS)('%s has a page of help with usage, options, examples and exit status', async (name) => {
  const { status, stdout, stderr } = await main(name, '--help');
  expect([status, stderr]).toEqual([0, '']);
  for (const part of ['Usage: pyrewrite', 'Options:', '--help', 'Examples:', 'Exit status:'])
    expect(stdout).toContain(part);
  expect(stdout.split('\n').filter((line) => line.length > 118)).toEqual([]);
});

test('the general page names every command; --version', async () => {
  const { status, stdout } = await main('--help');
  expect(status).toBe(0);
  for (const name of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  expect((await main('--version')).stdout).toMatch(/^pyrewrite \d+\.\d+\.\d+\n$/);
  expect((await main()).status).toBe(2);
});

test('what is wrong with the command line is said once, with what was meant', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['rum'], /'rum' is neither a command nor a file\n {2}did you mean run\?/],
    [['frobnicate'], /neither a command nor a file\n {2}pyrewrite --help/],
    [['report', '--jsn', 'x'], /unknown option --jsn\n {2}did you mean --json\?/],
    [['report', '--limit'], /--limit/],
    [['report', '--limit', 'many', 'a.prof'], /--limit takes a whole number/],
    [['report', '--sort', 'size', 'a.prof'], /there is no sort key 'size'\n {2}there are self/],
    [['report'], /no PROFILE given\n {2}usage/],
    [['rewrite'], /no PATH given/],
    [['run'], /no program to run/],
    [['run', '-m'], /argument expected for the -m option/],
    [['run', '--python-flags', '-c', 'a.py'], /takes python's options only/],
    [['rewrite', '--sourceless', 'a.py'], /--sourceless needs --out/],
    [['rewrite', '--optimize', '3', 'a.py'], /--optimize takes a whole number from 0 to 2/],
    [['runtime', 'folder'], /nothing to do with 'folder'/],
  ];
  for (const [argv, message] of cases) {
    const { status, stdout, stderr } = await main(...argv);
    expect([argv, status, stdout]).toEqual([argv, 2, '']);
    expect(stderr).toMatch(/^pyrewrite: /);
    expect(stderr).toMatch(message);
  }
});

test('bad input is one line, and exit status 1', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['report', 'none.prof'], /cannot open .*none\.prof: no such file/],
    [['report', 'a.py'], /a\.py/],
    [['verify', 'none.pyc'], /cannot open .*none\.pyc: no such file/],
    [['rewrite', 'none.py'], /none\.py does not exist/],
    [['rewrite', '--opcodes', 'LOAD_ATR', 'a.py'], /LOAD_ATR\n {2}did you mean LOAD_ATTR/],
    [['rewrite', '--python', '/nowhere', 'a.py'], /no Python interpreter '\/nowhere'\n {2}--python takes/],
    [['clean', 'none'], /none is no \.py or \.pyc file/],
    [['opcodes', '--python-version', '2.7'], /2\.7 is not supported/],
    [['dis', 'a.py'], /a\.py/],
  ];
  for (const [argv, message] of cases) {
    const { status, stderr } = await main(...argv);
    expect([argv, status]).toEqual([argv, 1]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('internal error');
  }
});

test('options end where the program begins', () => {
  const parse = (...argv: string[]) => parseCommandLine(runCommand, argv).positionals;
  expect(parse('--opcodes', 'attr', 'app.py', '--json', '-o', 'x')).toEqual(['app.py', '--json', '-o', 'x']);
  expect(parse('-o', 'x', '-m', 'mod', '--help')).toEqual(['-m', 'mod', '--help']);
  expect(parse('-mmod', '-c')).toEqual(['-mmod', '-c']);
  expect(parse('--json', '-c', 'code')).toEqual(['-c', 'code']);
  expect(parse('--', '--app.py')).toEqual(['--app.py']);
  expect(parse('-', 'a')).toEqual(['-', 'a']);
  const args = parseCommandLine(runCommand, [
    '--python-flags',
    '-O -W error',
    '-ox.prof',
    '--include=a',
    '--include',
    'b',
    'app.py',
  ]);
  expect(args.string('python-flags')).toBe('-O -W error');
  expect([args.string('output'), args.strings('include')]).toEqual(['x.prof', ['a', 'b']]);
});

test('flags for python', () => {
  expect(splitFlags(` -W "error::User Warning" -X 'a b' -O`)).toEqual([
    '-W',
    'error::User Warning',
    '-X',
    'a b',
    '-O',
  ]);
  expect(parsePythonFlags('-W comic -Xcache -OO')).toEqual(['-W', 'comic', '-Xcache', '-OO']);
  expect(() => parsePythonFlags('-Oc x')).toThrow(/python's options only/);
  expect(() => integerOption(' ', 'n', 0, 9)).toThrow();
});

test('a reader that goes away is no error', async () => {
  const child = spawn(process.execPath, cliArgs(['opcodes', '--python-version', '3.12']), {
    env: cleanEnvironment(),
  });
  child.stdout.destroy();
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const status = await new Promise((resolve) => child.on('close', resolve));
  expect([status, errors]).toEqual([0, '']);
});

const some = findPython('3.12');

test('opcodes: groups, selections, JSON', async () => {
  const text = await main('opcodes', '--python-version', '3.12');
  expect(text.stdout).toMatch(/^attr +attribute/m);
  const lists = JSON.parse((await main('opcodes', '--python-version', '3.8', '--json')).stdout);
  expect(lists.groups.find(({ name }: { name: string }) => name === 'attr').opcodes).toContain('LOAD_METHOD');
  expect((await main('opcodes', '--python-version', '3.8', 'BINARY_OP')).stdout).toContain('BINARY_ADD\n');
});

test.runIf(some !== undefined)('verify and dis read what was instrumented', async () => {
  const cwd = makeFolder({
    'a.py':
      'class C:\n    def f(self):\n        try:\n            return self.x\n        finally:\n            pass\n',
  });
  await pyrewrite(['--python', some?.path ?? '', '--opcodes', 'all', 'a.py'], { cwd });
  const verified = await pyrewrite(['verify', '.'], { cwd });
  expect(verified.stdout).toMatch(/^1 files \(1 instrumented\), 3 code objects, \d+ instructions: all sound/);
  const pyc = join(
    '__pycache__',
    readdirSync(join(cwd, '__pycache__')).find((name) => name.endsWith('.pyc')) ?? '',
  );
  const listing = await pyrewrite(['dis', pyc], { cwd });
  expect([listing.status, listing.stdout.includes('LOAD_ATTR')]).toEqual([0, true]);
  writeFileSync(join(cwd, 'bad.pyc'), 'nonsense');
  const bad = await pyrewrite(['verify', '--json', '.'], { cwd });
  expect([bad.status, JSON.parse(bad.stdout).problems.length]).toEqual([1, 1]);
});

test.runIf(some !== undefined)('doctor records a tiny program', async () => {
  const { status, stdout } = await pyrewrite(['doctor', '--json', '--python', some?.path ?? '']);
  const { checks, healthy } = JSON.parse(stdout);
  expect([status, healthy]).toEqual([0, true]);
  const names = checks.map(({ name }: { name: string }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['python', 'compiler', 'runtime', 'clock', 'calibration', 'recording']),
  );
  const lost = await pyrewrite(['doctor', '--python', '/nowhere']);
  expect([lost.status, lost.stdout.includes('BAD   python')]).toEqual([1, true]);
});

test.runIf(some !== undefined)(
  'runtime: installed into an environment, it records there; and out again',
  async () => {
    const cwd = makeFolder({ 'a.py': 'import sys\nsys.path\n' });
    await start(some?.path ?? '', ['-m', 'venv', '--without-pip', 'venv'], { cwd });
    const python = join(cwd, 'venv/bin/python');
    const installed = await pyrewrite(['runtime', '--install', '--python', 'venv'], { cwd });
    expect([installed.status, installed.stderr]).toEqual([0, '']);
    await pyrewrite(['--python', 'venv', 'a.py'], { cwd });
    await start(python, ['-c', 'import a'], { cwd });
    expect(readdirSync(cwd).filter((name) => name.endsWith('.prof'))).toHaveLength(1);
    writeFileSync(join(cwd, 'a.py'), 'import sys\nsys.path  # edited\n');
    const edited = await start(python, ['-c', 'import a'], { cwd });
    expect(edited.stderr).toContain('the source was edited');
    const removed = await pyrewrite(['runtime', '--uninstall', '--python', 'venv'], { cwd });
    expect(removed.stdout.trim().split('\n')).toHaveLength(2);
    const after = await start(python, ['-c', 'import a; import _pyrewrite'], { cwd });
    expect(after.stderr).toContain('ModuleNotFoundError');
  },
);
