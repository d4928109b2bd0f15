import { PyrewriteError } from '../../errors.ts';
import type { SourceText } from '../../html/source-text.ts';
import type { Profile, SiteStats } from '../../profile/profile.ts';
import type { Interpreter } from '../../python/interpreter.ts';
import type { Io } from '../io.ts';
import { listBytecode } from './bytecode.ts';
import { type FoundSource, readSource } from './sources.ts';

/** What stands for the bytecode where it cannot be shown. */
const NO_SOURCE = 'Without the source there is no bytecode.';

/** Sources and bytecode of the profile's files, as they are now. Compiled with `python`, or one found of its version. */
export async function collectSources(
  profile: Profile,
  io: Io,
  python?: Interpreter,
): Promise<Map<string, SourceText>> {
  const files = new Map<string, SiteStats[]>();
  for (const site of profile.sites) {
    const known = files.get(site.file);
    if (known === undefined) files.set(site.file, [site]);
    else known.push(site);
  }
  const found = new Map([...files].map(([file, sites]) => [file, readSource(file, sites, profile)]));
  const result = new Map<string, SourceText>();
  for (const [file, { text, note }] of found) {
    result.set(file, { text, note, codes: [], codeNote: text === null ? NO_SOURCE : '' });
  }
  const shown = [...found].filter(([, { text }]) => text !== null);
  if (shown.length > 0) await addBytecode(result, shown, files, await matching(profile, io, python), io);
  return result;
}

/** An interpreter of the version that ran, or why there is none. */
async function matching(
  profile: Profile,
  io: Io,
  python: Interpreter | undefined,
): Promise<Interpreter | string> {
  const [release] = /^\d+\.\d+/.exec(profile.python) ?? [''];
  const fits = (one: Interpreter): boolean => one.release === release;
  if (profile.python.includes(',')) return 'Several versions of Python ran, so no bytecode is shown.';
  if (python !== undefined && fits(python)) return python;
  const { findInterpreter } = await import('../../python/discover.ts');
  for (const name of [undefined, release]) {
    try {
      const one = await findInterpreter(name, io.env, io.cwd);
      if (fits(one)) return one;
    } catch (error) {
      if (!(error instanceof PyrewriteError)) throw error;
    }
  }
  return `There is no Python ${release} here to compile the source with, so no bytecode is shown.`;
}

async function addBytecode(
  result: Map<string, SourceText>,
  shown: readonly (readonly [string, FoundSource])[],
  files: ReadonlyMap<string, readonly SiteStats[]>,
  python: Interpreter | string,
  io: Io,
): Promise<void> {
  const set = (file: string, different: Partial<SourceText>): void => {
    const known = result.get(file);
    if (known !== undefined) result.set(file, { ...known, ...different });
  };
  if (typeof python === 'string') {
    for (const [file] of shown) set(file, { codeNote: python });
    return;
  }
  try {
    for await (const [file, different] of compileAll(shown, files, python, io)) set(file, different);
  } catch (error) {
    if (!(error instanceof PyrewriteError)) throw error;
    for (const [file] of shown) {
      if (result.get(file)?.codes.length === 0) set(file, { codeNote: `No bytecode: ${error.message}` });
    }
  }
}

async function* compileAll(
  shown: readonly (readonly [string, FoundSource])[],
  files: ReadonlyMap<string, readonly SiteStats[]>,
  python: Interpreter,
  io: Io,
): AsyncGenerator<readonly [file: string, Partial<SourceText>]> {
  const { compileSources } = await import('../../python/compiler.ts');
  const { versionByName } = await import('../../opcodes/versions.ts');
  const version = versionByName(python.release);
  const requests = shown.map(([file]) => ({ path: file, filename: file, optimize: 0 }));
  for await (const [{ path }, compiled] of compileSources(python.command, requests, io.env)) {
    if (compiled.kind === 'compiled') {
      const wanted = new Set(files.get(path)?.map((site) => site.function));
      yield [path, { codes: await decode(compiled.code, version, wanted) }];
    } else yield [path, { codeNote: `The source does not compile: ${compiled.message}` }];
  }
}

async function decode(
  bytes: Uint8Array,
  version: Parameters<typeof listBytecode>[1],
  wanted: ReadonlySet<string>,
): Promise<SourceText['codes']> {
  const { isCode, readMarshal } = await import('../../marshal/index.ts');
  const code = readMarshal(bytes, version);
  return isCode(code) ? listBytecode(code, version, wanted) : [];
}
