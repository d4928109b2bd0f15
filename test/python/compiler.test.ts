import { mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PyrewriteError } from '../../src/errors.ts';
import { type CompileResult, compileSources } from '../../src/python/compiler.ts';
import { describePythons, findPython, runPython } from '../support/pythons.ts';

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-compile-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function compileOne(python: string, path: string, optimize = 0): Promise<CompileResult> {
  for await (const [, result] of compileSources(python, [{ path, filename: path, optimize }], process.env)) {
    return result;
  }
  throw new Error('no result');
}

describePythons('compiling sources', (python) => {
  test('code, file name and header are those of py_compile', async () => {
    const folder = makeFolder();
    const path = join(folder, 'größe.py');
    writeFileSync(path, '"""doc"""\nassert __debug__, "x"\ndef f():\n    return 1\n');
    utimesSync(path, 1_600_000_000.75, 1_600_000_000.75);
    for (const optimize of [0, 1, 2]) {
      const result = await compileOne(python.path, path, optimize);
      if (result.kind !== 'compiled') throw new Error(result.message);
      const stock = `import py_compile, sys; print(py_compile.compile(sys.argv[1], optimize=${optimize === 0 ? -1 : optimize}))`;
      const file = runPython(python, ['-c', stock, path]).trim();
      expect(result.cachePath).toBe(file);
      const same = `import marshal, sys
data = open(sys.argv[1], "rb").read()
code = marshal.loads(bytes.fromhex(sys.argv[2]))
assert code == marshal.loads(data[16:]) and code.co_filename == sys.argv[3], code
print(int.from_bytes(data[8:12], "little"), int.from_bytes(data[12:16], "little"))`;
      const hex = Buffer.from(result.code).toString('hex');
      const header = runPython(python, ['-c', same, file, hex, path]).trim();
      expect(header).toBe(`${result.mtime} ${result.size}`);
    }
    expect(statSync(path).mtimeMs).toBe(1_600_000_000_750);
  });

  test('errors are results: syntax, encoding, null bytes, missing files', async () => {
    const folder = makeFolder();
    const cases: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
      ['syntax-error', 'def f(:\n', /^line 1: /],
      ['syntax-error', '# coding: no-such-code\n', /encoding/],
      ['syntax-error', Buffer.from([0x22, 0xff, 0x22]), /./],
      ['compiled', '"\\d"\n', /./],
    ];
    for (const [kind, source, message] of cases) {
      const path = join(folder, 'a.py');
      writeFileSync(path, source);
      const result = await compileOne(python.path, path);
      expect(result.kind).toBe(kind);
      if (result.kind !== 'compiled') expect(result.message).toMatch(message);
    }
    expect(await compileOne(python.path, join(folder, 'none.py'))).toMatchObject({ kind: 'unreadable' });
    expect(await compileOne(python.path, folder)).toMatchObject({ kind: 'unreadable' });
  });
});

const some = findPython('3.12');

test.runIf(some !== undefined)(
  'thousands of files: in order, in little memory, with one process',
  async () => {
    const folder = makeFolder();
    const line = 'x = [1, 2, 3, "some text that takes room"]\n';
    const path = join(folder, 'big.py');
    writeFileSync(path, Array.from({ length: 2000 }, (_, k) => line.replace('x', `x${k}`)).join(''));
    let asked = 0;
    function* requests() {
      for (; asked < 3000; asked++) yield { path, filename: `/m${asked}.py`, optimize: 0 };
    }
    let count = 0;
    let bytes = 0;
    let most = 0;
    for await (const [request, result] of compileSources(some?.path ?? '', requests(), process.env)) {
      expect(request.filename).toBe(`/m${count}.py`);
      if (result.kind === 'compiled') bytes += result.code.length;
      count++;
      most = Math.max(most, asked - count);
      if (count === 300) break;
    }
    expect([count, most <= 16]).toEqual([300, true]);
    expect(bytes).toBeGreaterThan(5_000_000);
  },
);

test('an interpreter that dies, or is none, is one clear error', async () => {
  for (const command of ['/bin/true', '/bin/false', '/nowhere/python']) {
    const failure = await compileOne(command, '/a.py').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PyrewriteError);
    expect(failure).toMatchObject({ code: 'python-failed' });
  }
});
