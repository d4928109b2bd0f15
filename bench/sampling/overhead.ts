/** What sampled code costs beside the plain program. */

import { median } from '../../src/diff/statistics.ts';
import type { Runtime } from '../../src/runtime/build.ts';
import { type Machine, type Program, prepare, takeTurns } from './programs.ts';
import { type Costs, type Range, summarize } from './statistics.ts';

/**
 * What is compared with the plain program. Half of each process's time is the plain program's, which the budget counts:
 * so half of it is asked for.
 */
export const WAYS = [
  { name: 'sampled', env: (budget: number) => ({ PYREWRITE_OVERHEAD: String(budget / 2) }) },
  { name: 'closed gate', env: () => ({ PYREWRITE_START: 'off' }) },
] as const;

/** Parts of the plain program's time. */
const GOALS = [
  { way: 0, all: 0.03, worst: 0.1 },
  { way: 1, all: 0.02, worst: Number.POSITIVE_INFINITY },
] as const;

export interface OverheadOptions {
  readonly programs: readonly Program[];
  /** Of one program, each way. */
  readonly blocks: number;
  /** CPU seconds of one turn of a plain program. */
  readonly seconds: number;
  /** What sampling may cost, as a part. */
  readonly budget: number;
  readonly runtime: Runtime;
  readonly folder: string;
}

export interface Overhead {
  readonly machine: Machine;
  /** By way. CPU time of all threads. */
  readonly costs: readonly Costs[];
  /** What sampled runs said that they cost: the median of all. */
  readonly claimed: number;
}

/** Seconds that measuring takes on a quiet machine, about. */
export function expectedSeconds(machines: number, { programs, blocks, seconds }: OverheadOptions): number {
  const START = 0.3; // of interpreter, recorder and its calibration, the rewriter, and finding the size
  const TURNS = 8;
  return machines * programs.length * WAYS.length * (blocks * TURNS * seconds * 1.02 + START);
}

function measure(machine: Machine, program: Program, options: OverheadOptions) {
  const { folder, budget } = options;
  const plain = prepare(machine.python, program, 'plain', folder);
  const sampled = prepare(machine.python, program, 'sampled', folder);
  return WAYS.map(({ env }) =>
    takeTurns(machine, program, [plain, sampled], { ...options, env: env(budget) }),
  );
}

export function measureOverhead(machine: Machine, options: OverheadOptions): Overhead {
  const all = options.programs.map((program) => {
    const ways = measure(machine, program, options);
    const shown = ways.map(({ ratios }) => percent(median(ratios) - 1)).join(', ');
    console.error(`${machine.label} ${program.name}: ${shown}`);
    return ways;
  });
  const claims = all.flatMap(([{ profile }]) => profile?.sampling?.overhead ?? []);
  return {
    machine,
    costs: WAYS.map((_, way) => summarize(all.map((ways) => ways[way].ratios))),
    claimed: median(claims) * 2,
  };
}

function percent(part: number): string {
  const text = (part * 100).toFixed(1);
  return text === '-0.0' ? '0.0' : text;
}

function ranged({ value, low, high }: Range): string {
  return `${percent(value - 1)} (${percent(low - 1)} to ${percent(high - 1)})`;
}

function worstOf(
  costs: Costs,
  programs: readonly Program[],
): { readonly name: string; readonly range: Range } {
  const worst = costs.each.reduce((most, one, k) => (one.value > costs.each[most].value ? k : most), 0);
  return { name: programs[worst].name, range: costs.each[worst] };
}

/** Both tables: one line for each interpreter, and one for each program. */
export function overheadTables(results: readonly Overhead[], programs: readonly Program[]): string[] {
  const summary = results.map(({ machine, costs, claimed }) => {
    const cells = costs.flatMap((one) => {
      const { name, range } = worstOf(one, programs);
      return [ranged(one.all), `${ranged(range)} ${name}`];
    });
    return `| ${[machine.label, ...cells, percent(claimed)].join(' | ')} |`;
  });
  const heads = results.flatMap(({ machine }) => WAYS.map(({ name }) => `${machine.label} ${name}`));
  const rows = programs.map(({ name }, k) => {
    const cells = results.flatMap(({ costs }) => costs.map(({ each }) => percent(each[k].value - 1)));
    return `| ${[name, ...cells].join(' | ')} |`;
  });
  return [
    '| CPython | Sampled: mean | worst | Closed gate: mean | worst | Said by the report |',
    '|---|--:|--:|--:|--:|--:|',
    ...summary,
    '',
    `| Program | ${heads.join(' | ')} |`,
    `|---|${heads.map(() => '--:').join('|')}|`,
    ...rows,
    '',
  ];
}

/** The goals that were missed, a sentence each. */
export function missedOverhead(results: readonly Overhead[], programs: readonly Program[]): string[] {
  return results.flatMap(({ machine, costs }) =>
    GOALS.flatMap(({ way, all, worst }) => {
      const cost = costs[way];
      const { name, range } = worstOf(cost, programs);
      const label = `${machine.label}, ${WAYS[way].name}`;
      return [
        ...(cost.all.value - 1 > all ? [`${label}: mean ${ranged(cost.all)} %, goal ${percent(all)} %`] : []),
        ...(range.value - 1 > worst
          ? [`${label}: ${name} ${ranged(range)} %, goal ${percent(worst)} %`]
          : []),
      ];
    }),
  );
}
