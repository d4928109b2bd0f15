/** Runs a Python program as it is and with probes, under the same name, and compares what can be seen of it. */
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Pyc, readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { nativeRuntime } from '../native/runtime.ts';
import { type Python, runPython } from '../support/pythons.ts';

/** All that a user sees of a run. */
export interface Seen {
  readonly stdout: string;
  readonly stderr: string;
  /** Exit status or signal. */
  readonly status: number | string | null;
}

/** A program and how to run it. */
export interface Program {
  readonly source: string;
  /** The interpreter's own options. */
  readonly options?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly opcodes?: string;
}

/**
 * A program with probes; with such as look at operands, too; the latter where the runtime cannot be imported. And sampled:
 * its gates lead to the copy whenever they may, or never; or it is where the runtime cannot be imported, so that they are shut.
 */
export type Form = 'probed' | 'looking' | 'orphaned' | 'open' | 'closed' | 'shut';

/** @typeParam F the forms that were run */
export interface Runs<F extends Form> {
  readonly plain: Seen;
  readonly seen: Readonly<Record<F, Seen>>;
  /** How often the sites were passed, all processes together. */
  readonly executions: Readonly<Record<F, number>>;
  /** In the latest form. */
  readonly sites: number;
}

const COMPILE = `
import py_compile, sys, warnings
warnings.simplefilter('ignore')
py_compile.compile(sys.argv[1], cfile=sys.argv[2], dfile=sys.argv[1], doraise=True, optimize=int(sys.argv[3]))
`;

function look(python: Python, folder: string, program: Program): Seen {
  const { status, signal, stdout, stderr } = spawnSync(
    python.path,
    [...(program.options ?? []), join(folder, 'program.pyc')],
    {
      cwd: folder,
      encoding: 'latin1',
      timeout: 300_000,
      maxBuffer: 1 << 28,
      env: {
        PATH: process.env['PATH'],
        PYTHONDONTWRITEBYTECODE: '1',
        PYTHONHASHSEED: '0',
        PYTHONIOENCODING: 'utf-8',
        PYREWRITE_OUT: `${join(folder, 'profiles')}/`,
        PYTHONPATH: join(folder, 'runtime'),
        ...program.env,
      },
    },
  );
  return { stdout: withoutAddresses(stdout), stderr: withoutAddresses(stderr), status: signal ?? status };
}

/** Where objects lie is another place in every run. */
function withoutAddresses(text: string): string {
  return text.replace(/ at 0x[0-9a-f]+/g, ' at 0x…');
}

const WITHOUT_RUNTIME: readonly Form[] = ['orphaned', 'shut'];
const SAMPLED: readonly Form[] = ['open', 'closed', 'shut'];

/** Runs the program as it is and in some forms, in one folder, so that even its paths are the same. */
export function runForms<F extends Form>(python: Python, program: Program, forms: readonly F[]): Runs<F> {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-behaviour-'));
  try {
    const pyc = prepare(python, folder, program);
    const select = selectOpcodes(program.opcodes ?? 'all', pyc.version);
    const env = { ...program.env, PYREWRITE_GATE: forms.some((form) => form === 'closed') ? 'shut' : 'open' };
    const plain = look(python, folder, { ...program, env });
    const runtime = join(folder, 'runtime');
    let sites = 0;
    const runs = forms.map((form) => {
      const looks = form === 'looking' || form === 'orphaned';
      const made = instrument(pyc, { select, sample: SAMPLED.includes(form), types: looks, gc: looks });
      sites = made.report.sites;
      writeFileSync(join(folder, 'program.pyc'), writePyc(made.pyc));
      rmSync(runtime, { recursive: true });
      if (WITHOUT_RUNTIME.includes(form)) mkdirSync(runtime);
      else symlinkSync(nativeRuntime(python).folder, runtime);
      const seen = look(python, folder, { ...program, env });
      return [form, seen, takeExecutions(join(folder, 'profiles'))] as const;
    });
    return {
      plain,
      seen: Object.fromEntries(runs.map(([form, seen]) => [form, seen])) as Record<F, Seen>,
      executions: Object.fromEntries(runs.map(([form, , count]) => [form, count])) as Record<F, number>,
      sites,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Compiles the program in a folder, and puts there what its runs need. */
function prepare(python: Python, folder: string, program: Program): Pyc {
  const [source, path] = [join(folder, 'program.py'), join(folder, 'program.pyc')];
  writeFileSync(source, program.source);
  const optimize = program.options?.includes('-OO') ? 2 : program.options?.includes('-O') ? 1 : 0;
  runPython(python, ['-c', COMPILE, source, path, String(optimize)]);
  for (const name of ['profiles', 'runtime']) mkdirSync(join(folder, name));
  return readPyc(readFileSync(path));
}

/** How often sites were passed by what left its profiles in a folder, which is empty then. */
function takeExecutions(folder: string): number {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const profiles = files
    .filter((file) => file.endsWith('.prof'))
    .map((file) => readProfile(readFileSync(file)));
  for (const file of files) rmSync(file);
  if (profiles.length === 0) return 0;
  const { sites } = mergeProfiles(profiles);
  return sites.reduce((sum, { count }) => sum + count, 0);
}
