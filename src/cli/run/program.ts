import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import type { Interpreter } from '../../python/interpreter.ts';
import type { ScopeOptions } from '../../service/scope.ts';

/** What the user asked python to run. */
export interface Program {
  /**
   * script: a source or .pyc file, instrumented as the main program; module: `-m`; command: `-c`;
   * other: a folder, a zip file, standard input, or a file that is not there: python deals with it alone.
   */
  readonly kind: 'script' | 'module' | 'command' | 'other';
  /** The script, module or code. */
  readonly text: string;
  /** What python would get: the program and its arguments. */
  readonly plain: readonly string[];
  readonly args: readonly string[];
  /** For the name of the profile. */
  readonly name: string;
}

const REMEDY = 'usage: pyrewrite run [OPTIONS] (SCRIPT | -m MODULE | -c CODE) [ARGS…]';

/** `-m X` or `-mX`, also `-c`: the text and the arguments behind it. */
function afterOption(operands: readonly string[]): readonly [string, readonly string[]] {
  const [first, ...rest] = operands;
  if (first.length > 2) return [first.slice(2), rest];
  if (rest.length > 0) return [rest[0], rest.slice(1)];
  throw new PyrewriteError('usage', `argument expected for the ${first} option`, { remedy: REMEDY });
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Python runs these through zipimport and not as a source. */
function isArchive(script: string): boolean {
  return /\.(?:zip|pyz|pyzw|egg|whl)$/i.test(script);
}

/** @throws PyrewriteError `usage` when there is nothing to run */
export function parseProgram(operands: readonly string[], cwd: string): Program {
  const [first] = operands;
  if (first === undefined)
    throw new PyrewriteError('usage', 'there is no program to run', { remedy: REMEDY });
  if (/^-[mc]/.test(first)) {
    const [text, args] = afterOption(operands);
    const flag = first.slice(0, 2);
    const module = flag === '-m';
    const name = module ? text : 'command';
    return { kind: module ? 'module' : 'command', text, plain: [flag, text, ...args], args, name };
  }
  const script = first !== '-' && isFile(resolve(cwd, first)) && !isArchive(first);
  const name = first === '-' ? 'stdin' : basename(first).replace(/\.pyc?$/, '');
  return { kind: script ? 'script' : 'other', text: first, plain: operands, args: operands.slice(1), name };
}

/** The folder of the script, and the current one when the script lies in it (not a home or the root). */
function rootsOf(program: Program, cwd: string, env: NodeJS.ProcessEnv): string[] {
  if (program.kind === 'module' || program.kind === 'command' || program.text === '-') return [cwd];
  const script = resolve(cwd, program.text);
  const folder = isFile(script) && !isArchive(script) ? dirname(script) : script;
  const { HOME } = env;
  const inside = `${folder}/`.startsWith(`${cwd}/`) && cwd !== '/' && cwd !== HOME;
  return inside ? [folder, cwd] : [folder];
}

/** What is instrumented when this program runs. */
export function scopeOf(
  program: Program,
  python: Interpreter,
  patterns: { readonly include: readonly string[]; readonly exclude: readonly string[] },
  at: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): ScopeOptions {
  const { PYTHONPATH = '' } = at.env;
  const extra = PYTHONPATH.split(':').filter(Boolean);
  const folders = extra.map((folder) => resolve(at.cwd, folder));
  const main = { script: [resolve(at.cwd, program.text)], command: ['<string>'], module: [], other: [] };
  return {
    roots: rootsOf(program, at.cwd, at.env),
    python: { ...python, path: [...folders, ...python.path] },
    ...patterns,
    main: main[program.kind],
    ...(program.kind === 'module' ? { mainModule: program.text } : {}),
    cwd: at.cwd,
  };
}
