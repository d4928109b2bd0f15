/**
 * probe/pair: what a begin and end probe around an attribute load costs on each version, next to other ways of
 * watching the same load. CPU time; the modes in turn, several rounds, medians of each round's minimum.
 *
 *   npx tsx bench/probe-cost.ts [--rounds 5] [--python 3.13t ...]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../src/diff/statistics.ts';
import { readPyc, writePyc } from '../src/marshal/index.ts';
import { selectOpcodes } from '../src/opcodes/selection.ts';
import { instrument } from '../src/rewrite/instrument.ts';
import { nativeRuntime } from '../test/native/runtime.ts';
import { findFreeThreaded, PYTHONS, type Python, runPython } from '../test/support/pythons.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, python: { type: 'string', multiple: true } },
});
const rounds = Number(values.rounds);
const source = fileURLToPath(new URL('probe_cost.py', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-bench-'));

function compile(python: Python): { plain: string; probed: string; looking: string; chained: string } {
  const plain = join(folder, `${python.label}.pyc`);
  const script = `import py_compile; py_compile.compile(${JSON.stringify(source)}, cfile=${JSON.stringify(plain)}, doraise=True)`;
  runPython(python, ['-c', script]);
  const pyc = readPyc(readFileSync(plain));
  const options = {
    select: selectOpcodes('LOAD_ATTR', pyc.version),
    functions: (name: string) => name === 'loads',
  };
  const probed = join(folder, `${python.label}-probed.pyc`);
  writeFileSync(probed, writePyc(instrument(pyc, options).pyc));
  const looking = join(folder, `${python.label}-looking.pyc`);
  writeFileSync(looking, writePyc(instrument(pyc, { ...options, types: true }).pyc));
  const chained = join(folder, `${python.label}-chained.pyc`);
  writeFileSync(chained, writePyc(instrument(pyc, { ...options, callers: true }).pyc));
  return { plain, probed, looking, chained };
}

/** Nanoseconds per attribute load and what each way of measuring adds to it. */
function measure(python: Python): number[] {
  const { plain, probed, looking, chained } = compile(python);
  const env = { PYTHONPATH: nativeRuntime(python).folder, PYREWRITE_OUT: folder };
  const run = (file: string, mode: string, more: Readonly<Record<string, string>> = {}): number =>
    Number(runPython(python, [file, mode], { env: { ...env, ...more } }));
  const samples = Array.from({ length: rounds }, () => [
    run(plain, 'plain'),
    run(probed, 'plain'),
    run(looking, 'plain'),
    run(chained, 'plain'),
    run(probed, 'plain', { PYREWRITE_START: 'off' }),
    run(plain, 'calls'),
    run(plain, 'monitoring'),
    run(plain, 'trace'),
    run(plain, 'profile'),
  ]);
  const medians = samples[0].map((_, k) => median(samples.map((sample) => sample[k])));
  return medians.map((value, k) => (k === 0 ? value : value - medians[0]));
}

const heads = [
  'plain load',
  'probe pair',
  'with --types',
  '--callers',
  'switched off',
  'C call pair',
  'monitoring',
  'settrace',
  'cProfile',
];
console.log('ns per attribute load: the load itself, then what each adds');
console.log(['Python', ...heads].map((head, k) => (k === 0 ? head.padEnd(8) : head.padStart(13))).join(''));
for (const python of [...PYTHONS.filter(({ debug }) => !debug), findFreeThreaded()]) {
  if (python === undefined || values.python?.includes(python.label) === false) continue;
  const cells = measure(python).map((ns) => (Number.isNaN(ns) ? '–' : ns.toFixed(1)).padStart(13));
  console.log(python.label.padEnd(8) + cells.join(''));
}
rmSync(folder, { recursive: true });
