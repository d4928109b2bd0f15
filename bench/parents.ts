/**
 * parents: what the profile says of operations with many others inside, beside the truth. Methods that do one thing 20
 * times are called as they are and with probes, in turn, in one process; the truth is the CPU time of the call without.
 * What is wrong, divided by the pairs of probes inside, is what their cost is wrong by.
 *
 *   npx tsx bench/parents.ts [--python 3.12] [--rounds 41] [--no-types] [--kinds 'caught|raises']
 */
import { parseArgs } from 'node:util';
import type { SiteStats } from '../src/profile/profile.ts';
import { buildRuntime } from '../src/runtime/build.ts';
import { PYTHONS, type Python } from '../test/support/pythons.ts';
import { callerOf, DRIVER, KINDS, methodOf, moduleText, TIMES } from './parents/cases.ts';
import { recordRun, writePlain, writeProbed } from './support/record.ts';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string' },
    rounds: { type: 'string', default: '41' },
    'no-types': { type: 'boolean', default: false },
    kinds: { type: 'string', default: '' },
  },
});
/** What `run` asks for. */
const SELECT = 'attr,call,arith,contains,iter,import,raise';

const SHOWN = Object.keys(KINDS).filter((kind) => new RegExp(options.kinds).test(kind));

const runtime = buildRuntime({ log: console.error });
if (runtime.kind !== 'native') throw new Error('the recorder could not be compiled: nothing to measure');

/** Nanoseconds of a call without probes and with them, of each kind. */
type Times = readonly (readonly [plain: number, probed: number])[];

function run(python: Python) {
  return recordRun<Times>(
    python,
    runtime,
    (folder) => {
      writePlain(python, folder, 'plain', moduleText());
      writeProbed(python, folder, 'probed', moduleText(), { opcodes: SELECT, types: !options['no-types'] });
    },
    (folder) => ['-c', DRIVER, folder, options.rounds, ...SHOWN.map(callerOf)],
  );
}

function print(python: Python): void {
  const { printed: times, profile } = run(python);
  const { pairNs, spreadNs, innerNs, floorNs } = profile.probe;
  const ns = [pairNs, spreadNs, innerNs, floorNs].map((value) => value.toFixed(1));
  console.log(`\nPython ${python.label}: pair ${ns[0]} ± ${ns[1]}, inner ${ns[2]}, floor ${ns[3]} ns`);
  const head = ['true', 'p50', 'error', 'pairs', 'for each', 'pair costs'];
  console.log(`${''.padEnd(18)}${head.map((cell) => cell.padStart(12)).join('')}`);
  SHOWN.forEach((kind, k) => {
    console.log(`${kind.padEnd(18)}${rowOf(profile.sites, kind, times[k]).join('')}`);
  });
}

/** The first three for one of the 20 times. */
function rowOf(sites: readonly SiteStats[], kind: string, [plain, probed]: Times[number]): string[] {
  const call = sites.find((site) => site.function === callerOf(kind) && site.opcode.startsWith('CALL'));
  if (call?.p50Ns == null) throw new Error(`no call of ${kind} was measured`);
  const inside = sites.filter((site) => site.function.endsWith(`.${methodOf(kind)}`));
  const pairs = inside.reduce((sum, { count }) => sum + count, 0) / call.count;
  const error = call.p50Ns - plain;
  const cells = [plain / TIMES, call.p50Ns / TIMES, error / TIMES, pairs / TIMES, error / pairs];
  return [...cells, (probed - plain) / pairs].map((cell) => cell.toFixed(1).padStart(12));
}

for (const python of PYTHONS.filter(({ debug, name }) => !debug && name === (options.python ?? name))) {
  print(python);
}
