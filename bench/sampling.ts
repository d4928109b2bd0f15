/**
 * Sampled mode, as it is by default: what it costs, and whether it is right. The programs of bench/programs and examples/sensors with
 * probes around every operation (`--opcodes all --sample`).
 *
 *   npx tsx bench/sampling.ts [--python 3.12,3.14] [--programs trees,matrix] [--blocks 9] [--seconds 0.025] [--budget 0.03] [--out FILE]
 *   npx tsx bench/sampling.ts --agreement [--python 3.12] [--programs …] [--runs 5] [--seconds 2.2] [--budget 0.03] [--out FILE]
 *
 * Without --agreement: CPU time of the main function sampled, and with gates that stay closed, by that of the plain program. Both are
 * in one process and run by turns of --seconds, since machines change their pace by more than sampling costs: a block of eight turns
 * has a ratio; medians of the ratios of blocks, their geometric mean over programs, and the worst; with intervals of 95 %.
 * Interpreters that have a JIT are measured with it, too.
 *
 * With it: exact runs beside sampled ones. How many of the 95 % intervals of sites seen in 30 windows and more hold the exact
 * count, and the exact self time; Kendall's tau of the 20 sites with most self time, and what it is expected to be by the errors of
 * the estimates; and how far estimates are off on the average, by the shape of the program. Exact self times differ from run to run: so
 * two exact runs are compared with each other, too.
 *
 * Exit status 1: a goal was missed, and which.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildRuntime } from '../src/runtime/build.ts';
import { PYTHONS } from '../test/support/pythons.ts';
import {
  agreementTables,
  expectedAgreementSeconds,
  measureAgreement,
  missedAgreement,
} from './sampling/agreement.ts';
import { expectedSeconds, measureOverhead, missedOverhead, overheadTables } from './sampling/overhead.ts';
import { type Machine, machinesOf, programs } from './sampling/programs.ts';

interface Report {
  readonly lines: readonly string[];
  readonly missed: readonly string[];
}

const { values } = parseArgs({
  options: {
    agreement: { type: 'boolean', default: false },
    python: { type: 'string' },
    programs: { type: 'string' },
    blocks: { type: 'string', default: '9' },
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string' },
    budget: { type: 'string' },
    out: { type: 'string' },
  },
});

const runtime = buildRuntime({ log: console.error });
if (runtime.kind !== 'native') throw new Error('the recorder could not be compiled: nothing to measure');
const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-sampling-'));
const chosen = values.programs?.split(',');
const options = {
  programs: programs().filter(({ name }) => chosen?.includes(name) ?? true),
  blocks: Number(values.blocks),
  runs: Number(values.runs),
  seconds: Number(values.seconds ?? (values.agreement ? '2.2' : '0.025')),
  budget: Number(values.budget ?? '0.03'),
  runtime,
  folder,
};

function overhead(machines: readonly Machine[]): Report {
  const minutes = expectedSeconds(machines.length, options) / 60;
  console.error(
    `${options.programs.length} programs: about ${minutes.toFixed(0)} minutes where nothing else runs`,
  );
  const results = machines.map((machine) => measureOverhead(machine, options));
  return {
    lines: overheadTables(results, options.programs),
    missed: missedOverhead(results, options.programs),
  };
}

function agreement(machines: readonly Machine[]): Report {
  const minutes = expectedAgreementSeconds(machines.length, options) / 60;
  console.error(
    `${options.programs.length} programs: about ${minutes.toFixed(0)} minutes where nothing else runs`,
  );
  const reports = machines.map((machine) => {
    const results = measureAgreement(machine, options);
    return { lines: agreementTables(machine, results), missed: missedAgreement(machine, results) };
  });
  return {
    lines: reports.flatMap(({ lines }) => lines),
    missed: reports.flatMap(({ missed }) => missed),
  };
}

const wanted = values.python?.split(',');
const machines = PYTHONS.filter(({ debug, name }) => !debug && (wanted?.includes(name) ?? true)).flatMap(
  machinesOf,
);
if (machines.length === 0 || options.programs.length === 0) throw new Error('nothing to measure');
try {
  const { lines, missed } = values.agreement ? agreement(machines) : overhead(machines);
  const command = ['npx', 'tsx', 'bench/sampling.ts', ...process.argv.slice(2)].join(' ');
  const text = [`\`${command}\` on ${cpus()[0]?.model ?? 'an unknown CPU'}:`, '', ...lines].join('\n');
  console.log(text);
  if (values.out !== undefined) writeFileSync(values.out, `${text}\n`);
  for (const one of missed) console.error(`missed: ${one}`);
  process.exitCode = missed.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
