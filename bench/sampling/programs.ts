/** The programs of bench/sampling.ts, and how they are made ready and run. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import type { Runtime } from '../../src/runtime/build.ts';
import { type Python, pythonJson, runPython } from '../../test/support/pythons.ts';

export interface Program {
  readonly name: string;
  /** Its modules by their names; the one with `main` is the first. */
  readonly modules: readonly { readonly name: string; readonly path: string }[];
}

/** An interpreter, with or without its JIT. */
export interface Machine {
  readonly label: string;
  readonly python: Python;
  readonly env: Readonly<Record<string, string>>;
}

/** How its operations are timed: none, all, or those in windows. */
export type Body = 'plain' | 'exact' | 'sampled';

export interface Outcome {
  readonly result: string;
  readonly profile: Profile | undefined;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const script = here('run_one.py');
const turns = here('run_turns.py');

function modulesIn(folder: string): string[] {
  return readdirSync(folder).filter((name) => name.endsWith('.py'));
}

/** All programs. Their modules get names of their own: 3.8 has a built-in module `parser`. */
export function programs(): Program[] {
  const folder = here('../programs/');
  const small = modulesIn(folder).map((file) => {
    const name = basename(file, '.py');
    return { name, modules: [{ name: `bench_${name}`, path: join(folder, file) }] };
  });
  const example = here('../../examples/sensors/');
  const parts = modulesIn(example).map((file) => ({
    name: basename(file, '.py'),
    path: join(example, file),
  }));
  return [
    ...small,
    { name: 'sensors', modules: [{ name: 'bench_sensors', path: here('sensors.py') }, ...parts] },
  ];
}

const COMPILE = `import json, py_compile, sys
for source, target in json.loads(sys.argv[1]):
    py_compile.compile(source, cfile=target, doraise=True)`;

/** A new folder with the program's compiled modules. */
export function prepare(python: Python, program: Program, body: Body, folder: string): string {
  const place = mkdtempSync(join(folder, `${program.name}-${body}-`));
  mkdirSync(join(place, 'out'));
  const files = program.modules.map(({ name, path }) => [path, join(place, `${name}.pyc`)]);
  runPython(python, ['-c', COMPILE, JSON.stringify(files)]);
  if (body === 'plain') return place;
  for (const [, target] of files) {
    const pyc = readPyc(readFileSync(target));
    const select = selectOpcodes(['all'], pyc.version);
    writeFileSync(target, writePyc(instrument(pyc, { select, sample: body === 'sampled' }).pyc));
  }
  return place;
}

/** How large main's argument must be for this many seconds of the plain program. */
export function sizeOf(machine: Machine, program: Program, place: string, seconds: number): number {
  const args = [script, place, program.modules[0].name, 'find', String(seconds)];
  return (JSON.parse(runPython(machine.python, args, { env: machine.env })) as { n: number }).n;
}

/** Runs main(n) once. */
export function run(
  machine: Machine,
  program: Program,
  place: string,
  n: number,
  runtime: Runtime,
  env: Readonly<Record<string, string>> = {},
): Outcome {
  const out = join(place, 'out');
  const own = { PYTHONHASHSEED: '0', PYTHONPATH: runtime.folder, PYREWRITE_OUT: `${out}/` };
  const args = [script, place, program.modules[0].name, String(n)];
  const text = runPython(machine.python, args, { env: { ...machine.env, ...own, ...env } });
  return { ...(JSON.parse(text) as Omit<Outcome, 'profile'>), profile: takeProfiles(out) };
}

/**
 * What a program with probes takes by what it takes as it is: a ratio of CPU times for each block (run_turns.py).
 */
export function takeTurns(
  machine: Machine,
  program: Program,
  [plain, probed]: readonly [plain: string, probed: string],
  { runtime, seconds, blocks, env }: Turns,
): { readonly ratios: readonly number[]; readonly profile: Profile | undefined } {
  const out = join(probed, 'out');
  const own = { PYTHONHASHSEED: '0', PYTHONPATH: runtime.folder, PYREWRITE_OUT: `${out}/` };
  const args = [turns, plain, probed, program.modules[0].name, String(seconds), String(blocks)];
  const text = runPython(machine.python, args, { env: { ...machine.env, ...own, ...env } });
  return { ratios: JSON.parse(text) as number[], profile: takeProfiles(out) };
}

/** How turns are taken. */
export interface Turns {
  readonly runtime: Runtime;
  /** CPU seconds of one turn. */
  readonly seconds: number;
  readonly blocks: number;
  readonly env: Readonly<Record<string, string>>;
}

/** Reads and removes what a run recorded. */
function takeProfiles(out: string): Profile | undefined {
  const profiles = readdirSync(out).map((name) => {
    const profile = readProfile(readFileSync(join(out, name)));
    rmSync(join(out, name));
    return profile;
  });
  return profiles.length > 0 ? mergeProfiles(profiles) : undefined;
}

/** The interpreter, and once more with its JIT where it has one. */
export function machinesOf(python: Python): Machine[] {
  const plain: Machine = { label: python.label, python, env: {} };
  const jit: Machine = { label: `${python.label} JIT`, python, env: { PYTHON_JIT: '1' } };
  const { on } = pythonJson<{ on: boolean }>(python, JIT, { env: jit.env });
  return on ? [plain, jit] : [plain];
}

const JIT = `import json, sys
jit = getattr(sys, "_jit", None)
print(json.dumps({"on": jit is not None and jit.is_enabled()}))`;
