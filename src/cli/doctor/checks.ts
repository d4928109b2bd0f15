import { accessSync, constants, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { PyrewriteError } from '../../errors.ts';
import { VERSIONS } from '../../opcodes/versions.ts';
import { findInterpreter } from '../../python/discover.ts';
import { findOnPath } from '../../python/find-executable.ts';
import { type Interpreter, readInterpreter } from '../../python/interpreter.ts';
import { userCacheFolder } from '../../python/user-cache.ts';
import { buildRuntime, type Runtime } from '../../runtime/build.ts';
import { findCompilers } from '../../runtime/compiler.ts';
import { recorderFor } from '../hook-folder.ts';
import type { Io } from '../io.ts';
import { recordProbe } from './probe-run.ts';

/** One thing that was looked at. */
export interface Check {
  readonly name: string;
  /** wrong: recording does not work; note: it works, but not as well as it could. */
  readonly status: 'ok' | 'note' | 'wrong';
  readonly text: string;
  readonly remedy?: string;
}

function wrong(name: string, error: unknown, remedy?: string): Check {
  const text = error instanceof Error ? error.message : String(error);
  const advice = remedy ?? (error instanceof PyrewriteError ? error.remedy : undefined);
  return { name, status: 'wrong', text, ...(advice === undefined ? {} : { remedy: advice }) };
}

function describe(python: Interpreter): string {
  const traits = [python.debugBuild ? ', debug build' : '', python.freeThreaded ? ', free-threaded' : ''];
  return `CPython ${python.version}${traits.join('')}: ${python.command}`;
}

async function otherInterpreters(io: Io, chosen: Interpreter | undefined): Promise<Check> {
  const commands = new Set(VERSIONS.flatMap(({ name }) => findOnPath(`python${name}`, io.env) ?? []));
  const found: string[] = [];
  for (const command of commands) {
    const python = await readInterpreter(command, io.env).catch(() => undefined);
    if (python !== undefined && python.command !== chosen?.command) found.push(describe(python));
  }
  const text = found.length > 0 ? found.join('\n') : 'no others on PATH';
  return { name: 'interpreters', status: 'ok', text };
}

function compilerCheck(io: Io): Check {
  const [compiler] = findCompilers(io.env);
  if (compiler !== undefined) return { name: 'compiler', status: 'ok', text: compiler.command.join(' ') };
  const remedy = 'install gcc or clang, or set CC';
  return {
    name: 'compiler',
    status: 'note',
    text: 'no C compiler: the recorder is written in Python',
    remedy,
  };
}

function runtimeCheck(runtime: Runtime): Check {
  if (runtime.kind === 'native') {
    const text = `${runtime.built ? 'compiled now' : 'compiled before'}: ${runtime.recorder}`;
    return { name: 'runtime', status: 'ok', text };
  }
  const remedy = 'install a C compiler (gcc or clang): it is needed once';
  return { name: 'runtime', status: 'note', text: `in Python, times are coarse: ${runtime.reason}`, remedy };
}

function folderCheck(name: string, folder: string, remedy: string): Check {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return { name, status: 'ok', text: folder };
  } catch (error) {
    return {
      name,
      status: 'note',
      text: `${folder}: ${error instanceof Error ? error.message : error}`,
      remedy,
    };
  }
}

async function recordingChecks(io: Io, python: Interpreter): Promise<Check[]> {
  try {
    const { clock, calibration, sites, finished } = await recordProbe(io, python);
    const status = sites > 0 && finished ? 'ok' : 'wrong';
    const counts = `${sites} operations of a tiny program recorded through the startup hook and the socket`;
    return [
      {
        name: 'recording',
        status,
        text: counts,
        ...(status === 'ok' ? {} : { remedy: 'run it again with PYREWRITE_DEBUG=1' }),
      },
      { name: 'clock', status: 'ok', text: clock },
      { name: 'calibration', status: 'ok', text: calibration },
    ];
  } catch (error) {
    return [wrong('recording', error)];
  }
}

async function runtimeFor(python: Interpreter | undefined, io: Io): Promise<Runtime> {
  const options = { env: io.env };
  return python === undefined ? buildRuntime(options) : recorderFor(python, options);
}

/** Looks at everything that recording needs. */
export async function examine(given: string | undefined, io: Io): Promise<Check[]> {
  const checks: Check[] = [{ name: 'node', status: 'ok', text: process.version }];
  let python: Interpreter | undefined;
  try {
    python = await findInterpreter(given, io.env, io.cwd);
    checks.push({ name: 'python', status: 'ok', text: describe(python) });
  } catch (error) {
    checks.push(wrong('python', error));
  }
  checks.push(await otherInterpreters(io, python), compilerCheck(io));
  checks.push(runtimeCheck(await runtimeFor(python, io)));
  checks.push(
    folderCheck('cache', userCacheFolder(io.env), 'set PYREWRITE_CACHE to a folder that can be written'),
    folderCheck('temporary', tmpdir(), 'set TMPDIR to a folder that can be written'),
  );
  if (python !== undefined) checks.push(...(await recordingChecks(io, python)));
  return checks;
}
