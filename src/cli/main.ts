#!/usr/bin/env node
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PyrewriteError } from '../errors.ts';
import type { Command } from './command.ts';
import { errorText } from './error-text.ts';
import { ClosedPipe, type Io, processIo } from './io.ts';

/** Each command is loaded when it is asked for: the start of the program stays short. */
const COMMANDS: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  rewrite: () => import('./commands/rewrite.ts'),
  run: () => import('./commands/run.ts'),
  report: () => import('./commands/report.ts'),
  annotate: () => import('./commands/annotate.ts'),
  merge: () => import('./commands/merge.ts'),
  diff: () => import('./commands/diff.ts'),
  export: () => import('./commands/export.ts'),
  query: () => import('./commands/query.ts'),
  dis: () => import('./commands/dis.ts'),
  opcodes: () => import('./commands/opcodes.ts'),
  verify: () => import('./commands/verify.ts'),
  check: () => import('./commands/check.ts'),
  clean: () => import('./commands/clean.ts'),
  runtime: () => import('./commands/runtime.ts'),
  top: () => import('./commands/top.ts'),
  control: () => import('./commands/control.ts'),
  snapshot: () => import('./commands/snapshot.ts'),
  doctor: () => import('./commands/doctor.ts'),
};

const DEFAULT_COMMAND = 'rewrite';

const STATUS_BAD_INPUT = 1;
const STATUS_USAGE = 2;
/** A wrong budget is a wrong question, and no answer that something exceeds it. */
const USAGE_CODES: ReadonlySet<string> = new Set(['usage', 'bad-budget']);

/** The version in package.json, which lies two folders above src/cli and dist/cli. */
function packageVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return String(JSON.parse(readFileSync(file, 'utf8')).version);
}

async function printGeneralHelp(io: Io): Promise<void> {
  const { generalHelp } = await import('./help.ts');
  const rows: [string, string][] = [];
  for (const [name, load] of Object.entries(COMMANDS)) rows.push([name, (await load()).command.summary]);
  io.stdout.write(generalHelp(rows, packageVersion()));
}

/** The command's name and its arguments; `rewrite` is meant where a path or an option comes first. */
async function splitCommand(argv: readonly string[]): Promise<readonly [string, readonly string[]]> {
  const [first, ...rest] = argv;
  if (Object.hasOwn(COMMANDS, first)) return [first, rest];
  if (!first.startsWith('-') && !existsSync(first) && !/[./*\\]/.test(first)) {
    const { didYouMean } = await import('./args.ts');
    const remedy = didYouMean(first, Object.keys(COMMANDS)) ?? 'pyrewrite --help lists the commands';
    throw new PyrewriteError('usage', `'${first}' is neither a command nor a file`, { remedy });
  }
  return [DEFAULT_COMMAND, argv];
}

/**
 * Runs one command line.
 * @returns the exit status
 */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  const [first, second] = argv;
  if (first === 'help' && second !== undefined) return await main([second, '--help'], io);
  if (first === undefined || ['--help', '-h', 'help'].includes(first)) {
    await printGeneralHelp(io);
    return first === undefined ? STATUS_USAGE : 0;
  }
  if (first === '--version') {
    io.stdout.write(`pyrewrite ${packageVersion()}\n`);
    return 0;
  }
  const [name, rest] = await splitCommand(argv);
  const { command } = await COMMANDS[name]();
  const { parseCommandLine } = await import('./args.ts');
  const args = parseCommandLine(command, rest);
  if (args.flag('help')) {
    const { commandHelp } = await import('./help.ts');
    io.stdout.write(commandHelp(command));
    return 0;
  }
  return await command.run(args, io);
}

/** {@link main}, with what went wrong as one message and an exit status. */
export async function runMain(argv: readonly string[], io: Io): Promise<number> {
  try {
    return await main(argv, io);
  } catch (error) {
    if (error instanceof ClosedPipe) return 0;
    io.stderr.write(errorText(error));
    return error instanceof PyrewriteError && USAGE_CODES.has(error.code) ? STATUS_USAGE : STATUS_BAD_INPUT;
  }
}

/** True when this file is what node was started with, directly or through a link in node_modules/.bin. */
function isEntryPoint(): boolean {
  const started = process.argv[1];
  return existsSync(started) && realpathSync(started) === fileURLToPath(import.meta.url);
}

if (isEntryPoint()) {
  try {
    process.exitCode = await runMain(process.argv.slice(2), processIo());
  } catch (error) {
    // The message itself met a closed pipe.
    if (!(error instanceof ClosedPipe)) throw error;
  }
}
