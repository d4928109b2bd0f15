import { existsSync, realpathSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { matchNames, matchPaths } from './globs.ts';

/** What is known of the interpreter's folders. */
export interface PythonFolders {
  readonly stdlib: readonly string[];
  readonly sitePackages: readonly string[];
  /** `sys.path`, the program's own folder not among it. */
  readonly path: readonly string[];
}

export interface ScopeOptions {
  /** Folders of the program's own project. */
  readonly roots: readonly string[];
  readonly python: PythonFolders;
  /** Modules (`json`, `asyncio.*`) or globs of paths (anything with a slash, or ending in .py). */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  /** Names under which the main program is asked for, whatever folder it lies in. */
  readonly main: readonly string[];
  /** The module of `-m`: it is the main program, wherever it lies. */
  readonly mainModule?: string;
  /** What relative globs are relative to. */
  readonly cwd: string;
}

/** Decides which files of a run are instrumented. */
export interface Scope {
  accepts(filename: string): boolean;
  /** `+folder` and `-folder` lines for the startup hook, which asks only for files that may be accepted. */
  readonly rules: readonly string[];
}

interface Rule {
  readonly prefix: string;
  readonly wanted: boolean;
}

const FOREIGN_FOLDER = /\/(?:site-packages|dist-packages|node_modules)\//;

/** A pattern that names files; any other one names modules. */
export function isPathPattern(pattern: string): boolean {
  return pattern.includes('/') || pattern.endsWith('.py') || pattern.endsWith('.pyc');
}

function isUnder(filename: string, folder: string): boolean {
  return filename === folder || filename.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** The folder as given and as the file system has it: both turn up in `co_filename`. */
function spellings(folder: string): string[] {
  try {
    return [...new Set([folder, realpathSync(folder)])];
  } catch {
    return [folder];
  }
}

/** Dotted name of the module in a file, seen from the longest folder on the module path that holds it. */
function moduleNameOf(filename: string, modulePath: readonly string[]): string | undefined {
  let best = '';
  for (const folder of modulePath)
    if (folder.length > best.length && isUnder(filename, folder)) best = folder;
  if (best === '') return undefined;
  const path = filename.slice(best.length).replace(/^\//, '');
  return path
    .replace(/\.pyc?$/, '')
    .replace(/(^|\/)__init__$/, '')
    .replaceAll('/', '.');
}

/** A module's name stands for the modules inside it too. */
function matchModules(patterns: readonly string[]): (name: string) => boolean {
  return matchNames(patterns.flatMap((pattern) => [pattern, `${pattern}.*`]));
}

/** Where the modules of a pattern can lie: as narrow as can be told without knowing the modules. */
function foldersOfModule(pattern: string, modulePath: readonly string[]): string[] {
  const parts = pattern.split('.');
  const wild = parts.findIndex((part) => /[*?]/.test(part));
  const fixed = wild < 0 ? parts : parts.slice(0, wild);
  if (fixed.length === 0) return [...modulePath];
  const candidates = modulePath.flatMap((folder) => {
    const path = join(folder, ...fixed);
    return [path, `${path}.py`, `${path}.pyc`];
  });
  return candidates.filter((path) => existsSync(path));
}

function foldersOf(pattern: string, modulePath: readonly string[], cwd: string): string[] {
  if (!isPathPattern(pattern)) return foldersOfModule(pattern, modulePath);
  return [resolve(cwd, picomatch.scan(pattern).base)];
}

/** Longest prefix first; where the same folder is wanted and unwanted, it is wanted. */
function orderRules(wanted: readonly string[], unwanted: readonly string[]): Rule[] {
  const yes = new Set(wanted);
  return [
    ...[...yes].map((prefix) => ({ prefix, wanted: true })),
    ...[...new Set(unwanted)]
      .filter((prefix) => !yes.has(prefix))
      .map((prefix) => ({ prefix, wanted: false })),
  ].sort((a, b) => b.prefix.length - a.prefix.length);
}

function pathMatcher(patterns: readonly string[], cwd: string): (filename: string) => boolean {
  return matchPaths(patterns.filter(isPathPattern), cwd);
}

/**
 * The files that `pyrewrite run` instruments: the main program, the project's own tree without
 * installed packages and the standard library, and what `--include` asks for; never what `--exclude` names.
 */
export function createScope(options: ScopeOptions): Scope {
  const { include, exclude, python, cwd, mainModule } = options;
  const roots = options.roots.flatMap(spellings);
  const modulePath = [...new Set([...roots, ...python.path.flatMap(spellings)])];
  const mainNames = mainModule === undefined ? [] : [mainModule, `${mainModule}.__main__`];
  const asked = [...include, ...mainNames].flatMap((pattern) => foldersOf(pattern, modulePath, cwd));
  const foreign = [...python.stdlib, ...python.sitePackages].flatMap(spellings);
  // Children may run the main program again, wherever it lies.
  const rules = orderRules([...roots, ...asked, ...options.main.filter(isAbsolute)], foreign);
  const own = orderRules(roots, foreign);

  const isExcludedPath = pathMatcher(exclude, cwd);
  const isIncludedPath = pathMatcher(include, cwd);
  const isExcludedModule = matchModules(exclude.filter((pattern) => !isPathPattern(pattern)));
  const isIncludedModule = matchModules(include.filter((pattern) => !isPathPattern(pattern)));
  const main = new Set(options.main);

  const accepts = (filename: string): boolean => {
    const name = moduleNameOf(filename, modulePath);
    if (isExcludedPath(filename) || (name !== undefined && isExcludedModule(name))) return false;
    if (main.has(filename) || isIncludedPath(filename)) return true;
    if (name !== undefined && (isIncludedModule(name) || mainNames.includes(name))) return true;
    const rule = own.find(({ prefix }) => isUnder(filename, prefix));
    return rule?.wanted === true && !FOREIGN_FOLDER.test(filename.slice(rule.prefix.length));
  };
  return { accepts, rules: rules.map(({ prefix, wanted }) => `${wanted ? '+' : '-'}${prefix}`) };
}
