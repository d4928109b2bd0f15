import { join, resolve } from 'node:path';
import { PyrewriteError } from '../errors.ts';
import { findOnPath, isExecutable } from './find-executable.ts';
import { type Interpreter, readInterpreter } from './interpreter.ts';

/** `--python` as given: a path, a virtual environment's folder, a name on PATH, or a version such as 3.12. */
function namedPython(given: string, env: NodeJS.ProcessEnv, cwd: string): string {
  const path = resolve(cwd, given);
  const inEnvironment = join(path, 'bin/python');
  if (isExecutable(inEnvironment)) return inEnvironment;
  if (given.includes('/') && isExecutable(path)) return path;
  const onPath = findOnPath(given, env) ?? findOnPath(`python${given}`, env);
  if (onPath !== undefined) return onPath;
  throw new PyrewriteError('python-not-found', `there is no Python interpreter '${given}'`, {
    remedy: '--python takes a path, the folder of a virtual environment, or a name on PATH such as python3',
  });
}

/**
 * Path of the interpreter that is meant: the given one, else that of the active virtual environment,
 * else `python3` on PATH, else `python`.
 * @throws PyrewriteError `python-not-found`
 */
export function pythonCommand(given: string | undefined, env: NodeJS.ProcessEnv, cwd: string): string {
  if (given !== undefined) return namedPython(given, env, cwd);
  const { VIRTUAL_ENV } = env;
  const active = VIRTUAL_ENV ? join(VIRTUAL_ENV, 'bin/python') : undefined;
  const found =
    active !== undefined && isExecutable(active)
      ? active
      : (findOnPath('python3', env) ?? findOnPath('python', env));
  if (found !== undefined) return found;
  throw new PyrewriteError(
    'python-not-found',
    'no Python interpreter found: neither python3 nor python is on PATH',
    {
      remedy: 'give one with --python',
    },
  );
}

/**
 * Finds the interpreter that is meant and asks it about itself.
 * @throws PyrewriteError when there is none, or it is not supported
 */
export async function findInterpreter(
  given: string | undefined,
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<Interpreter> {
  return await readInterpreter(pythonCommand(given, env, cwd), env);
}
