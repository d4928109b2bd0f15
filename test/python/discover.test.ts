import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { versionByName } from '../../src/opcodes/versions.ts';
import { findInterpreter, pythonCommand } from '../../src/python/discover.ts';
import { findOnPath } from '../../src/python/find-executable.ts';
import { readInterpreter } from '../../src/python/interpreter.ts';
import { describePythons, findPython, runPython } from '../support/pythons.ts';

function makeFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'pyrewrite-discover-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}

test('--python, then the active environment, then python3, then python', () => {
  const folder = makeFolder();
  for (const name of ['one', 'two', 'venv/bin']) mkdirSync(join(folder, name), { recursive: true });
  script(join(folder, 'one/python'), '');
  script(join(folder, 'two/python3'), '');
  script(join(folder, 'two/python9.9'), '');
  script(join(folder, 'venv/bin/python'), '');
  writeFileSync(join(folder, 'one/python3'), 'not executable');
  const PATH = `${join(folder, 'one')}:relative:${join(folder, 'two')}`;
  const found = (given: string | undefined, env: Record<string, string>): string =>
    pythonCommand(given, env, folder).slice(folder.length + 1);
  expect(found(undefined, { PATH })).toBe('two/python3');
  expect(found(undefined, { PATH: join(folder, 'one') })).toBe('one/python');
  expect(found(undefined, { PATH, VIRTUAL_ENV: join(folder, 'venv') })).toBe('venv/bin/python');
  expect(found(undefined, { PATH, VIRTUAL_ENV: join(folder, 'gone') })).toBe('two/python3');
  expect(found('venv', { PATH })).toBe('venv/bin/python');
  expect(found('one/python', { PATH })).toBe('one/python');
  expect(found('9.9', { PATH })).toBe('two/python9.9');
  expect(() => found('nothing', { PATH })).toThrow(/there is no Python interpreter 'nothing'/);
  expect(() => found(undefined, {})).toThrow(/neither python3 nor python/);
  expect(findOnPath('python', { PATH: '' })).toBeUndefined();
});

describePythons('an interpreter', (python) => {
  test('tells about itself, once', async () => {
    const cache = makeFolder();
    const env = { ...process.env, PYREWRITE_CACHE: cache };
    const found = await readInterpreter(python.path, env);
    const version = versionByName(python.name);
    expect(found).toMatchObject({
      command: python.path,
      release: python.name,
      magic: version.magic,
      implementation: 'cpython',
    });
    expect(found.cacheTag).toBe(version.cacheTag);
    expect(found.stdlib).toContain(
      runPython(python, ['-c', 'import os; print(os.path.dirname(os.__file__))']).trim(),
    );
    expect(found.modulesAtStart).toContain('os');
    expect(found.modulesAtStart).not.toContain('json');
    const [file] = readdirSync(join(cache, 'interpreters'));
    writeFileSync(join(cache, 'interpreters', file), JSON.stringify({ ...found, version: 'from the cache' }));
    expect((await readInterpreter(python.path, env)).version).toBe('from the cache');
  });
});

const some = findPython('3.12');

test.runIf(some !== undefined)('a virtual environment and a launcher', async () => {
  const folder = makeFolder();
  const env = { ...process.env, PYREWRITE_CACHE: join(folder, 'cache') };
  runPython(some as NonNullable<typeof some>, ['-m', 'venv', '--without-pip', join(folder, 'venv')]);
  const inside = await findInterpreter('venv', env, folder);
  expect(inside.command).toBe(join(folder, 'venv/bin/python'));
  expect(inside.prefix).toBe(join(folder, 'venv'));
  expect(inside.sitePackages[0]).toContain(join(folder, 'venv'));
  script(join(folder, 'launcher'), `exec ${some?.path} "$@"`);
  const launched = await readInterpreter(join(folder, 'launcher'), env);
  expect(launched.command).toBe(launched.executable);
  expect(readdirSync(join(folder, 'cache/interpreters'))).toHaveLength(1);
});

test('what is no supported CPython is refused with a remedy', async () => {
  const folder = makeFolder();
  const env = { ...process.env, PYREWRITE_CACHE: join(folder, 'cache') };
  const facts = { implementation: 'cpython', release: '3.7', version: '3.7.1', magic: 3394 };
  const refuse = async (answer: string): Promise<unknown> => {
    script(join(folder, 'python'), answer);
    return await readInterpreter(join(folder, 'python'), env).catch((error: unknown) => error);
  };
  expect(await refuse(`echo '${JSON.stringify(facts)}'`)).toMatchObject({
    code: 'not-found',
    remedy: expect.anything(),
  });
  const pypy = { ...facts, implementation: 'pypy', release: '3.10' };
  expect(await refuse(`echo '${JSON.stringify(pypy)}'`)).toMatchObject({
    message: expect.stringContaining('pypy'),
  });
  const alpha = { ...facts, release: '3.12', magic: 3512 };
  expect(await refuse(`echo '${JSON.stringify(alpha)}'`)).toMatchObject({ code: 'bad-magic' });
  expect(await refuse('exit 3')).toMatchObject({ code: 'python-failed' });
  expect(await refuse('echo no JSON')).toMatchObject({ code: 'python-failed' });
});

test('links to one interpreter are two commands', async () => {
  if (some === undefined) return;
  const folder = makeFolder();
  symlinkSync(some.path, join(folder, 'python'));
  const env = { ...process.env, PYREWRITE_CACHE: join(folder, 'cache') };
  expect((await readInterpreter(join(folder, 'python'), env)).command).toBe(join(folder, 'python'));
});
