/** `pyrewrite run`: exact counts over children, signals, exit status, profiles. */
import { spawn } from 'node:child_process';
import { readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { everySecond } from '../support/full.ts';
import { describePythons, findPython, type Python } from '../support/pythons.ts';
import { cleanEnvironment, cliArgs, makeFolder, type Options, pyrewrite, type Result, start } from './cli.ts';

async function run(python: Python, args: readonly string[], options: Options): Promise<Result> {
  return await pyrewrite(['run', '--python', python.path, '--opcodes', 'attr', ...args], options);
}

/** Executions of the sites whose operand has this name, by the last part of their file. */
function countsOf(report: Report, name: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const site of report.sites.filter((candidate) => candidate.name === name)) {
    const file = site.file.split('/').at(-1) ?? '';
    counts[file] = (counts[file] ?? 0) + site.count;
  }
  return counts;
}

async function recorded(
  python: Python,
  cwd: string,
  args: readonly string[],
  profile: string,
): Promise<Report> {
  const result = await run(python, args, { cwd });
  expect(result.status, result.stderr).toBe(0);
  const report = await pyrewrite(['report', '--json', profile], { cwd });
  expect(report.stderr).toBe('');
  return JSON.parse(report.stdout);
}

const HELPER = 'def f(o, n):\n    return [o.v for _ in range(n)]\n';

const POOL = `import multiprocessing, sys
class W:
    v = 3
def work(n):
    w = W()
    return sum(w.v for _ in range(n))
if __name__ == "__main__":
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        print(pool.map(work, [10, 20]))
`;

const ENDS = [
  ['exit', '0'],
  ['exit', '5'],
  ['exit', '256'],
  ['text'],
  ['kill', '9'],
  ['kill', '15'],
  ['raise'],
];

describePythons('processes of a recorded program', (python) => {
  test.each(everySecond(['fork', 'spawn', 'forkserver'], python))('multiprocessing by %s', async (method) => {
    const cwd = makeFolder({ 'pool.py': POOL });
    const report = await recorded(python, cwd, ['pool.py', method], 'pool.prof');
    expect(countsOf(report, 'v')).toEqual({ 'pool.py': 30 });
    expect(report.processes.length).toBeGreaterThanOrEqual(2);
  });

  test('children by subprocess: script, -m, -c; os.fork', async () => {
    const cwd = makeFolder({
      'helper.py': HELPER,
      'main.py': `import os, subprocess, sys, helper
class W: v = 1
for words in ["child.py", "x"], ["-O", "-W", "ignore", "child.py"], ["-m", "child"], ["-c", "import child"]:
    print(subprocess.run([sys.executable] + words, stdout=subprocess.PIPE, check=True).stdout.decode())
pid = os.fork()
helper.f(W, 100)
if pid == 0:
    os._exit(7)
print(os.waitpid(pid, 0)[1] >> 8)
`,
      'child.py':
        'import sys, helper\nclass W: v = 2\nhelper.f(W, 5)\nW.v\nprint(sys.argv, __name__, __file__, sys.path[0])\n',
    });
    const plain = await start(python.path, ['main.py'], { cwd });
    const result = await run(python, ['main.py'], { cwd });
    expect(result.stdout).toBe(plain.stdout);
    const report = await recorded(python, cwd, ['-o', 'out.prof', 'main.py'], 'out.prof');
    // The script of -c is not the project's: only what it imports is recorded, child.py here too.
    expect(countsOf(report, 'v')).toEqual({ 'helper.py': 4 * 5 + 2 * 100, 'child.py': 4 });
  });

  test('exit status, signals, uncaught exceptions', async () => {
    const cwd = makeFolder({
      'end.py': `import os, signal, sys
class C: pass
if sys.argv[1] == "exit": sys.exit(int(sys.argv[2]))
if sys.argv[1] == "text": sys.exit("text")
if sys.argv[1] == "kill": os.kill(os.getpid(), int(sys.argv[2]))
C.nothing
`,
    });
    for (const args of everySecond(ENDS, python)) {
      const plain = await start(python.path, ['end.py', ...args], { cwd });
      const ours = await run(python, ['end.py', ...args], { cwd });
      expect([args, ours.status, ours.signal]).toEqual([args, plain.status, plain.signal]);
      expect(ours.stderr).toContain('profile: ');
    }
  });
});

const newest = findPython('3.12');

test.runIf(newest !== undefined).each(['SIGINT', 'SIGTERM'] as const)(
  '%s reaches the program; its report is printed',
  async (signal) => {
    const cwd = makeFolder({
      'wait.py': `import os, signal, sys, time
def stop(*_):
    os.write(1, b"stopped\\n")
    sys.exit(9)
signal.signal(signal.${signal}, stop)
os.write(1, b"ready\\n")
time.sleep(60)
`,
    });
    const args = cliArgs(['run', '--python', newest?.path ?? '', 'wait.py']);
    const child = spawn(process.execPath, args, {
      cwd,
      env: cleanEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text === 'ready\n') child.kill(signal);
    });
    let errors = '';
    child.stderr.on('data', (chunk) => {
      errors += chunk;
    });
    const status = await new Promise((resolve) => child.on('close', resolve));
    expect([text, status]).toEqual(['ready\nstopped\n', 9]);
    expect(errors).toContain('wait.prof');
  },
);

test.runIf(newest !== undefined)('standard output stays the program’s own, byte for byte', async () => {
  const python = newest as Python;
  const cwd = makeFolder({
    'bytes.py':
      'import sys\nsys.stdout.buffer.write(bytes(range(256)) * 40000)\nsys.stdout.write(sys.stdin.read())\n',
  });
  const input = 'line\n'.repeat(1000);
  const plain = await start(python.path, ['bytes.py'], { cwd, input });
  const ours = await run(python, ['bytes.py'], { cwd, input });
  expect(ours.stdout.length).toBeGreaterThan(1_000_000);
  expect(ours.stdout === plain.stdout).toBe(true);
});

test.runIf(newest !== undefined)('what is recorded: project, --include, --exclude, --functions', async () => {
  const python = newest as Python;
  const cwd = makeFolder({
    'app.py':
      'import json, helper, other\nclass C:\n    v = 1\n    def m(self): return self.v\nC().m()\nhelper.f(C, 3)\nother.f(C, 3)\nprint(json.dumps([1]))\n',
    'helper.py': HELPER,
    'other.py': HELPER,
    '.venv/pyvenv.cfg': '',
  });
  const files = async (options: readonly string[]): Promise<string[]> => {
    const report = await recorded(python, cwd, [...options, '-o', 'out.prof', 'app.py'], 'out.prof');
    const run = report.sites.filter(({ count }) => count > 0);
    return [
      ...new Set(
        run.map(({ file }) =>
          file
            .split('/')
            .slice(-2)
            .join('/')
            .replace(/^pyrewrite-test-[^/]*\//, ''),
        ),
      ),
    ].sort();
  };
  expect(await files([])).toEqual(['app.py', 'helper.py', 'other.py']);
  expect(await files(['--exclude', 'other'])).toEqual(['app.py', 'helper.py']);
  expect(await files(['--exclude', '*er.py'])).toEqual(['app.py']);
  expect(await files(['--functions', 'C.*'])).toEqual(['app.py']);
  expect(await files(['--include', 'json.encoder'])).toEqual([
    'app.py',
    'helper.py',
    'json/encoder.py',
    'other.py',
  ]);
  expect(await files(['--include', 'json'])).toContain('json/__init__.py');
});

test.runIf(newest !== undefined)('says why nothing was recorded, and changes nothing then', async () => {
  const python = newest as Python;
  const cwd = makeFolder({ 'app.py': 'print(1)\n' });
  const cases: [readonly string[], Record<string, string>, RegExp][] = [
    [[], {}, /1 files hold none of the chosen operations/],
    [['--python-flags', '-I'], {}, /with -I python runs no startup hook/],
    [[], { PYREWRITE: 'off' }, /with PYREWRITE=off/],
  ];
  for (const [options, env, message] of cases) {
    const result = await run(python, [...options, 'app.py'], { cwd, env });
    expect([result.stdout, result.status]).toEqual(['1\n', 0]);
    expect(result.stderr).toMatch(message);
  }
  expect(readdirSync(cwd)).toEqual(['app.py']);
});

test.runIf(newest !== undefined)(
  'a recorder that cannot be loaded is told, and the program runs',
  async () => {
    const python = newest as Python;
    const cwd = makeFolder({ 'app.py': 'import sys\nprint(sys.argv)\n' });
    const env = { PYREWRITE_CACHE: join(cwd, 'cache') };
    const hook = (await pyrewrite(['runtime', '--python', python.path], { cwd, env })).stdout.trim();
    rmSync(join(hook, '_pyrewrite.abi3.so'));
    writeFileSync(join(hook, '_pyrewrite.py'), 'raise ImportError("broken on purpose")\n');
    const result = await run(python, ['app.py', 'x'], { cwd, env });
    expect([result.stdout, result.status]).toEqual(["['app.py', 'x']\n", 0]);
    expect(result.stderr).toContain('cannot be loaded: broken on purpose');
  },
);

test.runIf(newest !== undefined)('without a C compiler the recorder is Python: same counts', async () => {
  const python = newest as Python;
  // It writes when a process ends by itself; the end of "with" kills the pool's.
  const ends = '        pool.close()\n        pool.join()\n';
  const cwd = makeFolder({ 'pool.py': POOL + ends });
  symlinkSync(process.execPath, join(cwd, 'node'));
  const env = { PYREWRITE_CACHE: join(cwd, 'cache'), PATH: cwd };
  const result = await run(python, ['--json', 'pool.py', 'spawn'], { cwd, env });
  expect([result.stdout, result.status]).toEqual(['[30, 60]\n', 0]);
  expect(result.stderr).toContain('recording in Python');
  const json = result.stderr.split('\n').find((line) => line.startsWith('{')) ?? '{}';
  expect(countsOf(JSON.parse(json), 'v')).toEqual({ 'pool.py': 30 });
});

test.runIf(newest !== undefined)('leaves nothing behind but the profile', async () => {
  const python = newest as Python;
  const cwd = makeFolder({ 'app.py': 'import sys\nprint(sys.argv)\n' });
  // A folder of its own: other tests have runs in the usual one.
  const temporary = makeFolder({});
  const result = await run(python, ['-o', 'p.prof', 'app.py'], { cwd, env: { TMPDIR: temporary } });
  expect(result.stderr).toContain(join(cwd, 'p.prof'));
  expect(readdirSync(cwd).sort()).toEqual(['app.py', 'p.prof']);
  expect(readdirSync(temporary)).toEqual([]);
});
