import { join } from 'node:path';
import type { Interpreter } from '../../python/interpreter.ts';
import { userCacheFolder } from '../../python/user-cache.ts';
import { Answerer } from '../../service/answers.ts';
import { matchNames } from '../../service/globs.ts';
import { openModuleCache } from '../../service/module-cache.ts';
import type { RewriteOptions } from '../../service/rewriter.ts';
import { createScope, isPathPattern } from '../../service/scope.ts';
import { startService } from '../../service/server.ts';
import { prepareHook } from '../hook-folder.ts';
import type { Io } from '../io.ts';
import { hookEnvironment, type RunFolder } from './environment.ts';
import { checkFreeThreaded } from './free-threaded.ts';
import { type Program, scopeOf } from './program.ts';
import { skipsFirstLine } from './python-flags.ts';

/** A service that waits for the program, and how to start that one. */
export interface Recording {
  /** Arguments for the interpreter. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly answerer: Answerer;
  stop(): Promise<void>;
}

export interface RecordingOptions {
  readonly io: Io;
  readonly program: Program;
  readonly flags: readonly string[];
  readonly python: Interpreter;
  readonly folder: RunFolder;
  readonly selection: RewriteOptions;
  readonly patterns: { readonly include: readonly string[]; readonly exclude: readonly string[] };
}

/** Modules that are asked for by name and are among these. */
function askedAmong(include: readonly string[], modules: readonly string[]): string[] {
  const names = include.filter((pattern) => !isPathPattern(pattern));
  const isAsked = matchNames(names.flatMap((pattern) => [pattern, `${pattern}.*`]));
  return modules.filter(isAsked);
}

/** `-X frozen_modules=off` where modules are asked for that would come from the interpreter's binary. */
function frozenFlags({ io, python, patterns, flags }: RecordingOptions): string[] {
  const frozen = askedAmong(patterns.include, python.frozenModules);
  const early = askedAmong(patterns.include, python.modulesAtStart).filter(
    (name) => !name.startsWith('_frozen'),
  );
  if (early.length > 0 && early.length < python.modulesAtStart.length / 2) {
    io.stderr.write(
      `pyrewrite: ${early.join(', ')}: loaded before any hook can run, so not recorded\n` +
        '  instrument the files themselves with pyrewrite rewrite\n',
    );
  }
  const late = frozen.filter((name) => !python.modulesAtStart.includes(name));
  if (late.length === 0 || flags.some((flag) => flag.includes('frozen_modules'))) return [];
  io.stderr.write(`pyrewrite: python gets -X frozen_modules=off, since ${late[0]} is frozen into it\n`);
  return ['-X', 'frozen_modules=off'];
}

/** The part of the command line that is the program. */
function programArgv({ program, flags, folder }: RecordingOptions, main: boolean): readonly string[] {
  return [...flags, ...(main ? [folder.mainPyc, ...program.args] : program.plain)];
}

/** Starts what the program needs while it runs. */
export async function startRecording(options: RecordingOptions): Promise<Recording> {
  const { io, program, flags, python, folder, selection, patterns } = options;
  checkFreeThreaded(python, selection);
  const cacheFolder = userCacheFolder(io.env);
  const cache = openModuleCache(join(cacheFolder, 'modules'));
  const scope = createScope(scopeOf(program, python, patterns, io));
  const answerer = new Answerer({ ...selection, scope, cache });
  const hookFolder = await prepareHook(io, python, folder.path);
  const service = await startService(folder.socket, answerer);
  const kind = program.kind === 'script' ? 'file' : 'command';
  const isMain = (program.kind === 'script' && !skipsFirstLine(flags)) || program.kind === 'command';
  const main = isMain ? ({ kind, text: program.text } as const) : undefined;
  const argv = [...frozenFlags(options), ...programArgv(options, isMain)];
  return {
    argv,
    env: hookEnvironment(io.env, { hookFolder, folder, rules: scope.rules, main }),
    answerer,
    async stop() {
      await service.close();
      cache.trim();
    },
  };
}
