import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Interpreter } from '../python/interpreter.ts';
import { runtimePyFile } from '../python/runtime-py.ts';
import { userCacheFolder } from '../python/user-cache.ts';
import { type BuildOptions, buildRuntime, type Runtime } from '../runtime/build.ts';
import { FALLBACK_FILE, freeThreadedVariant } from '../runtime/sources.ts';
import { contentKey } from '../service/module-cache.ts';
import type { Io } from './io.ts';

/** Python files that belong on the module path of a recorded program; the others are tools of ours. */
function hookFiles(): string[] {
  const folder = dirname(runtimePyFile('sitecustomize.py'));
  const names = readdirSync(folder).filter(
    (name) => name === 'sitecustomize.py' || /^_pyrewrite_\w+\.py$/.test(name),
  );
  return names.filter((name) => name !== '_pyrewrite_fallback.py').map((name) => join(folder, name));
}

/**
 * Copies hook and recorder into a folder.
 * @param options.startup with the sitecustomize.py that runs when the folder is on PYTHONPATH
 */
export function fillHookFolder(
  folder: string,
  recorder: string,
  options: { readonly startup: boolean },
): void {
  mkdirSync(folder, { recursive: true, mode: options.startup ? 0o700 : 0o755 });
  for (const file of hookFiles()) {
    if (options.startup || basename(file) !== 'sitecustomize.py')
      copyFileSync(file, join(folder, basename(file)));
  }
  copyFileSync(recorder, join(folder, recorderName(recorder)));
}

/** What `import _pyrewrite` looks for. */
function recorderName(recorder: string): string {
  return recorder.endsWith('.py') ? '_pyrewrite.py' : basename(recorder);
}

/**
 * Makes the folder that stands on PYTHONPATH of a recorded program: startup hook and recorder.
 * It is made once per content and kept below `parent`.
 * @param recorder the built extension module, or the fallback written in Python
 */
export function makeHookFolder(parent: string, recorder: string): string {
  const files = hookFiles();
  const contents = [...files, recorder].map((file) => readFileSync(file));
  const folder = join(parent, contentKey([recorderName(recorder), ...contents]).slice(0, 16));
  if (existsSync(folder)) return folder;
  const temporary = `${folder}.${process.pid}.tmp`;
  try {
    fillHookFolder(temporary, recorder, { startup: true });
    renameSync(temporary, folder);
  } catch (error) {
    // Another run was faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return folder;
}

/** Finds or builds the recorder for an interpreter. */
export async function findRecorder(io: Io, python: Interpreter): Promise<Runtime> {
  const log = (message: string): void => io.stderr.write(`pyrewrite: ${message}\n`);
  return recorderFor(python, { env: io.env, log });
}

/** Finds or builds the recorder for an interpreter. */
export async function recorderFor(python: Interpreter, options: BuildOptions): Promise<Runtime> {
  if (!python.freeThreaded) return buildRuntime(options);
  const { versionByName } = await import('../opcodes/versions.ts');
  if (versionByName(python.release).recordsFreeThreaded)
    return buildRuntime({ ...options, variant: freeThreadedVariant(python.extensionSuffix) });
  const reason = `the compiled runtime needs the GIL in CPython ${python.release}`;
  options.log?.(`${reason}; recording in Python: counts are exact, times are coarse`);
  return { ...buildRuntime(options), kind: 'python', recorder: FALLBACK_FILE, reason };
}

/** The folder for PYTHONPATH, kept in the user's cache. */
export function keepHook(io: Io, recorder: string): string {
  return makeHookFolder(join(userCacheFolder(io.env), 'hook'), recorder);
}

/**
 * The folder for PYTHONPATH of one run; the recorder is compiled at first need.
 * @param spare where to make the folder when the user's cache cannot be written
 */
export async function prepareHook(io: Io, python: Interpreter, spare: string): Promise<string> {
  const { recorder } = await findRecorder(io, python);
  try {
    return keepHook(io, recorder);
  } catch {
    return makeHookFolder(spare, recorder);
  }
}
