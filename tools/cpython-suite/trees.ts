/** Two copies of an interpreter with its standard library and tests: one as it is, one with probes everywhere. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { buildRuntime } from '../../src/runtime/build.ts';
import type { Python } from '../../test/support/pythons.ts';

export type Variant = 'plain' | 'probed';

/** A copied interpreter. */
export interface Tree {
  readonly variant: Variant;
  readonly executable: string;
  /** Its standard library. */
  readonly stdlib: string;
}

/** What instrumenting a tree did. */
export interface TreeReport {
  readonly files: number;
  readonly sites: number;
  readonly skipped: number;
}

const SKIPPED_FOLDERS: ReadonlySet<string> = new Set(['__pycache__', 'site-packages', 'dist-packages']);

/** Where a tree is, whether it is there or not. */
export function treeOf(python: Python, variant: Variant, work: string): Tree {
  const prefix = join(work, python.label, variant);
  return {
    variant,
    executable: join(prefix, 'bin', basename(realpathSync(python.path))),
    stdlib: join(prefix, 'lib', basename(python.stdlib)),
  };
}

/** Copies the interpreter into a prefix of its own, which it then finds by where it lies, and compiles its library. */
export function makeTree(python: Python, variant: Variant, work: string): Tree {
  const tree = treeOf(python, variant, work);
  if (existsSync(join(tree.stdlib, 'compiled'))) return tree;
  const executable = realpathSync(python.path);
  const prefix = dirname(dirname(tree.executable));
  rmSync(prefix, { recursive: true, force: true });
  mkdirSync(dirname(tree.executable), { recursive: true });
  cpSync(executable, tree.executable, { preserveTimestamps: true });
  cpSync(python.stdlib, tree.stdlib, {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
    filter: (source) => !SKIPPED_FOLDERS.has(basename(source)) && !source.endsWith('.a'),
  });
  mkdirSync(join(tree.stdlib, 'site-packages'), { recursive: true });
  const include = join(dirname(dirname(executable)), 'include');
  if (existsSync(include)) symlinkSync(include, join(prefix, 'include'));
  compile(tree);
  writeFileSync(join(tree.stdlib, 'compiled'), '');
  return tree;
}

function compile(tree: Tree): void {
  // Files that are meant not to compile make the status 1.
  spawnSync(tree.executable, ['-W', 'ignore', '-m', 'compileall', '-qq', '-r', '100', tree.stdlib]);
}

function* pycFiles(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* pycFiles(path);
    else if (entry.name.endsWith('.pyc') && basename(folder) === '__pycache__') yield path;
  }
}

/** Puts probes into every compiled file of a tree (from its originals, however often) and the runtime beside them. */
export function probeTree(tree: Tree, opcodes: string): TreeReport {
  const report = { files: 0, sites: 0, skipped: 0 };
  for (const path of pycFiles(tree.stdlib)) {
    const original = `${path}.plain`;
    if (!existsSync(original)) cpSync(path, original, { preserveTimestamps: true });
    const pyc = readPyc(readFileSync(original));
    const result = instrument(pyc, { select: selectOpcodes(opcodes, pyc.version) });
    writeFileSync(path, writePyc(result.pyc));
    report.files++;
    report.sites += result.report.sites;
    report.skipped += result.report.skipped.length;
  }
  const { recorder, kind } = buildRuntime();
  if (kind !== 'native') throw new Error('the suite needs the native runtime');
  cpSync(recorder, join(tree.stdlib, basename(recorder)));
  return report;
}
