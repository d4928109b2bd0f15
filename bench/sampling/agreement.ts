/** Whether sampled runs say what exact ones do. */
import { basename } from 'node:path';
import { median } from '../../src/diff/statistics.ts';
import type { Estimate, EstimatedValue, Profile } from '../../src/profile/profile.ts';
import type { OverheadOptions } from './overhead.ts';
import { type Machine, prepare, run, sizeOf } from './programs.ts';
import { clusteredPart, expectedTau, kendallTau, mean, meanRange, type Trials } from './statistics.ts';

/** Fewer windows give an estimate whose interval is not judged. */
const LEAST_WINDOWS = 30;
const TOP = 20;
const GOALS = { inside: 0.95, tau: 0.9 };
/** A quantile for one side of 95 %: what is below a goal by less may be chance. */
const ONE_SIDED = 1.645;
/** A bias is one where it is surely there, and large enough to matter. */
const SURELY = 2.6;
const MATTERS = 0.01;

/** Shapes of which issue and page say that they are not biased, by the programs that have them. */
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  'nested loops': ['matrix', 'hexagons', 'nbody'],
  recursion: ['trees', 'parser'],
  'short calls': ['attributes', 'rational', 'raytrace'],
  phases: ['phases', 'sensors'],
};

interface Site {
  readonly key: string;
  /** Its time is that of the program: that of an await is not, for it spans suspensions. */
  readonly isWork: boolean;
  readonly count: number;
  /** Nanoseconds, in two exact runs. */
  readonly self: readonly [number, number];
  /** In each sampled run. */
  readonly estimates: readonly Estimate[];
}

export interface Agreement {
  readonly program: string;
  readonly runs: number;
  readonly windows: number;
  /** Of counts, of self times, and of self times once all are scaled to the same sum; one for each run. */
  readonly counts: readonly Trials[];
  readonly selves: readonly Trials[];
  readonly shares: readonly Trials[];
  /** Of all estimated self times to all exact ones. */
  readonly selfRatio: number;
  /** Kendall's tau of the first sites by self time: estimated by all runs together, and of the two exact runs. */
  readonly tau: number;
  /** What the first is expected to be by the estimates' own errors. */
  readonly expectedTau: number;
  readonly exactTau: number;
  /** Mean over sites of the logarithm of estimate by truth, one for each run. */
  readonly countBias: readonly number[];
  readonly shareBias: readonly number[];
}

/** Of a profile's sites by where they are, which is the same in exact and sampled code. */
function byKey<T>(profile: Profile | undefined, pick: (site: Profile['sites'][number]) => T): Map<string, T> {
  if (profile === undefined) throw new Error('a run left no profile');
  return new Map(profile.sites.map((site) => [`${basename(site.file)}:${site.position}`, pick(site)]));
}

function sitesOf(exact: readonly Profile[], sampled: readonly Profile[]): Site[] {
  const [first, second] = exact.map((profile) =>
    byKey(profile, ({ count, selfNs, kind }) => ({ count, selfNs, isWork: kind !== 'await' })),
  );
  const estimates = sampled.map((profile) => byKey(profile, ({ estimate }) => estimate));
  return [...first].flatMap(([key, { count, selfNs, isWork }]) => {
    const again = second.get(key);
    if (again?.count !== count)
      throw new Error(`${key} ran ${count} times, then ${again?.count}: no truth to compare with`);
    const own = estimates.map((one) => one.get(key) ?? null);
    if (count === 0 || own.some((one) => one === null)) return [];
    return [
      { key, isWork, count, self: [selfNs, again.selfNs], estimates: own.filter((one) => one !== null) },
    ];
  });
}

function inside({ low, high }: EstimatedValue, value: number): boolean {
  return low <= value && value <= high;
}

/** In one run: how many of the sites with windows enough have their truth within the interval. */
function trials(sites: readonly Site[], r: number, hit: (site: Site, estimate: Estimate) => boolean): Trials {
  const judged = sites.filter(({ estimates }) => estimates[r].bursts >= LEAST_WINDOWS);
  return { tried: judged.length, hits: judged.filter((site) => hit(site, site.estimates[r])).length };
}

/** Sites that are seen often in all runs taken together: to choose by the run that is judged would favour the large. */
function often(sites: readonly Site[]): Site[] {
  return sites.filter(({ estimates }) => mean(estimates.map(({ bursts }) => bursts)) >= LEAST_WINDOWS);
}

/** Logarithm of estimate by truth, less what it is off on the average because the estimate spreads. */
function logRatio({ value, error }: EstimatedValue, truth: number): number {
  return Math.log(value / truth) + (error / value) ** 2 / 2;
}

function truthOf({ self }: Site): number {
  return (self[0] + self[1]) / 2;
}

/** What is read out of the runs of one program. */
function compare(program: string, sites: readonly Site[], sampled: readonly Profile[]): Agreement {
  const runs = sampled.map((_, r) => r);
  const work = sites.filter(({ isWork }) => isWork);
  const sum = (pick: (site: Site) => number): number => work.reduce((total, site) => total + pick(site), 0);
  const ratios = runs.map((r) => sum((site) => site.estimates[r].selfNs.value) / sum(truthOf));
  const seen = often(sites);
  const timed = seen.filter(
    (site) => truthOf(site) > 0 && site.estimates.every(({ selfNs }) => selfNs.value > 0),
  );
  const top = work.toSorted((a, b) => truthOf(b) - truthOf(a)).slice(0, TOP);
  return {
    program,
    runs: runs.length,
    windows: median(sampled.map(({ sampling }) => sampling?.bursts ?? 0)),
    counts: runs.map((r) => trials(sites, r, (site, { count }) => inside(count, site.count))),
    selves: runs.map((r) => trials(work, r, (site, { selfNs }) => inside(selfNs, truthOf(site)))),
    shares: runs.map((r) => trials(work, r, (site, { selfNs }) => inside(selfNs, truthOf(site) * ratios[r]))),
    selfRatio: median(ratios),
    tau: kendallTau(
      top.map(truthOf),
      top.map(({ estimates }) => mean(estimates.map(({ selfNs }) => selfNs.value))),
    ),
    expectedTau: expectedTau(
      top.map(truthOf),
      top.map(({ estimates }) => Math.hypot(...estimates.map(({ selfNs }) => selfNs.error)) / runs.length),
    ),
    exactTau: kendallTau(
      top.map(({ self }) => self[0]),
      top.map(({ self }) => self[1]),
    ),
    countBias: runs.map((r) => mean(seen.map((site) => logRatio(site.estimates[r].count, site.count)))),
    shareBias: runs.map((r) =>
      mean(timed.map((site) => logRatio(site.estimates[r].selfNs, truthOf(site) * ratios[r]))),
    ),
  };
}

/** Seconds that measuring takes on a quiet machine, about. */
export function expectedAgreementSeconds(
  machines: number,
  { programs, runs, seconds }: Pick<OverheadOptions, 'programs' | 'seconds'> & { readonly runs: number },
): number {
  const EXACT = 3; // times as long as the plain program
  return machines * programs.length * seconds * (1.5 + runs * 1.05 + 2 * EXACT);
}

export function measureAgreement(
  machine: Machine,
  options: OverheadOptions & { readonly runs: number },
): Agreement[] {
  const { folder, runtime, runs, budget } = options;
  const env = { PYREWRITE_OVERHEAD: String(budget) };
  return options.programs.map((program) => {
    const [plain, exact, sampled] = (['plain', 'exact', 'sampled'] as const).map((body) =>
      prepare(machine.python, program, body, folder),
    );
    const n = sizeOf(machine, program, plain, options.seconds);
    const profiles = (place: string, times: number): Profile[] =>
      Array.from({ length: times }, () => run(machine, program, place, n, runtime, env).profile).filter(
        (profile) => profile !== undefined,
      );
    const estimated = profiles(sampled, runs);
    const result = compare(program.name, sitesOf(profiles(exact, 2), estimated), estimated);
    console.error(`${machine.label} ${program.name}: ${cells(result).slice(1).join(', ')}`);
    return result;
  });
}

function part(clusters: readonly Trials[]): string {
  const { value } = clusteredPart(clusters);
  const tried = clusters.reduce((sum, one) => sum + one.tried, 0);
  return tried === 0 ? '–' : `${(value * 100).toFixed(1)} % of ${tried}`;
}

function cells(one: Agreement): string[] {
  return [
    one.program,
    String(one.windows),
    part(one.counts),
    part(one.selves),
    part(one.shares),
    one.selfRatio.toFixed(3),
    one.tau.toFixed(2),
    one.expectedTau.toFixed(2),
    one.exactTau.toFixed(2),
  ];
}

/** Mean and standard error of a bias, over runs of programs of one shape. */
function biases(results: readonly Agreement[], pick: (one: Agreement) => readonly number[]) {
  const ofShapes = Object.entries(SHAPES).map(([shape, programs]) => {
    const own = results.filter(({ program }) => programs.includes(program));
    return { shape, ...meanRange(own.flatMap(pick).filter(Number.isFinite)) };
  });
  return [...ofShapes, { shape: 'all', ...meanRange(results.flatMap(pick).filter(Number.isFinite)) }];
}

function percents({ value, error }: { readonly value: number; readonly error: number }): string {
  return `${(value * 100).toFixed(2)} ± ${(error * 100).toFixed(2)}`;
}

/** Tables of what agreed, by program and by shape. */
export function agreementTables(machine: Machine, results: readonly Agreement[]): string[] {
  const selves = biases(results, ({ shareBias }) => shareBias);
  const all = results.flatMap(({ counts }) => counts);
  const whole = clusteredPart(all);
  return [
    `### ${machine.label}`,
    '',
    `Exact counts within their intervals: ${(whole.value * 100).toFixed(1)} % ± ${(whole.error * 100).toFixed(1)} %.`,
    '',
    '| Program | Windows | Counts within | Self times within | Shares within | All self times | Tau | Tau expected | Tau of exact runs |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...results.map((one) => `| ${cells(one).join(' | ')} |`),
    '',
    '| Shape | Bias of counts, % | Bias of shares of self time, % |',
    '|---|--:|--:|',
    ...biases(results, ({ countBias }) => countBias).map(
      (one, k) => `| ${one.shape} | ${percents(one)} | ${percents(selves[k])} |`,
    ),
    '',
  ];
}

/** The goals that were missed, a sentence each. */
export function missedAgreement(machine: Machine, results: readonly Agreement[]): string[] {
  const { value, error } = clusteredPart(results.flatMap(({ counts }) => counts));
  const missed: string[] = [];
  if (!(value + ONE_SIDED * error >= GOALS.inside)) {
    missed.push(
      `${machine.label}: ${(value * 100).toFixed(1)} % of intervals hold the exact count, goal 95 %`,
    );
  }
  for (const one of results) {
    // Where two exact runs agree less, or the windows are too few to tell the sites apart, no estimate can do better.
    if (one.tau < Math.min(GOALS.tau, one.exactTau, one.expectedTau)) {
      const [tau, expected, exact] = [one.tau, one.expectedTau, one.exactTau].map((value) =>
        value.toFixed(2),
      );
      missed.push(
        `${machine.label}, ${one.program}: tau ${tau}, expected ${expected}, of two exact runs ${exact}`,
      );
    }
  }
  for (const one of biases(results, ({ countBias }) => countBias)) {
    if (Math.abs(one.value) > Math.max(MATTERS, SURELY * one.error)) {
      missed.push(`${machine.label}, ${one.shape}: counts are biased by ${percents(one)} %`);
    }
  }
  return missed;
}
