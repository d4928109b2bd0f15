/** Two copies of an interpreter with its standard library and tests: one as it is, one with probes everywhere. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  linkSync,
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
import { nativeRuntime } from '../../test/native/runtime.ts';
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
/** The names of the trees' folders are as long as each other: a few tests look at the length of a path. */
const FOLDERS: Readonly<Record<Variant, string>> = { plain: 'plain', probed: 'probe' };
const COMPLETE = 'complete';

function treeOf(python: Python, variant: Variant, work: string): Tree {
  const prefix = join(work, python.label, FOLDERS[variant]);
  return {
    variant,
    executable: join(prefix, 'bin', basename(realpathSync(python.path))),
    stdlib: join(prefix, 'lib', basename(python.stdlib)),
  };
}

function prefixOf(tree: Tree): string {
  return dirname(dirname(tree.executable));
}

/** The copy of an interpreter, if it was made. */
export function copiedTree(python: Python, work: string): Tree | undefined {
  const tree = treeOf(python, 'plain', work);
  return existsSync(join(prefixOf(tree), COMPLETE)) ? tree : undefined;
}

/** Copies an interpreter into a prefix of its own, which it then finds by where it lies, without compiled files. */
export function copyInterpreter(python: Python, work: string): Tree {
  const copied = copiedTree(python, work);
  if (copied !== undefined) return copied;
  const tree = treeOf(python, 'plain', work);
  rmSync(prefixOf(tree), { recursive: true, force: true });
  const executable = realpathSync(python.path);
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
  if (existsSync(include)) symlinkSync(include, join(prefixOf(tree), 'include'));
  writeFileSync(join(prefixOf(tree), COMPLETE), '');
  return tree;
}

/** Compiles a tree's whole library. */
export function compileTree(tree: Tree): void {
  // Files that are meant not to compile make the status 1.
  spawnSync(tree.executable, ['-W', 'ignore', '-m', 'compileall', '-qq', '-r', '100', tree.stdlib]);
}

function isCompiled(path: string): boolean {
  return path.endsWith('.pyc') && basename(dirname(path)) === '__pycache__';
}

/** Links what is in a folder into a new one; gives the paths in it of compiled files, which are not linked. */
function* linkFolder(from: string, to: string): Generator<string> {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const path = join(from, entry.name);
    const target = join(to, entry.name);
    if (entry.isDirectory()) {
      for (const compiled of linkFolder(path, target)) yield join(entry.name, compiled);
    } else if (isCompiled(path)) yield entry.name;
    else if (entry.name !== COMPLETE) linkSync(path, target);
  }
}

export interface ProbeOptions {
  /** What `pyrewrite --opcodes` takes. */
  readonly opcodes: string;
  /** `pyrewrite --types`. */
  readonly types: boolean;
  /** `pyrewrite --sample`. */
  readonly sample?: boolean;
  /** Name of the rewriter, by which `probedTree` knows its tree. */
  readonly commit: string;
}

/**
 * Makes a tree of the plain one's files, with probes in every compiled file that it has, and the runtime beside them.
 * @throws Error if there is no C compiler
 */
export function probeTree(
  python: Python,
  work: string,
  { opcodes, types, sample = false, commit }: ProbeOptions,
): { tree: Tree; report: TreeReport } {
  const [from, tree] = [treeOf(python, 'plain', work), treeOf(python, 'probed', work)];
  rmSync(prefixOf(tree), { recursive: true, force: true });
  const report = { files: 0, sites: 0, skipped: 0 };
  for (const path of linkFolder(prefixOf(from), prefixOf(tree))) {
    const pyc = readPyc(readFileSync(join(prefixOf(from), path)));
    const result = instrument(pyc, { select: selectOpcodes(opcodes, pyc.version), types, sample });
    writeFileSync(join(prefixOf(tree), path), writePyc(result.pyc));
    report.files++;
    report.sites += result.report.sites;
    report.skipped += result.report.skipped.length;
  }
  const { recorder } = nativeRuntime(python);
  cpSync(recorder, join(tree.stdlib, basename(recorder)));
  writeFileSync(join(prefixOf(tree), COMPLETE), commit);
  return { tree, report };
}

/** The tree with probes, if the rewriter of this commit made it. */
export function probedTree(python: Python, work: string, commit: string): Tree | undefined {
  const tree = treeOf(python, 'probed', work);
  const complete = join(prefixOf(tree), COMPLETE);
  return existsSync(complete) && readFileSync(complete, 'utf8') === commit ? tree : undefined;
}

/** Names of the test modules of a standard library. */
export function testModules({ stdlib }: Pick<Tree, 'stdlib'>): readonly string[] {
  return readdirSync(join(stdlib, 'test'), { withFileTypes: true })
    .filter(({ name }) => name.startsWith('test_'))
    .filter((entry) =>
      entry.isDirectory()
        ? existsSync(join(stdlib, 'test', entry.name, '__init__.py'))
        : entry.name.endsWith('.py'),
    )
    .map(({ name }) => name.replace(/\.py$/, ''))
    .sort();
}
