import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { userCacheFolder, writeCached } from '../python/user-cache.ts';
import { type CCompiler, COMPILE_FLAGS, findCompilers } from './compiler.ts';
import {
  FALLBACK_COMPANION,
  FALLBACK_FILE,
  hashSources,
  nativeSources,
  packageVersion,
  type RuntimeVariant,
  shortHash,
  WITH_GIL,
} from './sources.ts';

/** A runtime that instrumented programs can import. */
export interface Runtime {
  /** `native`: the C module; `python`: the recorder in Python, whose times are coarse. */
  readonly kind: 'native' | 'python';
  /** The file: `_pyrewrite.abi3.so`, `_pyrewrite.cpython-313t-….so` or `_pyrewrite_fallback.py` (installed as `_pyrewrite.py`, `_pyrewrite_profile.py` beside it). */
  readonly recorder: string;
  /** A folder for PYTHONPATH in which `import _pyrewrite` finds it. */
  readonly folder: string;
  /** Whether it was compiled by this call and not found in the cache. */
  readonly built: boolean;
  /** The compiler's path; null for the recorder in Python. */
  readonly compiler: string | null;
  /** Why there is no native runtime; null when there is. */
  readonly reason: string | null;
}

/** How to build. */
export interface BuildOptions {
  /** The compiler to use instead of `$CC`, cc, gcc or clang; may have arguments. */
  readonly cc?: string;
  /** Where to keep it; see {@link userCacheFolder}. */
  readonly cacheDir?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** For which interpreters; those with the GIL where it is not given. */
  readonly variant?: RuntimeVariant;
  /** Called with a sentence before something takes time, and when there is no compiler. */
  readonly log?: (message: string) => void;
}

/**
 * Finds the runtime in the cache, or compiles it there. Without a working C compiler it is the recorder in Python.
 * Safe to call from many processes at once: a file appears complete or not at all.
 */
export function buildRuntime(options: BuildOptions = {}): Runtime {
  const env = options.env ?? process.env;
  const cache = options.cacheDir ?? userCacheFolder(env);
  const compilers = findCompilers(env, options.cc);
  const failures: string[] = [];
  for (const compiler of compilers) {
    const result = nativeRuntime(compiler, options.variant ?? WITH_GIL, cache, options.log);
    if (typeof result !== 'string') return result;
    failures.push(result);
  }
  const reason = failures.join('; ') || `no C compiler found (${options.cc ?? '$CC, cc, gcc, clang'})`;
  options.log?.(`${reason}; recording in Python: counts are exact, times are coarse and cost microseconds`);
  return pythonRuntime(cache, reason);
}

/** The compiled module, or why it could not be compiled. */
function nativeRuntime(
  compiler: CCompiler,
  variant: RuntimeVariant,
  cache: string,
  log: BuildOptions['log'],
): Runtime | string {
  const [path] = compiler.command;
  const found = { kind: 'native', compiler: path, reason: null } as const;
  const folder = join(cache, `runtime-${buildKey(compiler, variant)}`);
  const recorder = join(folder, variant.file);
  if (existsSync(recorder)) return { ...found, recorder, folder, built: false };
  log?.(`compiling the runtime with ${path}, once`);
  const place = writableFolder(folder);
  const target = join(place, variant.file);
  const failure = compile(compiler, variant, target);
  return failure ?? { ...found, recorder: target, folder: place, built: true };
}

function buildKey(compiler: CCompiler, variant: RuntimeVariant): string {
  const hash = createHash('sha256');
  hashSources(hash);
  return shortHash(
    hash.digest(),
    compiler.identity,
    COMPILE_FLAGS.join(' '),
    packageVersion(),
    process.platform,
    process.arch,
    variant.file,
  );
}

/** The folder, or a temporary one where it cannot be made or written. */
function writableFolder(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return folder;
  } catch {
    return mkdtempSync(join(tmpdir(), 'pyrewrite-runtime-'));
  }
}

/** Compiles to a file beside the target and renames it. Gives the compiler's complaint, or undefined. */
function compile(compiler: CCompiler, variant: RuntimeVariant, target: string): string | undefined {
  const [program, ...first] = compiler.command;
  const temporary = `${target}.${process.pid}.tmp`;
  const version = `-DPYREWRITE_VERSION="${packageVersion()}"`;
  const flags = [...COMPILE_FLAGS, ...variant.flags, version];
  const args = [...first, ...flags, ...nativeSources(), '-o', temporary];
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  try {
    if (status === 0) renameSync(temporary, target);
    else return `${program} failed: ${firstLine(stderr) || error?.message || `status ${status}`}`;
  } finally {
    rmSync(temporary, { force: true });
  }
  return undefined;
}

function firstLine(text: string | null): string {
  const lines = (text ?? '').split('\n').filter((line) => line.trim() !== '');
  return lines.find((line) => line.includes('error')) ?? lines[0] ?? '';
}

function pythonRuntime(cache: string, reason: string): Runtime {
  const files = new Map([
    ['_pyrewrite.py', readFileSync(FALLBACK_FILE)],
    [basename(FALLBACK_COMPANION), readFileSync(FALLBACK_COMPANION)],
  ]);
  const install = (folder: string): boolean =>
    [...files].every(
      ([name, content]) => existsSync(join(folder, name)) || writeCached(join(folder, name), content),
    );
  let folder = join(cache, `runtime-python-${shortHash(...files.values())}`);
  if (!install(folder)) {
    folder = mkdtempSync(join(tmpdir(), 'pyrewrite-runtime-'));
    install(folder);
  }
  return { kind: 'python', recorder: FALLBACK_FILE, folder, built: false, compiler: null, reason };
}
