/** What the tests of the C code compile, with which tools, and how they run it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TestFunction, test } from 'vitest';
import { findOnPath } from '../../src/python/find-executable.ts';
import type { Runtime } from '../../src/runtime/build.ts';
import { COMPILE_FLAGS, findCompilers } from '../../src/runtime/compiler.ts';
import {
  freeThreadedVariant,
  NATIVE_FOLDER,
  nativeSources,
  type RuntimeVariant,
  WITH_GIL,
} from '../../src/runtime/sources.ts';
import { mustCompile, objectsOf } from './objects.ts';

/** Warnings that no C file of ours has. */
export const WARNINGS: readonly string[] = [
  ...['-Wall', '-Wextra', '-Werror', '-Wpedantic', '-Wshadow', '-Wconversion', '-Wsign-conversion'],
  ...['-Wundef', '-Wvla', '-Wwrite-strings', '-Wstrict-prototypes', '-Wmissing-prototypes'],
];

/** The compiler that users get, or one by its name. */
export function compiler(name?: string): readonly string[] {
  const [found] = findCompilers(process.env, name);
  if (found === undefined) throw new Error(`the tests need the C compiler ${name ?? 'cc'}`);
  return found.command;
}

/** How each file of the runtime is compiled, whatever it is put into. */
function objectFlags(variant: RuntimeVariant, flags: readonly string[]): readonly string[] {
  return [...COMPILE_FLAGS.filter((flag) => flag !== '-shared'), ...variant.flags, ...WARNINGS, ...flags];
}

/** The runtime as it is shipped but for some flags, in a new folder. */
export function compileModule(
  command: readonly string[],
  flags: readonly string[],
  parent: string,
  sources: readonly string[] = nativeSources(),
  variant: RuntimeVariant = WITH_GIL,
): Runtime {
  const folder = mkdtempSync(join(parent, 'runtime-'));
  const recorder = join(folder, variant.file);
  const objects = objectsOf(command, objectFlags(variant, flags), sources);
  mustCompile(command, [...COMPILE_FLAGS, ...flags, ...objects, '-o', recorder], folder);
  return { kind: 'native', recorder, folder, built: true, compiler: command[0], reason: null };
}

/** What looks for mistakes. UndefinedBehaviorSanitizer tells on standard error alone, so a process has to end with it. */
export const SANITIZERS = {
  address: [
    ...['-O1', '-g', '-fno-omit-frame-pointer'],
    ...['-fsanitize=address,undefined', '-fno-sanitize-recover=all'],
  ],
  thread: ['-O1', '-g', '-fno-omit-frame-pointer', '-fsanitize=thread'],
} as const;

/** Of every sanitizer, each takes what it knows: signals stay the program's. */
export const SIGNAL_OPTIONS = 'handle_segv=0:handle_sigbus=0:handle_abort=0:handle_sigill=0:handle_sigfpe=0';

/** Programs fork with threads, and do not wait for all of them. */
export const THREAD_OPTIONS = `report_thread_leaks=0:report_signal_unsafe=0:die_after_fork=0:${SIGNAL_OPTIONS}`;

/** What the unit tests test; the rest needs an interpreter. */
const WITHOUT_PYTHON = [
  'clock',
  'contexts',
  'names',
  'profile_disk',
  'profile_file',
  'profile_map',
  'profile_place',
  'histogram',
  'pace',
  'recorder',
  'control',
  'recorder_around',
  'recorder_costs',
  'recorder_pause',
  'recorder_skipped',
  'recorder_awaits',
  'recorder_own',
  'recorder_threads',
  'sampler',
  'shared',
  'site_table',
  'off_cpu',
  'taxes',
  'variants',
  'windows',
  'windows_settings',
  'window_budget',
  'preempted',
  'window_sites',
  'window_totals',
];

const UNIT_FOLDER = fileURLToPath(new URL('unit', import.meta.url));
const PARALLEL = fileURLToPath(new URL('parallel/parallel.c', import.meta.url));

function sourcesWithoutPython(): readonly string[] {
  return nativeSources().filter((path) => WITHOUT_PYTHON.some((name) => path.endsWith(`/${name}.c`)));
}

/** What the unit tests provoke in two processes, and nothing else on standard error. */
export const SAID = /^(pyrewrite: cannot grow .*\n){0,2}$/;

/** The program of the unit tests. */
export function compileUnitTests(
  command: readonly string[],
  flags: readonly string[],
  parent: string,
): string {
  const tests = readdirSync(UNIT_FOLDER)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(UNIT_FOLDER, name));
  const link = ['-Wl,--wrap=clock_gettime'];
  return compileProgram(command, flags, parent, { tests, name: 'unit', variant: WITH_GIL, link });
}

/** The program that records on many threads at once, as without a GIL. */
export function compileParallel(
  command: readonly string[],
  flags: readonly string[],
  parent: string,
): string {
  const variant = freeThreadedVariant('');
  return compileProgram(command, flags, parent, { tests: [PARALLEL], name: 'parallel', variant, link: [] });
}

interface TestProgram {
  readonly tests: readonly string[];
  readonly name: string;
  readonly variant: RuntimeVariant;
  readonly link: readonly string[];
}

/** The objects of the runtime are those that its module is made of. */
function compileProgram(
  command: readonly string[],
  flags: readonly string[],
  parent: string,
  { tests, name, variant, link }: TestProgram,
): string {
  const folder = mkdtempSync(join(parent, `${name}-`));
  const all = objectFlags(variant, flags);
  const objects = [
    ...objectsOf(command, all, sourcesWithoutPython()),
    ...objectsOf(command, [...all, `-I${NATIVE_FOLDER}`], tests),
  ];
  mustCompile(command, ['-pthread', ...flags, ...link, ...objects, '-o', name], folder);
  return join(folder, name);
}

/** How a program ended. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in a new folder, where it may write. */
export function runIn(
  parent: string,
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Ended {
  mkdirSync(parent, { recursive: true });
  const [program, ...args] = command;
  const { PATH } = process.env;
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: mkdtempSync(join(parent, 'run-')),
    encoding: 'utf8',
    timeout: 300_000,
    env: { PATH, ...env },
  });
  return { status, stdout, stderr };
}

/** Whether a program of that name is on PATH. */
export function hasTool(name: string): boolean {
  return findOnPath(name, process.env) !== undefined;
}

/** A test that is skipped by name where a tool is missing. */
export function testWith(tools: readonly string[], title: string, body: TestFunction): void {
  const missing = tools.filter((tool) => !hasTool(tool));
  if (missing.length === 0) test(title, body);
  else test.skip(`${title} (not found: ${missing.join(', ')})`, () => {});
}

/** A library of the compiler's own, as `libasan.so`; undefined where it has none. */
export function compilersLibrary(command: readonly string[], name: string): string | undefined {
  const { stdout } = spawnSync(command[0], [...command.slice(1), `-print-file-name=${name}`], {
    encoding: 'utf8',
  });
  const path = stdout.trim();
  return path.includes('/') ? realpathSync(path) : undefined;
}
