/** C files compiled once for all tests that want them with the same flags. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { NATIVE_FOLDER } from '../../src/runtime/sources.ts';
import { TEST_CACHE } from '../support/cache.ts';

/** What a compiler said. */
export interface Compiled {
  readonly ok: boolean;
  readonly stderr: string;
}

/** Runs a compiler in a folder. */
export function compileC(compiler: readonly string[], args: readonly string[], cwd: string): Compiled {
  const [program, ...first] = compiler;
  const { status, stderr } = spawnSync(program, [...first, ...args], { encoding: 'utf8', cwd });
  return { ok: status === 0, stderr };
}

/** @throws Error for a warning, too */
export function mustCompile(command: readonly string[], args: readonly string[], cwd: string): void {
  const { ok, stderr } = compileC(command, args, cwd);
  if (!ok || stderr !== '') throw new Error(`${command.join(' ')} says: ${stderr}`);
}

const FOLDER = join(TEST_CACHE, 'objects');
const KEPT_MS = 24 * 3600 * 1000;

/**
 * The object files of C files.
 * @throws Error for a warning, too: what is kept had none
 */
export function objectsOf(
  command: readonly string[],
  flags: readonly string[],
  sources: readonly string[],
): readonly string[] {
  mkdirSync(FOLDER, { recursive: true });
  const files = sources.map((source) => ({
    source,
    object: join(FOLDER, nameOf(command, flags, source)),
  }));
  const missing = files.filter(({ object }) => !existsSync(object));
  // Those of one folder have names of their own.
  for (const folder of new Set(missing.map(({ source }) => dirname(source)))) {
    const together = missing.filter(({ source }) => dirname(source) === folder);
    compileFiles(command, flags, together);
  }
  const objects = files.map(({ object }) => object);
  const now = new Date();
  for (const object of objects) utimesSync(object, now, now);
  removeOld();
  return objects;
}

function compileFiles(
  command: readonly string[],
  flags: readonly string[],
  files: readonly { readonly source: string; readonly object: string }[],
): void {
  const here = mkdtempSync(join(FOLDER, 'new-'));
  try {
    mustCompile(command, [...flags, '-c', ...files.map(({ source }) => source)], here);
    known.clear();
    for (const { source, object } of files) {
      // An object of one file and another state of its headers would be kept for a day.
      if (nameOf(command, flags, source) !== basename(object))
        throw new Error(`${source} or a header of it was changed meanwhile`);
      renameSync(join(here, basename(source).replace(/\.c$/, '.o')), object);
    }
  } finally {
    rmSync(here, { recursive: true, force: true });
  }
}

/** The name has all that an object depends on; of headers, those of its folder and of ours. */
function nameOf(command: readonly string[], flags: readonly string[], source: string): string {
  const { size, mtimeMs } = statSync(command[0]);
  const hash = createHash('sha256');
  for (const part of [...command, size, mtimeMs, ...flags, source]) hash.update(`${part}\0`);
  for (const folder of new Set([dirname(source), NATIVE_FOLDER])) hash.update(headersIn(folder));
  return `${hash.update(readFileSync(source)).digest('hex').slice(0, 32)}.o`;
}

const known = new Map<string, string>();

function headersIn(folder: string): string {
  let digest = known.get(folder);
  if (digest === undefined) {
    const hash = createHash('sha256');
    for (const name of readdirSync(folder).sort()) {
      if (name.endsWith('.h')) hash.update(name).update(readFileSync(join(folder, name)));
    }
    digest = hash.digest('hex');
    known.set(folder, digest);
  }
  return digest;
}

function removeOld(): void {
  for (const name of readdirSync(FOLDER)) {
    const path = join(FOLDER, name);
    const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - changed > KEPT_MS) rmSync(path, { recursive: true, force: true });
  }
}
