/** Modules of known operations, with probes and without, and what a run of them records. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { type InstrumentOptions, instrument } from '../../src/rewrite/instrument.ts';
import type { Runtime } from '../../src/runtime/build.ts';
import { type Python, runPython } from '../../test/support/pythons.ts';

const COMPILE =
  'import sys, py_compile; py_compile.compile(sys.argv[1], cfile=sys.argv[1] + "c", doraise=True)';

/** Writes `NAME.pyc`, without its source. */
export function writePlain(python: Python, folder: string, name: string, source: string): void {
  const path = join(folder, `${name}.py`);
  writeFileSync(path, source);
  runPython(python, ['-c', COMPILE, path]);
  rmSync(path);
}

/** Which operations get probes, by their names, and how. */
export type Probed = Omit<InstrumentOptions, 'select'> & { readonly opcodes: string };

/** Writes `NAME.pyc` with probes, without its source. */
export function writeProbed(
  python: Python,
  folder: string,
  name: string,
  source: string,
  { opcodes, ...options }: Probed,
): void {
  writePlain(python, folder, name, source);
  const path = join(folder, `${name}.pyc`);
  const pyc = readPyc(readFileSync(path));
  const { pyc: probed } = instrument(pyc, { ...options, select: selectOpcodes(opcodes, pyc.version) });
  writeFileSync(path, writePyc(probed));
}

/** What a run printed, as JSON, and what it recorded. */
export interface RecordedRun<T> {
  readonly printed: T;
  readonly profile: Profile;
}

/**
 * Runs Python in a new folder.
 * @param prepare writes what it needs there
 * @param args its arguments, with the folder
 */
export function recordRun<T>(
  python: Python,
  runtime: Runtime,
  prepare: (folder: string) => void,
  args: (folder: string) => readonly string[],
): RecordedRun<T> {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-bench-'));
  try {
    prepare(folder);
    const out = join(folder, 'out');
    mkdirSync(out);
    const env = { PYTHONPATH: runtime.folder, PYREWRITE_OUT: out };
    const printed: T = JSON.parse(runPython(python, args(folder), { env }));
    const [file] = readdirSync(out);
    return { printed, profile: readProfile(readFileSync(join(out, file))) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
