/** What statements drop is told by type where the last reference went, of real code on every version. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { describePythons, runPython } from '../support/pythons.ts';
import { nativeRuntime } from './runtime.ts';

const PROGRAM = fileURLToPath(new URL('dropped_of.py', import.meta.url));

describePythons(
  'objects that POP_TOP drops',
  (python) => {
    test('are freed, or kept by others', () => {
      const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-dropped-'));
      const file = join(folder, 'dropped.pyc');
      const compile = `import py_compile; py_compile.compile(${JSON.stringify(PROGRAM)}, cfile=${JSON.stringify(file)}, doraise=True)`;
      runPython(python, ['-c', compile]);
      const pyc = readPyc(readFileSync(file));
      const select = selectOpcodes('POP_TOP', pyc.version);
      writeFileSync(file, writePyc(instrument(pyc, { select, types: true }).pyc));
      const env = { PYTHONPATH: nativeRuntime().folder, PYREWRITE_OUT: `${folder}/` };
      const truth = JSON.parse(runPython(python, [file], { env })) as Record<
        string,
        [number, string | null][]
      >;
      const [name] = readdirSync(folder).filter((one) => one.endsWith('.prof'));
      const { sites } = readProfile(readFileSync(join(folder, name)));
      rmSync(folder, { recursive: true, force: true });
      for (const [where, expected] of Object.entries(truth)) {
        const variants = sites.filter((site) => site.function === where).flatMap((site) => site.variants);
        const freed = variants.filter(({ how }) => how === 'freed').map(({ count, type }) => [count, type]);
        const kept = variants.filter(({ how }) => how === 'kept').reduce((sum, { count }) => sum + count, 0);
        const [[first, type]] = expected;
        expect(freed).toEqual(type === null ? [] : expected);
        expect(kept).toBe(type === null ? first : 0);
      }
      expect(Object.keys(truth)).toHaveLength(3);
    });
  },
  { debug: true },
);
