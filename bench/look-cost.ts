/**
 * look/cost: what looking at operands (`--types`) adds to a probe pair, by what is looked at, on each version. CPU time; with
 * and without in turn, several rounds, the difference of the minima: what else runs on the machine only adds.
 *
 *   npx tsx bench/look-cost.ts [--rounds 5] [--python 3.8]…
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readPyc, writePyc } from '../src/marshal/index.ts';
import { selectOpcodes } from '../src/opcodes/selection.ts';
import { instrument } from '../src/rewrite/instrument.ts';
import { buildRuntime } from '../src/runtime/build.ts';
import { PYTHONS, type Python, runPython } from '../test/support/pythons.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, python: { type: 'string', multiple: true } },
});
const rounds = Number(values.rounds);
const source = fileURLToPath(new URL('look_cost.py', import.meta.url));
const runtime = buildRuntime({ log: console.error });
if (runtime.kind !== 'native') throw new Error('the recorder could not be compiled: nothing to measure');
const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-bench-'));

/** What is selected in which function of the program. */
const TIMED = [
  ['POP_TOP', 'drop'],
  ['STORE_FAST', 'local'],
  ['STORE_DEREF', 'cell'],
  ['STORE_GLOBAL', 'store_global'],
  ['call', 'call_0'],
  ['call', 'call_4'],
] as const;

function compile(python: Python): string {
  const plain = join(folder, `${python.label}.pyc`);
  const script = `import py_compile; py_compile.compile(${JSON.stringify(source)}, cfile=${JSON.stringify(plain)}, doraise=True)`;
  runPython(python, ['-c', script]);
  return plain;
}

/** The program with one of its functions timed. */
function timed(
  python: Python,
  plain: string,
  [select, name]: (typeof TIMED)[number],
  types: boolean,
): string {
  const pyc = readPyc(readFileSync(plain));
  const file = join(folder, `${python.label}-${name}-${types}.pyc`);
  const functions = (qualname: string): boolean => qualname === name;
  const options = { select: selectOpcodes(select, pyc.version), functions, types };
  writeFileSync(file, writePyc(instrument(pyc, options).pyc));
  return file;
}

/** Nanoseconds that looking adds to each. */
function measure(python: Python): number[] {
  const plain = compile(python);
  const env = { PYTHONPATH: runtime.folder, PYREWRITE_OUT: folder };
  return TIMED.map((one, k) => {
    const run = (file: string): number =>
      (JSON.parse(runPython(python, [file], { env })) as readonly number[])[k];
    const files = [timed(python, plain, one, false), timed(python, plain, one, true)];
    const samples = Array.from({ length: rounds }, () => files.map(run));
    const [pair, looking] = files.map((_, which) => Math.min(...samples.map((sample) => sample[which])));
    return looking - pair;
  });
}

console.log('ns that --types adds to a probe pair, by operation');
console.log(['Python', ...TIMED.map(([, name]) => name)].map((head) => head.padStart(13)).join(''));
const chosen = PYTHONS.filter(({ debug, label }) => !debug && (values.python ?? [label]).includes(label));
for (const python of chosen) {
  const cells = measure(python).map((ns) => ns.toFixed(1).padStart(13));
  console.log(python.label.padStart(13) + cells.join(''));
}
rmSync(folder, { recursive: true });
