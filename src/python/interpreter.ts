import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PyrewriteError } from '../errors.ts';
import { runtimePyFile } from './runtime-py.ts';
import { readCached, userCacheFolder, writeCached } from './user-cache.ts';

/** What an interpreter says about itself (src/runtime-py/interpreter_facts.py). */
export interface InterpreterFacts {
  readonly executable: string;
  /** `sys.implementation.name`, e.g. `cpython`. */
  readonly implementation: string;
  /** With the micro version, e.g. `3.12.1`. */
  readonly version: string;
  /** Without it: the name of its BytecodeVersion. */
  readonly release: string;
  readonly prefix: string;
  readonly basePrefix: string;
  /** `sys.path` without the script's folder and without PYTHONPATH. */
  readonly path: readonly string[];
  /** Modules that are there before any startup hook runs. */
  readonly modulesAtStart: readonly string[];
  readonly debugBuild: boolean;
  readonly magic: number;
  readonly cacheTag: string;
  readonly stdlib: readonly string[];
  readonly sitePackages: readonly string[];
  /** Folder of Python.h. */
  readonly include: string;
  readonly freeThreaded: boolean;
  /** What the names of its extension modules end with. */
  readonly extensionSuffix: string;
  /** Modules that come from the binary unless `-X frozen_modules=off`. */
  readonly frozenModules: readonly string[];
}

/** A usable interpreter. */
export interface Interpreter extends InterpreterFacts {
  /** What to start: the path as found, so that a virtual environment stays one. */
  readonly command: string;
}

const QUERY_TIMEOUT_MS = 30_000;

/** A launcher (pyenv's shims) is a script: what it starts depends on the folder and the environment. */
function isLauncher(file: string): boolean {
  const head = Buffer.alloc(2);
  const fd = openSync(file, 'r');
  try {
    readSync(fd, head, 0, 2, 0);
  } finally {
    closeSync(fd);
  }
  return head.toString('latin1') === '#!';
}

function stamp(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${file} ${mtimeMs} ${size} ${ino}`;
  } catch {
    return `${file} -`;
  }
}

/** Changes whenever the interpreter, its virtual environment or the question does. */
function cacheKey(command: string): string {
  const files = [
    command,
    realpathSync(command),
    join(command, '../../pyvenv.cfg'),
    runtimePyFile('interpreter_facts.py'),
  ];
  return createHash('sha256').update(files.map(stamp).join('\n')).digest('hex').slice(0, 32);
}

async function queryFacts(command: string, env: NodeJS.ProcessEnv): Promise<InterpreterFacts> {
  const facts = runtimePyFile('interpreter_facts.py');
  // Loaded where it is needed: the answer is nearly always in the cache.
  const { execa } = await import('execa');
  try {
    const options = { env, extendEnv: false, timeout: QUERY_TIMEOUT_MS } as const;
    const { stdout } = await execa(command, ['-E', '-B', facts], options);
    return JSON.parse(stdout) as InterpreterFacts;
  } catch (error) {
    throw new PyrewriteError('python-failed', `${command} does not start as a Python interpreter`, {
      remedy: 'give another one with --python',
      cause: error,
    });
  }
}

/** @throws PyrewriteError `not-found` for a Python that pyrewrite cannot rewrite, with what it can */
async function checkSupported(command: string, facts: InterpreterFacts): Promise<void> {
  if (facts.implementation !== 'cpython') {
    throw new PyrewriteError('not-found', `${command} is ${facts.implementation}, not CPython`, {
      remedy: 'give a CPython with --python',
    });
  }
  const { versionByName, versionForMagic } = await import('../opcodes/versions.ts');
  versionByName(facts.release);
  versionForMagic(facts.magic);
}

/**
 * Asks an interpreter about itself: one process, its answer kept in the user's cache until
 * the interpreter changes.
 * @param command path of an executable
 * @throws PyrewriteError when it does not start or is no supported CPython
 */
export async function readInterpreter(command: string, env: NodeJS.ProcessEnv): Promise<Interpreter> {
  const launcher = isLauncher(command);
  const cache = launcher
    ? undefined
    : join(userCacheFolder(env), 'interpreters', `${cacheKey(command)}.json`);
  const cached = cache && readCached(cache);
  if (cached) return { ...(JSON.parse(cached.toString()) as InterpreterFacts), command };
  const facts = await queryFacts(command, env);
  await checkSupported(command, facts);
  if (cache) writeCached(cache, JSON.stringify(facts));
  // Started through its launcher an interpreter would start slower, and children would not look the same.
  return { ...facts, command: launcher ? facts.executable : command };
}
