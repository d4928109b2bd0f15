import { statSync } from 'node:fs';
import { normalize } from 'node:path';
import { findOnPath, isExecutable } from '../python/find-executable.ts';

/** A C compiler as found on this machine. */
export interface CCompiler {
  /** The command: an absolute path and its first arguments. */
  readonly command: readonly [string, ...string[]];
  /** Changes when the compiler does. */
  readonly identity: string;
}

/** Flags of the runtime. TLS is a few words, so it fits the room that initial-exec has in a module loaded late. */
export const COMPILE_FLAGS: readonly string[] = [
  '-std=c11',
  '-O2',
  '-fno-tree-slp-vectorize',
  '-fPIC',
  '-shared',
  '-pthread',
  '-fvisibility=hidden',
  '-ftls-model=initial-exec',
  '-Wall',
  '-Wextra',
  ...(process.platform === 'darwin' ? ['-undefined', 'dynamic_lookup'] : []),
];

/** The compilers to try, best first: the one asked for, `$CC`, then the usual names on PATH. */
export function findCompilers(env: NodeJS.ProcessEnv, wanted?: string): readonly CCompiler[] {
  const { CC } = env;
  const commands = wanted === undefined ? [CC ?? '', 'cc', 'gcc', 'clang'] : [wanted];
  const found = commands.flatMap((command) => locate(command, env) ?? []);
  return found.filter((one, i) => found.findIndex(({ identity }) => identity === one.identity) === i);
}

function locate(command: string, env: NodeJS.ProcessEnv): CCompiler | undefined {
  const [program, ...rest] = command.split(/\s+/).filter((word) => word !== '');
  if (program === undefined) return undefined;
  const file = program.includes('/') ? givenFile(program) : findOnPath(program, env);
  if (file === undefined) return undefined;
  const { size, mtimeMs, ino } = statSync(file);
  return { command: [file, ...rest], identity: [size, mtimeMs, ino, ...rest].join(' ') };
}

function givenFile(path: string): string | undefined {
  return isExecutable(path) ? normalize(path) : undefined;
}
