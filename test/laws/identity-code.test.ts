/** Law: disassemble, then assemble, gives back every byte of every code object of every standard library. */
import { expect, test } from 'vitest';
import { assemble, disassemble, stackDepths, tableOf, walkCode } from '../../src/code/index.ts';
import { bytesValue, type CodeObject, readPyc } from '../../src/marshal/index.ts';
import type { BytecodeVersion } from '../../src/opcodes/types.ts';
import { corpusFiles, loadCorpus } from '../support/corpus.ts';
import { describePythons } from '../support/pythons.ts';

interface Counts {
  codes: number;
  instructions: number;
  /** recomputed co_stacksize against the stored one */
  equal: number;
  smaller: number;
}

/** Fields of a code object that an unedited assembly changes, and a stack size that is too small. */
function differences(code: CodeObject, version: BytecodeVersion, counts: Counts): string[] {
  const list = disassemble(code, version);
  const bytes = assemble(list, code.co_firstlineno);
  const depth = stackDepths(list, code.co_flags).max;
  counts.codes++;
  counts.instructions += list.count;
  if (depth === code.co_stacksize) counts.equal++;
  else counts.smaller++;
  const same = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;
  const found: string[] = [];
  if (!same(bytes.co_code, bytesValue(code.co_code))) found.push('co_code');
  if (!same(bytes.linetable, bytesValue(tableOf(code)))) found.push('line table');
  const exceptions = code.co_exceptiontable;
  if (exceptions !== undefined && !same(bytes.co_exceptiontable, bytesValue(exceptions)))
    found.push('co_exceptiontable');
  if (depth > code.co_stacksize) found.push(`co_stacksize ${code.co_stacksize} < ${depth}`);
  return found;
}

describePythons('identity of code objects', (python) => {
  test(`every code object of the standard library`, () => {
    const counts: Counts = { codes: 0, instructions: 0, equal: 0, smaller: 0 };
    const bad: string[] = [];
    for (const { path, bytes } of corpusFiles(loadCorpus(python))) {
      const pyc = readPyc(bytes);
      for (const code of walkCode(pyc.code)) {
        for (const what of differences(code, pyc.version, counts))
          bad.push(`${path}:${code.co_firstlineno} ${what}`);
      }
    }
    const share = ((100 * counts.equal) / counts.codes).toFixed(3);
    console.log(
      `identity ${python.label}: ${counts.codes} code objects, ${counts.instructions} instructions, all byte-identical; ` +
        `stack size equal in ${share} %, larger in the file in ${counts.smaller}, never smaller`,
    );
    expect(bad).toEqual([]);
    expect(counts.codes).toBeGreaterThan(50_000);
    expect(counts.equal / counts.codes).toBeGreaterThan(0.998);
  });
});
