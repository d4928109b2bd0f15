/**
 * Law: with every operation selected, each file of each standard library is rewritten without an error, keeps all
 * invariants, and loads in its interpreter as the same code but for the probes.
 * Every second file looks at operands, too, and every third is sampled. CI takes each n-th file; PYREWRITE_FULL=1 takes all.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkCode } from '../../src/code/check.ts';
import { walkCode } from '../../src/code/index.ts';
import { type Pyc, readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { type Corpus, corpusFiles, loadCorpus } from '../support/corpus.ts';
import { FULL, sampleEvery } from '../support/full.ts';
import { describePythons, runPython } from '../support/pythons.ts';

const COMPARE = fileURLToPath(new URL('compare_instrumented.py', import.meta.url));

/** What compare_instrumented.py prints. */
interface Compared {
  readonly files: number;
  readonly codes: number;
  readonly probed: number;
  readonly placeholders: number;
  readonly unprobed: number;
  readonly positions: number;
}

interface Counts {
  files: number;
  codes: number;
  sites: number;
  skipped: number;
}

/** Paths of an original and its instrumented form, and whether that looks at operands. */
type Pair = readonly [original: string, instrumented: string, types: boolean];

/** Rewrites files of a corpus into a folder; returns the pairs and what is wrong. */
function instrumentInto(corpus: Corpus, folder: string, counts: Counts): { pairs: Pair[]; bad: string[] } {
  const pairs: Pair[] = [];
  const bad: string[] = [];
  for (const { path, bytes } of corpusFiles(corpus, sampleEvery(7))) {
    const pyc = readPyc(bytes);
    const types = pairs.length % 2 === 1;
    const { pyc: probed, report } = instrument(pyc, {
      select: selectOpcodes('all', pyc.version),
      types,
      sample: pairs.length % 3 === 2,
    });
    const written = writePyc(probed);
    bad.push(...violationsOf(readPyc(written), counts).map((violation) => `${path}: ${violation}`));
    counts.files++;
    counts.sites += report.sites;
    counts.skipped += report.skipped.length;
    const copy = join(folder, `${pairs.length}.pyc`);
    writeFileSync(copy, written);
    pairs.push([join(corpus.folder, path), copy, types]);
  }
  return { pairs, bad };
}

function violationsOf(pyc: Pyc, counts: Counts): string[] {
  const found: string[] = [];
  for (const code of walkCode(pyc.code)) {
    counts.codes++;
    for (const { invariant, detail } of checkCode(code, pyc.version))
      found.push(`line ${code.co_firstlineno}: ${invariant}: ${detail}`);
  }
  return found;
}

describePythons('instrumenting the standard library', (python) => {
  test('with every operation selected: sound, and the same code but for the probes', () => {
    const corpus = loadCorpus(python);
    const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-law-'));
    try {
      const counts: Counts = { files: 0, codes: 0, sites: 0, skipped: 0 };
      const { pairs, bad } = instrumentInto(corpus, folder, counts);
      expect(bad).toEqual([]);
      const compared: Compared = JSON.parse(
        runPython(python, [COMPARE], { input: JSON.stringify({ pairs }) }),
      );
      console.log(
        `instrument, Python ${python.label}: ${counts.files} of ${corpus.files.length} files, ${counts.codes} code objects, ` +
          `${counts.sites} sites (${counts.skipped} refused), no violation; the interpreter loaded ${compared.files} files: ` +
          `${compared.probed} code objects with ${compared.placeholders} added constants, ${compared.unprobed} unchanged, ` +
          `${compared.positions} positions kept`,
      );
      expect(counts.files).toBeGreaterThan(FULL ? 1500 : 200);
      expect(compared.files).toBe(counts.files);
      expect(compared.codes).toBe(counts.codes);
      expect(compared.placeholders).toBeGreaterThanOrEqual(counts.sites);
      expect(compared.unprobed).toBeGreaterThan(0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
