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
import { type Selection, selectOpcodes } from '../../src/opcodes/selection.ts';
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

export interface BothRuns {
  readonly plain: Seen;
  readonly probed: Seen;
  /** With probes that look at operands, too. */
  readonly looking: Seen;
  /** The same, but where the runtime cannot be imported. */
  readonly orphaned: Seen;
  readonly sites: number;
  /** How often the sites were passed, all processes together. */
  readonly executions: number;
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
      timeout: 120_000,
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

/** Runs the program four times in one folder, so that even its paths are the same. */
export function runBoth(python: Python, program: Program): BothRuns {
  return inFolder(python, program, ({ folder, path, pyc, select, removeRuntime }) => {
    const plain = look(python, folder, program);
    const result = instrument(pyc, { select });
    writeFileSync(path, writePyc(result.pyc));
    const probed = look(python, folder, program);
    const executions = countExecutions(join(folder, 'profiles'));
    writeFileSync(path, writePyc(instrument(pyc, { select, types: true, gc: true }).pyc));
    const looking = look(python, folder, program);
    removeRuntime();
    const orphaned = look(python, folder, program);
    return { plain, probed, looking, orphaned, sites: result.report.sites, executions };
  });
}

export interface SampledRuns {
  readonly plain: Seen;
  /** Where gates lead to the copy whenever they may, and where the runtime cannot be imported, so that they are shut. */
  readonly open: Seen;
  readonly shut: Seen;
  /** How often sites were timed with the gates open. */
  readonly executions: number;
}

/** Runs the program as it is, and sampled; `gate` is what its gates do in the run that is called `open`. */
export function runSampled(python: Python, { env, ...program }: Program, gate = 'open'): SampledRuns {
  const watched = { ...program, env: { ...env, PYREWRITE_GATE: gate } };
  return inFolder(python, watched, ({ folder, path, pyc, select, removeRuntime }) => {
    const plain = look(python, folder, watched);
    writeFileSync(path, writePyc(instrument(pyc, { select, sample: true }).pyc));
    const open = look(python, folder, watched);
    const executions = countExecutions(join(folder, 'profiles'));
    removeRuntime();
    const shut = look(python, folder, watched);
    return { plain, open, shut, executions };
  });
}

interface Place {
  readonly folder: string;
  /** Of the compiled program. */
  readonly path: string;
  readonly pyc: Pyc;
  readonly select: Selection;
  /** After that, the runtime cannot be imported. */
  removeRuntime(): void;
}

function inFolder<T>(python: Python, program: Program, run: (place: Place) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-behaviour-'));
  try {
    const source = join(folder, 'program.py');
    const path = join(folder, 'program.pyc');
    writeFileSync(source, program.source);
    const optimize = program.options?.includes('-OO') ? 2 : program.options?.includes('-O') ? 1 : 0;
    runPython(python, ['-c', COMPILE, source, path, String(optimize)]);
    mkdirSync(join(folder, 'profiles'));
    const runtime = join(folder, 'runtime');
    symlinkSync(nativeRuntime(python).folder, runtime);
    const pyc = readPyc(readFileSync(path));
    const select = selectOpcodes(program.opcodes ?? 'all', pyc.version);
    const removeRuntime = (): void => {
      rmSync(runtime);
      mkdirSync(runtime);
    };
    return run({ folder, path, pyc, select, removeRuntime });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countExecutions(folder: string): number {
  const files = readdirSync(folder).filter((name) => name.endsWith('.prof'));
  if (files.length === 0) return 0;
  const { sites } = mergeProfiles(files.map((name) => readProfile(readFileSync(join(folder, name)))));
  return sites.reduce((sum, { count }) => sum + count, 0);
}
