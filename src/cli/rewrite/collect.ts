import { type Dirent, existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import { matchPaths } from '../../service/globs.ts';

/** A file of the trees that were given. */
export interface TreeFile {
  /** source: to be compiled; pyc: without a source beside it; data: everything else. */
  readonly kind: 'source' | 'pyc' | 'data' | 'link';
  /** Absolute. */
  readonly path: string;
  /** Where it goes below --out. */
  readonly relative: string;
  /** False: it stays as the interpreter makes it (--include, --exclude). */
  readonly instrument: boolean;
  /** The user named this very file. */
  readonly named: boolean;
}

export interface CollectOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly cwd: string;
  /** Folders to leave out, such as --out inside the tree. */
  readonly avoid: readonly string[];
}

/** What was found, and the folders that nobody wants to be rewritten by accident. */
export interface Collected {
  readonly files: readonly TreeFile[];
  readonly skippedFolders: readonly { readonly path: string; readonly reason: string }[];
}

function whySkipFolder(path: string, options: CollectOptions): string | undefined {
  const name = basename(path);
  if (options.avoid.includes(path)) return 'the output';
  if (name.startsWith('.')) return 'hidden';
  if (name === 'node_modules') return 'no Python';
  if (existsSync(join(path, 'pyvenv.cfg'))) return 'virtual environment';
  return undefined;
}

function kindOf(folder: string, name: string): 'source' | 'pyc' | 'data' {
  if (name.endsWith('.py')) return 'source';
  return name.endsWith('.pyc') && !existsSync(join(folder, name.slice(0, -1))) ? 'pyc' : 'data';
}

/** A package keeps its name below --out; any other folder stands for what is in it. */
function placeOf(root: string): string {
  return existsSync(join(root, '__init__.py')) ? dirname(root) : root;
}

class Collector {
  readonly files: TreeFile[] = [];
  readonly skippedFolders: { path: string; reason: string }[] = [];
  readonly #options: CollectOptions;

  constructor(options: CollectOptions) {
    this.#options = options;
  }

  addPath(given: string): void {
    const path = resolve(this.#options.cwd, given);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) {
      throw new PyrewriteError('not-found', `${given} does not exist`, {
        remedy: 'give .py files, .pyc files or folders',
      });
    }
    if (stat.isDirectory()) this.#addFolder(path, path);
    else this.#addNamed(path, given);
  }

  #addNamed(path: string, given: string): void {
    const kind = path.endsWith('.pyc') ? 'pyc' : kindOf(dirname(path), basename(path));
    if (kind === 'data') {
      throw new PyrewriteError('not-found', `${given} is neither a .py nor a .pyc file`, {
        remedy: 'a script with another name can be started with pyrewrite run',
      });
    }
    this.files.push({ kind, path, relative: basename(path), instrument: true, named: true });
  }

  #addFolder(root: string, folder: string): void {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) if (!entry.isDirectory()) this.#addEntry(root, folder, entry);
    for (const entry of entries) if (entry.isDirectory()) this.#enter(root, join(folder, entry.name));
  }

  #enter(root: string, folder: string): void {
    if (basename(folder) === '__pycache__') return;
    const reason = whySkipFolder(folder, this.#options);
    if (reason === undefined) this.#addFolder(root, folder);
    else this.skippedFolders.push({ path: folder, reason });
  }

  #addEntry(root: string, folder: string, entry: Dirent): void {
    const path = join(folder, entry.name);
    const target = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : undefined;
    const isFile = entry.isFile() || target?.isFile() === true;
    if (!isFile && !entry.isSymbolicLink()) return;
    const kind = isFile ? kindOf(folder, entry.name) : 'link';
    const place = relative(placeOf(root), path);
    this.files.push({ kind, path, relative: place, instrument: this.#isChosen(root, path), named: false });
  }

  #isChosen(root: string, path: string): boolean {
    const { include, exclude, cwd } = this.#options;
    const matches = (globs: readonly string[]): boolean =>
      matchPaths(globs, cwd)(path) || matchPaths(globs, root)(path);
    return (include.length === 0 || matches(include)) && !matches(exclude);
  }
}

/**
 * All files below the given paths, folder by folder.
 * @throws PyrewriteError `not-found` for a path that is not there or is no Python file
 */
export function collectFiles(paths: readonly string[], options: CollectOptions): Collected {
  const collector = new Collector(options);
  for (const path of paths) collector.addPath(path);
  const { files, skippedFolders } = collector;
  return { files: [...new Map(files.map((file) => [file.path, file])).values()], skippedFolders };
}
