/**
 * look/cost: what looking at operands (`--types`) adds to a probe pair, by what is looked at, on each version. CPU time; with
 * and without in turn, several rounds, the difference of the minima: what else runs on the machine only adds.
 *
 *   npx tsx bench/look-cost.ts [--rounds 5] [--python 3.8]…
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildRuntime } from '../src/runtime/build.ts';
import { PYTHONS, type Python, runPython } from '../test/support/pythons.ts';
import { writeProbed } from './support/record.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, python: { type: 'string', multiple: true } },
});
const rounds = Number(values.rounds);
const source = readFileSync(new URL('look_cost.py', import.meta.url), 'utf8');
const runtime = buildRuntime({ log: console.error });
if (runtime.kind !== 'native') throw new Error('the recorder could not be compiled: nothing to measure');
const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-bench-'));

/** What is selected in which function of the program. */
const TIMED = [
  ['POP_TOP', 'drop'],
  ['STORE_FAST', 'local'],
  ['STORE_DEREF', 'cell'],
  ['STORE_GLOBAL', 'store_global'],
  ['STORE_ATTR', 'attribute'],
  ['STORE_ATTR', 'slot'],
  ['STORE_SUBSCR', 'list_item'],
  ['STORE_SUBSCR', 'dict_item'],
  ['call', 'call_0'],
  ['call', 'call_4'],
] as const;

/** The program with one of its functions timed. */
function timed(python: Python, [opcodes, name]: (typeof TIMED)[number], types: boolean): string {
  const module = `${python.label}-${name}-${types}`;
  writeProbed(python, folder, module, source, {
    opcodes,
    functions: (qualname) => qualname === name,
    types,
  });
  return join(folder, `${module}.pyc`);
}

/** Nanoseconds that looking adds to each. */
function measure(python: Python): number[] {
  const env = { PYTHONPATH: runtime.folder, PYREWRITE_OUT: folder };
  return TIMED.map((one, k) => {
    const run = (file: string): number =>
      (JSON.parse(runPython(python, [file], { env })) as readonly number[])[k];
    const files = [timed(python, one, false), timed(python, one, true)];
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
