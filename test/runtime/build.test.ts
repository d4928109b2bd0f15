import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { buildRuntime } from '../../src/runtime/build.ts';
import { findCompilers } from '../../src/runtime/compiler.ts';
import { FALLBACK_FILE, MODULE_FILE } from '../../src/runtime/sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-build-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A compiler that writes which file it was asked for, and how often. */
function fakeCompiler(name: string, body: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\necho run >> ${join(folder, `${name}.log`)}\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const WRITES_OUTPUT = 'while [ "$1" != -o ]; do shift; done; echo built > "$2"';

describe('buildRuntime', () => {
  test('compiles once, says so, and finds it again', () => {
    const cc = fakeCompiler('good-cc', WRITES_OUTPUT);
    const messages: string[] = [];
    const options = { cc, cacheDir: join(folder, 'cache'), log: (message: string) => messages.push(message) };
    const first = buildRuntime(options);
    expect(first).toMatchObject({ kind: 'native', built: true, compiler: cc, reason: null });
    expect(messages).toEqual([`compiling the runtime with ${cc}, once`]);
    expect(readFileSync(first.recorder, 'utf8')).toBe('built\n');
    expect(readdirSync(first.folder)).toEqual([MODULE_FILE]);
    expect(buildRuntime(options)).toEqual({ ...first, built: false });
    expect(messages).toHaveLength(1);
    expect(readFileSync(`${cc}.log`, 'utf8')).toBe('run\n');
  });

  test('another compiler builds anew', () => {
    const [one, two] = ['first-cc', 'second-cc'].map((name) => fakeCompiler(name, WRITES_OUTPUT));
    const cacheDir = join(folder, 'cache');
    expect(buildRuntime({ cc: one, cacheDir }).folder).not.toBe(buildRuntime({ cc: two, cacheDir }).folder);
  });

  test('without a compiler it is the recorder in Python, and says why', () => {
    const messages: string[] = [];
    const log = (message: string): void => void messages.push(message);
    const runtime = buildRuntime({ env: { PATH: '/nowhere' }, cacheDir: join(folder, 'cache'), log });
    expect(runtime).toMatchObject({ kind: 'python', recorder: FALLBACK_FILE, compiler: null, built: false });
    expect(readFileSync(join(runtime.folder, '_pyrewrite.py'))).toEqual(readFileSync(FALLBACK_FILE));
    expect(messages).toEqual([
      expect.stringMatching(/^no C compiler found .*; recording in Python: .*times are coarse/),
    ]);
  });

  test('a compiler that fails is told with its complaint, and leaves nothing behind', () => {
    const cc = fakeCompiler('bad-cc', 'echo "x.c: error: no such thing" >&2; exit 3');
    const cacheDir = join(folder, 'bad-cache');
    const runtime = buildRuntime({ cc, cacheDir });
    expect(runtime).toMatchObject({ kind: 'python', reason: `${cc} failed: x.c: error: no such thing` });
    const names = readdirSync(cacheDir, { recursive: true }).map(String);
    expect(names.filter((name) => /\.(so|tmp)$/.test(name))).toEqual([]);
  });

  test('goes on with the next compiler when one fails', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const name of ['cc', 'gcc']) {
      writeFileSync(join(bin, name), `#!/bin/sh\n${name === 'cc' ? 'exit 1' : WRITES_OUTPUT}\n`);
      chmodSync(join(bin, name), 0o755);
    }
    const runtime = buildRuntime({ env: { PATH: bin }, cacheDir: join(folder, 'next-cache') });
    expect(runtime).toMatchObject({ kind: 'native', compiler: join(bin, 'gcc') });
  });

  test('a cache that cannot be written gives a temporary folder', () => {
    const cc = fakeCompiler('temporary-cc', WRITES_OUTPUT);
    const runtime = buildRuntime({ cc, cacheDir: join(cc, 'a-file-is-no-folder') });
    expect(runtime.kind).toBe('native');
    expect(existsSync(runtime.recorder)).toBe(true);
    rmSync(runtime.folder, { recursive: true });
  });

  test('many processes at once all get the whole file', () => {
    const cc = fakeCompiler('slow-cc', `sleep 0.2; ${WRITES_OUTPUT}`);
    const cacheDir = join(folder, 'shared-cache');
    const build = fileURLToPath(new URL('../../src/runtime/build.ts', import.meta.url));
    const script = `import { readFileSync } from 'node:fs';
      const { buildRuntime } = await import(${JSON.stringify(build)});
      const { recorder } = buildRuntime(${JSON.stringify({ cc, cacheDir })});
      if (readFileSync(recorder, 'utf8') !== 'built\\n') throw new Error('not whole');
      process.stdout.write(recorder + '\\n');`;
    const file = join(folder, 'build-once.mts');
    writeFileSync(file, script);
    const tsx = fileURLToPath(new URL('../../node_modules/.bin/tsx', import.meta.url));
    const command = `for i in 1 2 3 4; do ${tsx} ${file} & done; wait`;
    const { stdout, stderr } = spawnSync('/bin/sh', ['-c', command], { encoding: 'utf8' });
    const lines = stdout.trim().split('\n');
    expect(lines, stderr).toHaveLength(4);
    expect(new Set(lines).size).toBe(1);
  });
});

describe('findCompilers', () => {
  test('$CC comes first and may have arguments', () => {
    const cc = fakeCompiler('with-arguments', '');
    const [first] = findCompilers({ CC: `${cc} -m64  -g`, PATH: process.env['PATH'] });
    expect(first.command).toEqual([cc, '-m64', '-g']);
  });

  test('names on PATH that are the same program count once', () => {
    const identities = findCompilers(process.env).map(({ identity }) => identity);
    expect(new Set(identities).size).toBe(identities.length);
  });
});
