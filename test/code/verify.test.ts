/** `verifyPyc` finds nothing in real files, also in instrumented ones, and finds each kind of damage. */
import { expect, test } from 'vitest';
import { type VerifyReport, verifyPyc } from '../../src/code/verify.ts';
import { type CodeObject, newBytes, newTuple, type Pyc, readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { corpusFiles, loadCorpus } from '../support/corpus.ts';
import { describePythons } from '../support/pythons.ts';

/** Each n-th file of the corpus. */
const EVERY = 100;

/** The laws that a file breaks when its module's code object is changed. */
function broken(pyc: Pyc, changes: Partial<CodeObject>): Set<string> {
  const report = verifyPyc(writePyc({ ...pyc, code: { ...pyc.code, ...changes } }));
  return new Set(report.problems.map(({ law }) => law));
}

describePythons('verifyPyc', (python) => {
  const files = [...corpusFiles(loadCorpus(python), EVERY)];

  test('finds nothing in files, instrumented or not', () => {
    const sum: VerifyReport = { codeObjects: 0, instructions: 0, stackSizeEqual: 0, problems: [] };
    for (const { bytes } of files) {
      const pyc = readPyc(bytes);
      const probed = instrument(pyc, { select: selectOpcodes('all', pyc.version) });
      for (const file of [bytes, writePyc(probed.pyc)]) {
        const report = verifyPyc(file);
        sum.codeObjects += report.codeObjects;
        sum.instructions += report.instructions;
        sum.problems.push(...report.problems);
      }
    }
    expect(sum.problems).toEqual([]);
    expect(sum.codeObjects).toBeGreaterThan(500);
    console.log(
      `verify, Python ${python.name}: ${sum.codeObjects} code objects, ${sum.instructions} instructions`,
    );
  });

  test('finds damage', () => {
    const { bytes } = files.find((file) => readPyc(file.bytes).code.co_names.items.length > 0) ?? files[0];
    const pyc = readPyc(bytes);
    const { code } = pyc;
    const empty = newTuple([]);
    const nothing = newBytes(Uint8Array.of());
    expect(broken(pyc, {})).toEqual(new Set());
    expect(broken(pyc, { co_stacksize: 0 })).toContain('stacksize-sufficient');
    expect(broken(pyc, { co_names: empty })).toContain('names-in-range');
    expect(broken(pyc, { co_code: newBytes(Uint8Array.of(255, 255)) })).toContain('decodable');
    if (code.co_linetable !== undefined) {
      expect(broken(pyc, { co_linetable: nothing })).toContain('locations-cover-code');
    }
    if (code.co_exceptiontable !== undefined) {
      const pointsBehindTheEnd = Uint8Array.of(0x80 | 0x40 | 63, 0x40 | 63, 63, 1, 0, 0);
      expect(broken(pyc, { co_exceptiontable: newBytes(pointsBehindTheEnd) })).toContain('decodable');
    }
    const cut = verifyPyc(bytes.subarray(0, bytes.length - 1));
    expect(cut.problems.map(({ law }) => law)).toEqual(['readable']);
    const longer = verifyPyc(Uint8Array.of(...bytes.subarray(0, 20)));
    expect(longer.problems.map(({ law }) => law)).toEqual(['readable']);
  });
});
