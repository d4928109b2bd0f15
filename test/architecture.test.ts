import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const PROJECT = resolve(import.meta.dirname, '..');
const SRC = join(PROJECT, 'src');

/**
 * Folders of src, lowest first, each with the folders that it may import from.
 * The files of src itself are `errors` (imported by all) and `index` (imports all but the command line).
 */
const LAYERS: Readonly<Record<string, readonly string[]>> = {
  bytes: [],
  opcodes: [],
  marshal: ['bytes', 'opcodes'],
  code: ['bytes', 'marshal', 'opcodes'],
  rewrite: ['bytes', 'marshal', 'code', 'opcodes'],
  profile: ['bytes'],
  findings: ['opcodes', 'profile'],
  diff: ['profile'],
  report: ['profile', 'findings', 'diff'],
  html: ['profile', 'findings', 'diff', 'report'],
  check: ['opcodes', 'profile', 'diff', 'report'],
  export: ['bytes', 'opcodes', 'marshal', 'profile', 'findings'],
  top: ['profile', 'report'],
};

/** Folders at the edge: they touch files, processes and interpreters. Only they may, and only each other and `cli` import them. */
const EDGE = ['python', 'runtime', 'service', 'cli'];

/** Modules of Node that touch nothing outside the process. */
const PURE_MODULES = ['node:path', 'node:path/posix', 'node:buffer', 'node:util', 'node:crypto', 'node:zlib'];

const MOST_LINES = 500;

interface SourceFile {
  /** Relative to src, with slashes. */
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  /** Paths relative to src, and names of packages as they are. */
  readonly imports: readonly string[];
}

const files = listFiles(SRC, ['.ts']).map(readSource);

describe('architecture', () => {
  test('imports follow the direction of the layers', () => {
    const wrong: string[] = [];
    let edges = 0;
    for (const file of files) {
      for (const target of file.imports.filter(isInside)) {
        edges++;
        if (!mayImport(file, folderOf(target))) wrong.push(`${file.path} imports ${target}`);
      }
    }
    expect(wrong).toEqual([]);
    proof(edges, 'imports between files of src');
  });

  test('docs/explanation/architecture.md shows the same layers', () => {
    const page = readFileSync(join(PROJECT, 'docs/explanation/architecture.md'), 'utf8');
    const rows = [...page.matchAll(/^\| `src\/([a-z]+)` \|.*\| ([^|]*) \|$/gm)].map(([, folder, imports]) => [
      folder,
      imports === '–' ? [] : imports.split(', '),
    ]);
    const shown = Object.fromEntries(rows.filter(([folder]) => String(folder) in LAYERS));
    expect(shown).toEqual(LAYERS);
  });

  test('folders do not import each other in circles', () => {
    const graph = new Map<string, Set<string>>();
    for (const file of files) {
      const targets = graph.get(file.folder) ?? new Set();
      graph.set(file.folder, targets);
      for (const target of file.imports.filter(isInside)) {
        if (folderOf(target) !== file.folder) targets.add(folderOf(target));
      }
    }
    expect(findCircle(graph)).toBeUndefined();
    proof(graph.size, 'folders');
  });

  test('only the edge touches files and processes', () => {
    const wrong: string[] = [];
    let checked = 0;
    for (const file of files) {
      if (EDGE.includes(file.folder)) continue;
      checked++;
      const impure = file.imports.filter((name) => name.startsWith('node:') && !PURE_MODULES.includes(name));
      wrong.push(...impure.map((name) => `${file.path} imports ${name}`));
    }
    expect(wrong).toEqual([]);
    proof(checked, 'files below the edge');
  });

  test('Python versions are named in src/opcodes only', () => {
    const wrong: string[] = [];
    let words = 0;
    for (const file of files) {
      if (file.folder === 'opcodes') continue;
      for (const word of wordsOfCode(file)) {
        words++;
        if (namesVersion(word)) wrong.push(`${file.path}: ${word}`);
      }
    }
    expect(wrong).toEqual([]);
    proof(words, 'literals and names');
  });

  test('the search for versions finds them', () => {
    const found = (text: string): boolean => [...wordsOfCode({ path: 'x.ts', text })].some(namesVersion);
    expect(
      ['a >= 3.12', "'3.8'", '`cpython-312`', 'PY311', "'python3.9'", 'v.minor'].filter(
        (text) => !found(text),
      ),
    ).toEqual([]);
    expect(
      ['// 3.12 merges them', 'a = 3.5', "'0.3.8'", "'13.10'", '/* 3.8 */ minorVersion'].filter(found),
    ).toEqual([]);
  });

  test(`hand-written files have at most ${MOST_LINES} lines`, () => {
    const all = ['src', 'native', 'test', 'bench', 'tools', 'examples'].flatMap((folder) =>
      listFiles(join(PROJECT, folder), ['.ts', '.js', '.mjs', '.c', '.h', '.py', '.sh']),
    );
    const long = all
      .filter((path) => !isGenerated(path) && lineCount(path) > MOST_LINES)
      .map((path) => relative(PROJECT, path));
    expect(long).toEqual([]);
    proof(all.length, 'files');
  });
});

function readSource(path: string): SourceFile {
  const text = readFileSync(path, 'utf8');
  const name = relative(SRC, path).split(sep).join('/');
  const imports = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) =>
    fileName.startsWith('.')
      ? relative(SRC, resolve(dirname(path), fileName))
          .split(sep)
          .join('/')
      : fileName,
  );
  return { path: name, folder: folderOf(name), text, imports };
}

function listFiles(folder: string, endings: readonly string[]): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[\\/](generated|dumps|fixtures|node_modules|__pycache__)[\\/]/.test(path))
    .sort();
}

function folderOf(path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/\.ts$/, '');
}

function isInside(target: string): boolean {
  return files.some((file) => file.path === target);
}

function mayImport(file: SourceFile, target: string): boolean {
  if (target === 'errors' || target === file.folder) return true;
  if (file.folder === 'errors') return false;
  if (file.folder === 'index') return target !== 'cli';
  if (EDGE.includes(file.folder)) return target !== 'cli' && target !== 'index';
  return LAYERS[file.folder]?.includes(target) ?? false;
}

function findCircle(graph: ReadonlyMap<string, ReadonlySet<string>>): string[] | undefined {
  const done = new Set<string>();
  const visit = (folder: string, path: readonly string[]): string[] | undefined => {
    if (path.includes(folder)) return [...path.slice(path.indexOf(folder)), folder];
    if (done.has(folder)) return undefined;
    for (const next of graph.get(folder) ?? []) {
      const circle = visit(next, [...path, folder]);
      if (circle !== undefined) return circle;
    }
    done.add(folder);
    return undefined;
  };
  for (const folder of graph.keys()) {
    const circle = visit(folder, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

/** Literals and identifiers, without the comments. */
function* wordsOfCode(file: Pick<SourceFile, 'path' | 'text'>): Generator<string> {
  const source = ts.createSourceFile(file.path, file.text, ts.ScriptTarget.Latest, false);
  const words: string[] = [];
  const visit = (node: ts.Node): void => {
    if (
      ts.isLiteralExpression(node) ||
      ts.isTemplateHead(node) ||
      ts.isTemplateMiddle(node) ||
      ts.isTemplateTail(node)
    ) {
      words.push(ts.isNumericLiteral(node) ? node.getText(source) : node.text);
    } else if (ts.isIdentifier(node)) words.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  yield* words;
}

function namesVersion(word: string): boolean {
  return (
    /(?<![\d.])3\.(8|9|1[0-9])\b/.test(word) ||
    /cpython-3\d/.test(word) ||
    /^(PY|py)3\d+$/.test(word) ||
    word === 'minor'
  );
}

/** As written by our tools; other generated files lie in folders of their own. */
function isGenerated(path: string): boolean {
  return readFileSync(path, 'utf8').startsWith('/* @generated');
}

function lineCount(path: string): number {
  return readFileSync(path, 'utf8').split('\n').length - 1;
}

/** A check that looked at nothing is a failure. */
function proof(count: number, what: string): void {
  console.log(`architecture: ${count} ${what}`);
  expect(count).toBeGreaterThan(0);
}
