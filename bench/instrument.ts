/**
 * instrument/stdlib: the whole path (read, decode, plan, weave, assemble, write) over a standard library, and over
 * its largest module alone; and how much larger the files become, with probes and sampled. CPU time of the process
 * (garbage collection included), medians.
 *
 *   npx tsx bench/instrument.ts [--python 3.12] [--passes 5] [--every 1]
 */
import { parseArgs } from 'node:util';
import { readPyc, writePyc } from '../src/marshal/index.ts';
import { selectOpcodes } from '../src/opcodes/selection.ts';
import { instrument } from '../src/rewrite/instrument.ts';
import { corpusFiles, loadCorpus } from '../test/support/corpus.ts';
import { findPython, runPython } from '../test/support/pythons.ts';

const { values } = parseArgs({
  options: {
    python: { type: 'string', default: '3.12' },
    passes: { type: 'string', default: '5' },
    every: { type: 'string', default: '1' },
  },
});
const passes = Number(values.passes);
const python = findPython(values.python);
if (python === undefined) throw new Error(`Python ${values.python} not found`);

const files = [...corpusFiles(loadCorpus(python), Number(values.every))];
const inputs = files.map(({ bytes }) => bytes);
const version = readPyc(inputs[0]).version;

interface Pass {
  readonly ms: number;
  readonly sites: number;
  /** Bytes written for each byte read. */
  readonly growth: number;
}

/** One pass over some files: CPU milliseconds, sites and growth. */
function pass(list: string, some: readonly Uint8Array[], sample: boolean): Pass {
  const select = selectOpcodes(list, version);
  const start = process.cpuUsage();
  let sites = 0;
  let written = 0;
  for (const input of some) {
    const { pyc, report } = instrument(readPyc(input), { select, sample });
    sites += report.sites;
    written += writePyc(pyc).length;
  }
  const { user, system } = process.cpuUsage(start);
  const read = some.reduce((sum, { length }) => sum + length, 0);
  return { ms: (user + system) / 1000, sites, growth: written / read };
}

function row(name: string, list: string, some: readonly Uint8Array[], rounds: number, sample = false): void {
  const results = Array.from({ length: rounds }, () => pass(list, some, sample));
  const ms = median(results.map((result) => result.ms));
  const cells = [
    String(some.length),
    String(results[0].sites),
    ms.toFixed(1),
    ((1000 * ms) / results[0].sites).toFixed(2),
    results[0].growth.toFixed(2),
  ];
  const what = sample ? `${name}, sampled` : name;
  console.log(`${what.padEnd(16)}${list.padEnd(12)}${cells.map((cell) => cell.padStart(12)).join('')}`);
}

console.log(`Python ${python.label}, median of ${passes} passes`);
console.log(
  `${' '.repeat(28)}${['files', 'sites', 'CPU ms', 'µs/site', 'growth'].map((cell) => cell.padStart(12)).join('')}`,
);
row('stdlib', 'LOAD_ATTR', inputs, passes);
row('stdlib', 'all', inputs, passes);
for (const list of ['LOAD_ATTR', 'all']) row('stdlib', list, inputs, passes, true);
for (const name of ['html/entities.pyc', 'decimal.pyc', '_pydecimal.pyc', 'typing.pyc']) {
  const file = files.find(({ path }) => path === name);
  if (file !== undefined) row(name, 'all', [file.bytes], 20);
}
/** CPU milliseconds that the interpreter takes to load the code objects of all files, the least of some passes. */
const LOAD = `
import json, marshal, sys, time
files = [bytes.fromhex(text)[16:] for text in json.load(sys.stdin)]
def load():
    start = time.process_time()
    for data in files: marshal.loads(data)
    return 1000 * (time.process_time() - start)
print(min(load() for _ in range(9)))
`;

import { median } from '../src/diff/statistics.ts';

function loadTime(files: readonly Uint8Array[]): number {
  const input = JSON.stringify(files.map((bytes) => Buffer.from(bytes).toString('hex')));
  return python === undefined ? 0 : Number(runPython(python, ['-c', LOAD], { input }));
}

function loadRow(list: string): void {
  const select = selectOpcodes(list, version);
  const made = (sample: boolean): Uint8Array[] =>
    inputs.map((input) => writePyc(instrument(readPyc(input), { select, sample }).pyc));
  const [plain, probed, sampled] = [inputs, made(false), made(true)].map(loadTime);
  const text = (ms: number): string => `${ms.toFixed(1)} ms (${(ms / plain).toFixed(2)})`;
  console.log(
    `load, ${list}: ${text(plain)} as they are, ${text(probed)} with probes, ${text(sampled)} sampled`,
  );
}

for (const list of ['LOAD_ATTR', 'all']) loadRow(list);
console.log(`peak memory ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MiB, the input included`);
