/**
 * Law: what is not selected stays as it was: files without a selected operation byte for byte, and in the others every
 * code object without a probe, field by field. `pyrewrite verify --original` proves the same of files on disk.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { compareOriginal } from '../../src/rewrite/compare-original.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { makeFolder, pyrewrite } from '../cli/cli.ts';
import { corpusFiles, loadCorpus } from '../support/corpus.ts';
import { sampleEvery } from '../support/full.ts';
import { compileOne } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

const SOURCE =
  'import sys\ndef f(a):\n    return a.b\ndef g(a):\n    def h():\n        return a + 1\n    return h\n';

describePythons('what is not selected', (python) => {
  test.each(['contains', 'import', 'await'])('stays in the standard library (%s)', (opcodes) => {
    const sum = { files: 0, identical: 0, probed: 0, unchanged: 0 };
    for (const { path, bytes } of corpusFiles(loadCorpus(python), sampleEvery(12))) {
      const pyc = readPyc(bytes);
      const written = writePyc(instrument(pyc, { select: selectOpcodes(opcodes, pyc.version) }).pyc);
      const report = compareOriginal(written, bytes);
      expect([path, report.changed]).toEqual([path, []]);
      expect(report.probed === 0).toBe(report.identical);
      sum.files++;
      sum.identical += report.identical ? 1 : 0;
      sum.probed += report.probed;
      sum.unchanged += report.unchanged;
    }
    const { files, identical, probed, unchanged } = sum;
    console.log(
      `unselected, Python ${python.name}, ${opcodes}: ${files} files, ${identical} the same; ${unchanged} code objects the same, ${probed} probed`,
    );
    expect(identical).toBeGreaterThan(0);
    expect(probed).toBeGreaterThan(0);
    expect(unchanged).toBeGreaterThan(1000);
  });

  test('verify --original proves it, and finds what was changed by hand', async () => {
    const plain = compileOne(python, SOURCE);
    const probed = instrument(plain, { select: selectOpcodes('attr', plain.version) }).pyc;
    const cwd = makeFolder({ 'plain/a.pyc': '', 'probed/a.pyc': '' });
    writeFileSync(join(cwd, 'plain/a.pyc'), writePyc(plain));
    writeFileSync(join(cwd, 'probed/a.pyc'), writePyc(probed));
    const verify = async (path: string) => await pyrewrite(['verify', '--original', 'plain', path], { cwd });
    const good = await verify('probed');
    expect([good.status, good.stderr]).toEqual([0, '']);
    expect(good.stdout).toContain(
      '0 files are the same bytes, 2 code objects without probes are the same, 2 have probes',
    );
    const other = compileOne(python, SOURCE.replace('a + 1', 'a + 2'));
    const changed = instrument(other, { select: selectOpcodes('attr', plain.version) }).pyc;
    writeFileSync(join(cwd, 'probed/a.pyc'), writePyc(changed));
    const bad = await verify('probed');
    expect(bad.status).toBe(1);
    expect(bad.stdout).toMatch(
      /h: has no probe, and another .*co_consts.* than the original|h: has no probe, and another co_code than the original/,
    );
    writeFileSync(join(cwd, 'probed/b.pyc'), writePyc(plain));
    expect((await verify('probed')).stderr).toMatch(
      /b\.pyc is not there: .* has no original\n {2}--original takes/,
    );
  });
});
