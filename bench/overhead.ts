/**
 * What watching a program costs: realistic programs (bench/programs) as they are, with probes, and under other tools.
 * CPU time of the program's main function; the ways in turn, several rounds, the least of each; ratios to the program
 * as it is. A result that differs from the plain one's is an error.
 *
 *   npx tsx bench/overhead.ts [--rounds 3] [--python 3.12] [--programs raytrace,parser] [--out table.md]
 *
 * line_profiler and VizTracer come from PyPI, into a folder of the bench's own; where they cannot, they are left out.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../src/diff/statistics.ts';
import { readPyc, writePyc } from '../src/marshal/index.ts';
import { selectOpcodes } from '../src/opcodes/selection.ts';
import { readProfile } from '../src/profile/reader.ts';
import { instrument } from '../src/rewrite/instrument.ts';
import { buildRuntime } from '../src/runtime/build.ts';
import { PYTHONS, type Python, runPython } from '../test/support/pythons.ts';
import { WAYS, type Way } from './overhead/ways.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    python: { type: 'string' },
    programs: { type: 'string' },
    out: { type: 'string' },
  },
});
const rounds = Number(values.rounds);
const sources = fileURLToPath(new URL('programs/', import.meta.url));
const script = fileURLToPath(new URL('overhead/run_one.py', import.meta.url));
const runtime = buildRuntime({ log: console.error });
if (runtime.kind !== 'native') throw new Error('the recorder could not be compiled: nothing to measure');
const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-overhead-'));

/** What each program's main function is given, so that it takes some tenths of a second. */
const WORK: Readonly<Record<string, number>> = {
  async_tree: 80,
  attributes: 30,
  errors: 1000,
  graph: 400,
  hexagons: 30,
  journal: 400,
  lexer: 1500,
  matrix: 600,
  nbody: 40,
  parser: 120,
  phases: 500,
  pipeline: 400,
  queens: 60,
  rational: 800,
  raytrace: 60,
  scheduler: 30,
  template: 120,
  trees: 800,
};

interface Outcome {
  readonly seconds: number;
  readonly result: string;
  /** What was seen; 0 where that is not known. */
  readonly events: number;
}

/** A folder for a way's .pyc of a program. */
function prepare(python: Python, program: string, way: Way | undefined): string {
  const place = mkdtempSync(join(folder, `${program}-`));
  const path = join(place, `${program}.pyc`);
  const compile = `import py_compile; py_compile.compile(${JSON.stringify(`${sources}${program}.py`)}, cfile=${JSON.stringify(path)}, doraise=True)`;
  runPython(python, ['-c', compile]);
  if (way?.probes === undefined) return place;
  const pyc = readPyc(readFileSync(path));
  const select = selectOpcodes(way.probes.opcodes, pyc.version);
  writeFileSync(path, writePyc(instrument(pyc, { select, ...way.probes.options }).pyc));
  return place;
}

function runWay(
  python: Python,
  program: string,
  way: Way | undefined,
  place: string,
  packages: string,
): Outcome {
  const out = join(place, 'out');
  mkdirSync(out, { recursive: true });
  const probed = way?.probes !== undefined;
  const env = { PYTHONPATH: probed ? runtime.folder : '', PYREWRITE_OUT: `${out}/` };
  const args = [script, way?.name ?? 'plain', place, program, String(WORK[program] ?? 10), packages];
  const sampling = ['-m', 'profiling.sampling', 'run', '--pstats', '-o', join(out, 'samples')];
  const text = runPython(python, way?.name === 'sampling' ? [...sampling, ...args] : args, { env });
  const line = text.split('\n').find((one) => one.startsWith('{')) ?? '{}';
  const outcome = JSON.parse(line) as Outcome;
  const [profile] = probed ? readdirSync(out) : [];
  if (profile === undefined) return outcome;
  const { sites } = readProfile(readFileSync(join(out, profile)));
  rmSync(join(out, profile));
  return { ...outcome, events: sites.reduce((sum, { count }) => sum + count, 0) };
}

/** Whether a way works with this interpreter; says why it does not. */
function isThere(python: Python, way: Way, packages: string): boolean {
  if (way.needs === undefined) return true;
  const [module] = way.needs.startsWith('sys.') ? ['sys'] : [way.needs];
  const test = `import sys; sys.path.append(${JSON.stringify(packages)}); import ${module}; ${way.needs}`;
  const found = spawnSync(python.path, ['-c', test], { stdio: 'ignore' });
  return found.status === 0;
}

/** A folder with the tools from PyPI, for this interpreter. */
function installTools(python: Python): string {
  const target = join(folder, `tools-${python.label}`);
  const pip = PYTHONS.find(({ label }) => label === '3.12') ?? python;
  const forThis = ['--python-version', python.name, '--only-binary', ':all:', '--target', target];
  for (const tool of ['line_profiler', 'viztracer']) {
    const done = spawnSync(pip.path, ['-m', 'pip', 'install', '-q', ...forThis, tool], { encoding: 'utf8' });
    if (done.status !== 0) console.error(`${python.label}: ${tool} cannot be installed and is left out`);
  }
  return target;
}

interface Cell {
  readonly ratio: number;
  /** Nanoseconds for each event; NaN where their number is not known. */
  readonly perEvent: number;
}

/** Each way's cost in one program; undefined where it failed. */
function measure(
  python: Python,
  program: string,
  ways: readonly Way[],
  packages: string,
): (Cell | undefined)[] {
  const all = [undefined, ...ways];
  const places = all.map((way) => prepare(python, program, way));
  const best: (Outcome | undefined)[] = all.map(() => undefined);
  const failed = new Set<number>();
  for (let round = 0; round < rounds; round++) {
    all.forEach((way, k) => {
      if (failed.has(k)) return;
      try {
        const outcome = runWay(python, program, way, places[k], packages);
        if (outcome.seconds < (best[k]?.seconds ?? Number.POSITIVE_INFINITY)) best[k] = outcome;
      } catch (error) {
        failed.add(k);
        console.error(`${python.label} ${program} ${way?.name}: ${String(error).split('\n').at(-1)}`);
      }
    });
  }
  const plain = best[0];
  if (plain === undefined) throw new Error(`${program} does not run`);
  return best.slice(1).map((outcome, k) => {
    if (outcome === undefined) return undefined;
    if (outcome.result !== plain.result) throw new Error(`${program}: another result with ${ways[k].name}`);
    const perEvent =
      outcome.events > 0 ? ((outcome.seconds - plain.seconds) * 1e9) / outcome.events : Number.NaN;
    return { ratio: outcome.seconds / plain.seconds, perEvent };
  });
}

/** Of what could be measured. */
function medianKnown(numbers: readonly number[]): number {
  const known = numbers.filter((value) => !Number.isNaN(value));
  return known.length === 0 ? Number.NaN : median(known);
}

function geometricMean(numbers: readonly number[]): number {
  return Math.exp(numbers.reduce((sum, value) => sum + Math.log(value), 0) / numbers.length);
}

function shown(value: number, digits: number): string {
  return Number.isNaN(value) ? '–' : value.toFixed(value >= 100 ? 0 : digits);
}

function table(python: Python, programs: readonly string[]): string[] {
  const packages = installTools(python);
  const ways = WAYS.filter((way) => isThere(python, way, packages));
  const cells = programs.map((program) => {
    console.error(`${python.label} ${program}`);
    return measure(python, program, ways, packages);
  });
  const head = ['Way', ...programs, 'all', 'ns per event'];
  const rows = ways.map((way, w) => {
    const own = cells.map((row) => row[w]);
    const ratios = own.flatMap((cell) => (cell === undefined ? [] : [cell.ratio]));
    const all = ratios.length === own.length ? geometricMean(ratios) : Number.NaN;
    const each = own.map((cell) => (cell === undefined ? '–' : shown(cell.ratio, 2)));
    return [
      way.name,
      ...each,
      shown(all, 2),
      shown(medianKnown(own.map((cell) => cell?.perEvent ?? Number.NaN)), 0),
    ];
  });
  return [
    `### ${python.label}`,
    '',
    `| ${head.join(' | ')} |`,
    `|---|${head
      .slice(1)
      .map(() => '--:')
      .join('|')}|`,
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ];
}

const programs = readdirSync(sources)
  .filter((name) => name.endsWith('.py'))
  .map((name) => name.replace('.py', ''))
  .filter((name) => values.programs === undefined || values.programs.split(',').includes(name));
const wanted = PYTHONS.filter(
  ({ debug, name }) => !debug && (values.python === undefined || values.python.split(',').includes(name)),
);
const lines = wanted.flatMap((python) => table(python, programs));
console.log(lines.join('\n'));
if (values.out !== undefined) writeFileSync(values.out, `${lines.join('\n')}\n`);
rmSync(folder, { recursive: true });
