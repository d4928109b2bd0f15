/**
 * marshal/read+write: a whole standard library through readPyc and writePyc, next to the same interpreter's
 * marshal.loads and marshal.dumps in C. CPU time of the process (garbage collection included), medians.
 *
 *   npx tsx bench/marshal.ts [--python 3.12] [--passes 15]
 */

import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from '../src/diff/statistics.ts';
import { readPyc, writePyc } from '../src/marshal/index.ts';
import { corpusFiles, loadCorpus } from '../test/support/corpus.ts';
import { findPython, runPython } from '../test/support/pythons.ts';

const { values } = parseArgs({
  options: { python: { type: 'string', default: '3.12' }, passes: { type: 'string', default: '15' } },
});
const passes = Number(values.passes);
const python = findPython(values.python);
if (python === undefined) throw new Error(`Python ${values.python} not found`);

const corpus = loadCorpus(python);
const inputs = [...corpusFiles(corpus)].map(({ bytes }) => bytes);

function readAndWrite(input: Uint8Array): void {
  if (writePyc(readPyc(input)).length !== input.length) throw new Error('not identical');
}

function cpuSeconds(run: (input: Uint8Array) => void): number {
  const start = process.cpuUsage();
  for (const input of inputs) run(input);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1e6;
}

function pass(): [read: number, both: number] {
  return [cpuSeconds(readPyc), cpuSeconds(readAndWrite)];
}

function medians(rows: readonly (readonly [number, number])[]): [read: number, both: number] {
  return [median(rows.map(([read]) => read)), median(rows.map(([, both]) => both))];
}

const script = fileURLToPath(new URL('marshal_c.py', import.meta.url));
const before: [number, number][] = JSON.parse(runPython(python, [script, corpus.folder, String(passes)]));
const cold = cpuSeconds(readAndWrite);
const ours = medians(Array.from({ length: passes }, pass));
const after: [number, number][] = JSON.parse(runPython(python, [script, corpus.folder, String(passes)]));
const theirs = medians([...before, ...after]);

function row(name: string, [read, both]: readonly [number, number], note = ''): void {
  console.log(name.padEnd(10) + [read, both].map((s) => (s * 1000).toFixed(0).padStart(12)).join('') + note);
}

const bytes = inputs.reduce((sum, input) => sum + input.length, 0);
console.log(`marshal: ${inputs.length} files, ${bytes} bytes, Python ${python.label}`);
console.log(`CPU ms, median of ${passes} passes   read  read+write`);
row('C', theirs);
row('pyrewrite', ours, `   (first pass, not compiled yet: ${(cold * 1000).toFixed(0)})`);
console.log(`ratio     ${ours.map((s, i) => (s / theirs[i]).toFixed(2).padStart(12)).join('')}`);
