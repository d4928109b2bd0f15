/** What sampled code costs beside the plain program. */

import { median } from '../../src/diff/statistics.ts';
import type { Runtime } from '../../src/runtime/build.ts';
import { type Machine, type Program, prepare, run, sizeOf } from './programs.ts';
import { type Costs, type Range, summarize } from './statistics.ts';

/** What is compared with the plain program. */
export const WAYS = [
  { name: 'sampled', env: {} },
  { name: 'closed gate', env: { PYREWRITE_START: 'off' } },
] as const;

/** Parts of the plain program's time. */
const GOALS = [
  { way: 0, all: 0.03, worst: 0.1 },
  { way: 1, all: 0.02, worst: Number.POSITIVE_INFINITY },
] as const;

export interface OverheadOptions {
  readonly programs: readonly Program[];
  readonly rounds: number;
  /** CPU seconds of one run of a plain program. */
  readonly seconds: number;
  /** Added to the environment of sampled runs. */
  readonly env: Readonly<Record<string, string>>;
  readonly runtime: Runtime;
  readonly folder: string;
}

export interface Overhead {
  readonly machine: Machine;
  /** By way. User CPU time. */
  readonly costs: readonly Costs[];
  /** Of user and system time together: geometric means, by way. */
  readonly withSystem: readonly number[];
  /** What sampled runs said that they cost: the median of all. */
  readonly claimed: number;
}

/** Seconds that measuring takes on a quiet machine, about. */
export function expectedSeconds(machines: number, { programs, rounds, seconds }: OverheadOptions): number {
  const START = 0.09; // of interpreter, recorder and its calibration
  const runs = rounds * (1 + WAYS.length);
  return machines * programs.length * (runs * (seconds * 1.03 + START) + seconds * 1.5 + 3 * START);
}

/** Ratios of each round, by way. */
interface Rounds {
  readonly user: readonly number[][];
  readonly cpu: readonly number[][];
  readonly claimed: readonly number[];
}

function measure(machine: Machine, program: Program, options: OverheadOptions): Rounds {
  const { folder, runtime } = options;
  const plain = prepare(machine.python, program, 'plain', folder);
  const sampled = prepare(machine.python, program, 'sampled', folder);
  const n = sizeOf(machine, program, plain, options.seconds);
  const all = [
    { place: plain, env: {} },
    ...WAYS.map(({ env }) => ({ place: sampled, env: { ...options.env, ...env } })),
  ];
  const user: number[][] = WAYS.map(() => []);
  const cpu: number[][] = WAYS.map(() => []);
  const claimed: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    // Who is first is not always the same: the machine may become faster or slower.
    const order = all.map((_, k) => (k + round) % all.length);
    const outcomes = new Map(
      order.map((k) => [k, run(machine, program, all[k].place, n, runtime, all[k].env)] as const),
    );
    const [first, ...others] = all.map((_, k) => outcomes.get(k));
    others.forEach((outcome, way) => {
      if (first === undefined || outcome?.result !== first.result) {
        throw new Error(`${machine.label} ${program.name}: another result ${WAYS[way].name} than plain`);
      }
      user[way].push(outcome.user / first.user);
      cpu[way].push(outcome.cpu / first.cpu);
      if (way === 0) claimed.push(outcome.profile?.sampling?.overhead ?? Number.NaN);
    });
  }
  return { user, cpu, claimed };
}

export function measureOverhead(machine: Machine, options: OverheadOptions): Overhead {
  const rounds = options.programs.map((program) => {
    const one = measure(machine, program, options);
    const shown = one.user.map((ratios) => percent(median(ratios) - 1)).join(', ');
    console.error(`${machine.label} ${program.name}: ${shown}`);
    return one;
  });
  return {
    machine,
    costs: WAYS.map((_, way) => summarize(rounds.map(({ user }) => user[way]))),
    withSystem: WAYS.map((_, way) => summarize(rounds.map(({ cpu }) => cpu[way])).all.value),
    claimed: median(rounds.flatMap(({ claimed }) => claimed)),
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
  const summary = results.map(({ machine, costs, withSystem, claimed }) => {
    const cells = costs.flatMap((one) => {
      const { name, range } = worstOf(one, programs);
      return [ranged(one.all), `${ranged(range)} ${name}`];
    });
    const others = [...withSystem.map((value) => percent(value - 1)), percent(claimed)];
    return `| ${[machine.label, ...cells, ...others].join(' | ')} |`;
  });
  const heads = results.flatMap(({ machine }) => WAYS.map(({ name }) => `${machine.label} ${name}`));
  const rows = programs.map(({ name }, k) => {
    const cells = results.flatMap(({ costs }) => costs.map(({ each }) => percent(each[k].value - 1)));
    return `| ${[name, ...cells].join(' | ')} |`;
  });
  return [
    '| CPython | Sampled: mean | worst | Closed gate: mean | worst | Sampled with system time | Gate with system time | Said by the report |',
    '|---|--:|--:|--:|--:|--:|--:|--:|',
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
