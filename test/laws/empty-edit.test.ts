/**
 * Laws: an edit that changes nothing gives back the same object and the same bytes; what is not selected stays as it
 * is; and code with NOPs everywhere keeps every invariant.
 */
import { expect, test } from 'vitest';
import { checkCode } from '../../src/code/check.ts';
import { walkCode } from '../../src/code/index.ts';
import { type CodeObject, isCode, type Pyc, readPyc, strValue, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { BytecodeVersion } from '../../src/opcodes/types.ts';
import { CodeEditor } from '../../src/rewrite/code-editor.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { corpusFiles, loadCorpus } from '../support/corpus.ts';
import { sampleEvery } from '../support/full.ts';
import { describePythons } from '../support/pythons.ts';

/** Fields that hold what is nested, or that sharing may flag. */
const COMPARED_OTHERWISE: ReadonlySet<string> = new Set(['ref', 'co_consts']);

/** Fields of a code object that are other objects than before. */
function changedFields(before: CodeObject, after: CodeObject): string[] {
  const fields = Object.keys(before) as (keyof CodeObject)[];
  return fields.filter((field) => !COMPARED_OTHERWISE.has(field) && before[field] !== after[field]);
}

function sameConstants(before: CodeObject, after: CodeObject): boolean {
  const { items } = before.co_consts;
  return (
    items.length === after.co_consts.items.length &&
    items.every((item, k) => {
      const other = after.co_consts.items[k];
      if (isCode(item)) return isCode(other);
      if (other === undefined || isCode(other)) return false;
      // a copy with FLAG_REF has the same content
      return 'items' in item
        ? 'items' in other && item.items === other.items
        : 'source' in other && item.source === other.source && item.start === other.start;
    })
  );
}

/** Every other function, by its name: a selection by functions that is anything but regular. */
function isChosen(qualname: string): boolean {
  let sum = 0;
  for (let k = 0; k < qualname.length; k++) sum += qualname.charCodeAt(k) * (k + 1);
  return sum % 2 === 0;
}

interface Tally {
  files: number;
  codes: number;
  unselected: number;
}

/** Code objects that were not chosen keep everything; those that were are told apart by the report. */
function partlyChosen(pyc: Pyc, tally: Tally): string[] {
  const select = selectOpcodes('attr,call', pyc.version);
  const { pyc: probed, report } = instrument(pyc, { select, functions: isChosen });
  const after = [...walkCode(probed.code)];
  const bad: string[] = [];
  let changed = 0;
  for (const [k, code] of [...walkCode(pyc.code)].entries()) {
    const fields = changedFields(code, after[k]);
    if (fields.length > 0) changed++;
    else if (!sameConstants(code, after[k])) bad.push(`${strValue(code.co_name)}: co_consts`);
    else tally.unselected++;
  }
  // the module has its prologue even where none of its own operations is timed
  const extra = changed - report.instrumentedCodeObjects;
  if (extra < 0 || extra > 1) bad.push(`${changed} changed, ${report.instrumentedCodeObjects} instrumented`);
  return bad;
}

/** A NOP before each instruction but those that must stand right behind another one. */
function withNops(code: CodeObject, version: BytecodeVersion): CodeObject {
  const editor = new CodeEditor(code, version);
  for (const instruction of editor.instructions)
    if (instruction.opname !== 'NOT_TAKEN') editor.insertBefore(instruction, [{ opname: 'NOP' }]);
  return editor.toCode();
}

describePythons('empty edits', (python) => {
  const corpus = loadCorpus(python);

  test('a selection that selects nothing gives back the same bytes', () => {
    const tally: Tally = { files: 0, codes: 0, unselected: 0 };
    for (const { path, bytes } of corpusFiles(corpus, sampleEvery(6))) {
      const pyc = readPyc(bytes);
      const select = selectOpcodes('all', pyc.version);
      const { pyc: same, report } = instrument(pyc, { select, functions: () => false });
      expect(same, path).toBe(pyc);
      expect(Buffer.compare(writePyc(same), bytes), path).toBe(0);
      expect(report).toMatchObject({ sites: 0, instrumentedCodeObjects: 0, skipped: [] });
      tally.files++;
      tally.codes += report.codeObjects;
    }
    expect(tally.codes).toBeGreaterThan(5000);
    console.log(`empty selection, Python ${python.name}: ${tally.files} files, ${tally.codes} code objects`);
  });

  test('functions that are not selected stay as they are', () => {
    const tally: Tally = { files: 0, codes: 0, unselected: 0 };
    const bad: string[] = [];
    for (const { path, bytes } of corpusFiles(corpus, sampleEvery(30))) {
      bad.push(...partlyChosen(readPyc(bytes), tally).map((what) => `${path}: ${what}`));
      tally.files++;
    }
    expect(bad).toEqual([]);
    expect(tally.unselected).toBeGreaterThan(500);
    console.log(
      `partial selection, Python ${python.name}: ${tally.unselected} code objects left as they were`,
    );
  });

  test('an editor without an edit gives the same object, and one with NOPs everywhere sound code', () => {
    let codes = 0;
    const bad: string[] = [];
    for (const { path, bytes } of corpusFiles(corpus, sampleEvery(60))) {
      const pyc = readPyc(bytes);
      for (const code of walkCode(pyc.code)) {
        codes++;
        if (new CodeEditor(code, pyc.version).toCode() !== code) bad.push(`${path}: not the same object`);
        const edited = withNops(code, pyc.version);
        for (const { invariant, detail } of checkCode(edited, pyc.version))
          bad.push(`${path}:${code.co_firstlineno} ${invariant}: ${detail}`);
      }
    }
    expect(bad).toEqual([]);
    expect(codes).toBeGreaterThan(500);
    console.log(`editor, Python ${python.name}: ${codes} code objects`);
  });
});
