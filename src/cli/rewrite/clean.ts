import { existsSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import { isInstrumented } from '../../service/is-instrumented.ts';
import { TEMPORARY_SUFFIX } from './atomic.ts';
import { manifestFolderOf } from './in-place.ts';
import { CacheFolder } from './pyc-file.ts';

/** A file that carried probes. */
export interface CleanedFile {
  readonly path: string;
  readonly how: 'the earlier file is back' | 'removed' | 'compiled anew by Python already';
}

export interface CleanOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly dryRun: boolean;
}

/** Cache folder of a source folder: beside it, or below PYTHONPYCACHEPREFIX. */
function cacheFolders(folder: string, env: NodeJS.ProcessEnv): string[] {
  const { PYTHONPYCACHEPREFIX } = env;
  const beside = join(folder, '__pycache__');
  return PYTHONPYCACHEPREFIX ? [beside, join(PYTHONPYCACHEPREFIX, folder)] : [beside];
}

function* foldersBelow(folder: string): Generator<string> {
  yield folder;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const skip = entry.name === '__pycache__' || entry.name === 'node_modules' || entry.name === '.git';
    if (entry.isDirectory() && !skip) yield* foldersBelow(join(folder, entry.name));
  }
}

/** Instrumented files that no list knows: a run was cut off before it wrote the list. */
function unlisted(folder: string, listed: readonly string[]): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter(
    (name) =>
      name.endsWith('.pyc') && !listed.includes(name) && isInstrumented(readFileSync(join(folder, name))),
  );
}

function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (name.endsWith(TEMPORARY_SUFFIX)) rmSync(join(folder, name), { force: true });
  }
  if (readdirSync(folder).length === 0) rmdirSync(folder);
}

function howRestored(folder: CacheFolder, name: string): CleanedFile['how'] {
  const file = join(folder.path, name);
  if (!existsSync(file) || !isInstrumented(readFileSync(file))) return 'compiled anew by Python already';
  return folder.previous(name) === undefined ? 'removed' : 'the earlier file is back';
}

function cleanFolder(path: string, wanted: (name: string) => boolean, dryRun: boolean): CleanedFile[] {
  if (!existsSync(path)) return [];
  const folder = new CacheFolder(path);
  const names = [...folder.names, ...unlisted(path, folder.names)].filter(wanted);
  const cleaned = names.map((name): CleanedFile => {
    const how = howRestored(folder, name);
    if (!dryRun) folder.restore(name);
    return { path: join(path, name), how };
  });
  if (!dryRun) {
    folder.save();
    removeLeftovers(path);
  }
  return cleaned;
}

function cleanSource(source: string, options: CleanOptions): CleanedFile[] {
  const stem = basename(source, '.py');
  const isOwn = (name: string): boolean => name.startsWith(`${stem}.`) && name.endsWith('.pyc');
  return cacheFolders(dirname(source), options.env).flatMap((folder) =>
    cleanFolder(folder, isOwn, options.dryRun),
  );
}

function cleanPyc(pyc: string, { dryRun }: CleanOptions): CleanedFile[] {
  const folder = manifestFolderOf(pyc);
  const own = relative(folder, pyc);
  return cleanFolder(folder, (name) => name === own, dryRun);
}

function cleanPath(given: string, options: CleanOptions): CleanedFile[] {
  const path = resolve(options.cwd, given);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) {
    if (basename(path) === '__pycache__') return cleanFolder(path, () => true, options.dryRun);
    const folders = [...foldersBelow(path)].flatMap((folder) => cacheFolders(folder, options.env));
    return folders.flatMap((folder) => cleanFolder(folder, () => true, options.dryRun));
  }
  // The source may be gone already, its cache file is not.
  if (path.endsWith('.py')) return cleanSource(path, options);
  if (stat !== undefined && path.endsWith('.pyc')) return cleanPyc(path, options);
  throw new PyrewriteError('not-found', `${given} is no .py or .pyc file and no folder`, {
    remedy: 'give what was given to pyrewrite rewrite',
  });
}

/**
 * Takes the probes out of everything below the paths.
 * @throws PyrewriteError `not-found` for a path that is neither a folder nor a Python file
 */
export function cleanPaths(paths: readonly string[], options: CleanOptions): CleanedFile[] {
  return paths.flatMap((path) => cleanPath(path, options));
}
