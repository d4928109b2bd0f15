/**
 * Identity: reading and writing any .pyc gives back the same bytes. And what is written from edited graphs is
 * what the interpreter reads.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type PycHeader, readPyc, writePyc } from '../../src/marshal/index.ts';
import { type Corpus, corpusFiles, loadCorpus } from '../support/corpus.ts';
import { countCode, editEverything, rebuild, unflag } from '../support/graph-edits.ts';
import { describePythons, runPython } from '../support/pythons.ts';

const COMPARE = fileURLToPath(new URL('../support/compare_pyc.py', import.meta.url));

/** Each n-th file is edited and loaded. */
const EDIT_EVERY = 9;

/** Ways to write a graph anew, and whether one more constant is to be found in each code object. */
const EDITS = [
  { name: 'rebuilt', edit: rebuild, constants: 0 },
  { name: 'rebuilt without flags', edit: unflag, constants: 0 },
  { name: 'given a new constant', edit: editEverything, constants: 1 },
] as const;

describePythons('identity of .pyc files', (python) => {
  test('reading and writing gives the same bytes', () => {
    const corpus = loadCorpus(python);
    const different: string[] = [];
    const kinds = new Map<PycHeader['invalidation'], number>();
    let bytesRead = 0;
    let codeObjects = 0;
    for (const { path, bytes } of corpusFiles(corpus)) {
      const pyc = readPyc(bytes);
      if (Buffer.compare(writePyc(pyc), bytes) !== 0) different.push(path);
      expect(pyc.version.name).toBe(python.name);
      expect(pyc.trailer.length).toBe(0);
      kinds.set(pyc.header.invalidation, (kinds.get(pyc.header.invalidation) ?? 0) + 1);
      bytesRead += bytes.length;
      codeObjects += countCode(pyc.code);
    }
    expect(different).toEqual([]);
    expect(corpus.files.length).toBeGreaterThan(1000);
    expect(codeObjects).toBeGreaterThan(50_000);
    expect([...kinds.keys()].sort()).toEqual(['checked-hash', 'timestamp', 'unchecked-hash']);
    const headers = [...kinds].map(([kind, count]) => `${count} ${kind}`).join(', ');
    console.log(
      `identity, Python ${python.name}: ${corpus.files.length} files (${headers}), ${bytesRead} bytes, ${codeObjects} code objects`,
    );
  });

  test.each(EDITS)('the interpreter loads graphs $name', ({ name, edit, constants }) => {
    const corpus = loadCorpus(python);
    const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-edits-'));
    try {
      const pairs = writeEdited(corpus, folder, edit);
      const input = JSON.stringify({ pairs, constants });
      const { files, codes } = JSON.parse(runPython(python, [COMPARE], { input }));
      expect(files).toBe(pairs.length);
      expect(codes).toBeGreaterThan(1000);
      console.log(`edited graphs, Python ${python.name}: ${files} files, ${codes} code objects ${name}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

/** Writes edited copies of some files; pairs of the original's and the copy's path. */
function writeEdited(corpus: Corpus, folder: string, edit: typeof rebuild): [string, string][] {
  const pairs: [string, string][] = [];
  for (const { path, bytes } of corpusFiles(corpus, EDIT_EVERY)) {
    const pyc = readPyc(bytes);
    const copy = join(folder, `${pairs.length}.pyc`);
    const written = writePyc({ ...pyc, code: edit(pyc.code) });
    // Only flags and sharing decide on the bytes, not which objects they are.
    if (edit === rebuild) expect(Buffer.compare(written, bytes)).toBe(0);
    writeFileSync(copy, written);
    pairs.push([join(corpus.folder, path), copy]);
  }
  return pairs;
}
