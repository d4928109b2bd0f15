/**
 * The standard library of each interpreter as .pyc files: the real data of the law tests and the benches.
 * Compiled once by one process per interpreter into a cache below node_modules, and used from there ever after.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Python, runPython } from './pythons.ts';

/** The compiled standard library of one interpreter. */
export interface Corpus {
  readonly python: Python;
  /** Folder with the files: `json/decoder.pyc` is the module json.decoder. */
  readonly folder: string;
  /** Paths in the folder, with slashes, in a fixed order. */
  readonly files: readonly string[];
  /** Sources that do not compile, with the exception: test data that is meant to be wrong. */
  readonly skipped: readonly (readonly [path: string, exception: string])[];
}

/** One file of a corpus. */
export interface CorpusFile {
  /** Path in the corpus's folder. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

const SCRIPT = fileURLToPath(new URL('compile_corpus.py', import.meta.url));
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/pyrewrite/corpus', import.meta.url));
const INDEX = 'corpus.json';

/** The corpus of an interpreter; compiles it (about 20 seconds) if the cache lacks it. */
export function loadCorpus(python: Python): Corpus {
  const folder = join(CACHE, `${python.label}-${stamp(python)}`);
  if (!existsSync(join(folder, INDEX))) compileInto(folder, python);
  const index: Pick<Corpus, 'files' | 'skipped'> = JSON.parse(readFileSync(join(folder, INDEX), 'utf8'));
  return { python, folder, ...index };
}

/**
 * The files of a corpus, one after the other.
 * @param every take each n-th file only
 */
export function* corpusFiles(corpus: Corpus, every = 1): Generator<CorpusFile> {
  for (let index = 0; index < corpus.files.length; index += every) {
    const path = corpus.files[index];
    yield { path, bytes: readFileSync(join(corpus.folder, path)) };
  }
}

/** Changes with the interpreter and with the script. */
function stamp(python: Python): string {
  const { size, mtimeMs } = statSync(python.path);
  const hash = createHash('sha256').update(readFileSync(SCRIPT));
  return hash.update(`${python.path} ${size} ${mtimeMs}`).digest('hex').slice(0, 12);
}

function compileInto(folder: string, python: Python): void {
  mkdirSync(CACHE, { recursive: true });
  // Renamed when complete: other test processes may be compiling the same.
  const temporary = mkdtempSync(join(CACHE, 'new-'));
  writeFileSync(join(temporary, INDEX), runPython(python, [SCRIPT, temporary]));
  try {
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true });
    if (!existsSync(join(folder, INDEX))) throw error;
  }
}
