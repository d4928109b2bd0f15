/** The scenarios of scenarios.py: what each must leave behind. */
import { expect } from 'vitest';
import type { SiteStats } from '../../src/profile/profile.ts';
import type { Runtime } from '../../src/runtime/build.ts';
import type { Python } from '../support/pythons.ts';
import { countsByName, runScript, type ScriptRun } from './runtime.ts';

/** What a scenario says about itself. */
interface Truth {
  readonly counts: Readonly<Record<string, number>>;
  readonly raised?: Readonly<Record<string, number>>;
  readonly lost?: Readonly<Record<string, number>>;
  readonly processes?: number;
  readonly finished?: boolean;
  readonly refusedAtLeast?: number;
  readonly atLeastNs?: Readonly<Record<string, number>>;
  readonly total?: number;
  readonly size?: number;
}

/** Scenarios with the exit that each is expected to take; see scenarios.py. */
export const SCENARIOS: Readonly<
  Record<string, { signal?: NodeJS.Signals; env?: Record<string, string>; says?: RegExp }>
> = {
  basic: {},
  reload: {},
  threads: {},
  busy_threads: {},
  fork: {},
  fork_in_thread: {},
  fork_then_attach: {},
  quiet_children: {},
  multiprocessing: {},
  chdir_and_closed_files: {},
  removed_file: {
    says: /^pyrewrite: cannot grow .*: No such file or directory; some operations will be missing$/m,
  },
  full: { says: /^pyrewrite: cannot grow .*: File too large; some operations will be missing$/m },
  exec: {},
  exit_now: {},
  kill: { signal: 'SIGKILL' },
  abort: { signal: 'SIGABRT' },
  segfault: { signal: 'SIGSEGV' },
  shutdown: {},
  await: {},
  refused: {},
  objects: {},
  traced: {},
  subinterpreter: {},
  service: {},
  off: { env: { PYREWRITE: 'off' } },
  many_sites: {},
  switched: {},
  switched_threads: {},
  switched_awaits: {},
  blocks: {},
  start_off: { env: { PYREWRITE_START: 'off' } },
};

function outcome(run: ScriptRun, name: string): Truth {
  const { signal = null } = SCENARIOS[name];
  if (run.signal !== signal || (signal === null && run.status !== 0)) {
    throw new Error(`${name} ended with ${run.signal ?? run.status}: ${run.stderr}`);
  }
  return JSON.parse(run.stdout) as Truth;
}

/** Runs a scenario with a runtime and checks what it recorded. */
export function checkScenario(
  python: Python,
  name: string,
  runtime: Runtime,
  more: Readonly<Record<string, string>> = {},
): void {
  const { env = {}, says } = SCENARIOS[name];
  const run = runScript(python, ['scenarios.py', name], { runtime, env: { ...env, ...more } });
  const truth = outcome(run, name);
  const messages = run.stderr.split('\n').filter((line) => line.startsWith('pyrewrite'));
  if (says === undefined) expect(messages).toEqual([]);
  else expect(messages).toEqual([expect.stringMatching(says)]);
  expect(run.files).toHaveLength(truth.processes ?? 1);
  const { profile } = run;
  if (profile === undefined) return;
  checkCounts(profile.sites, truth);
  if (truth.refusedAtLeast === undefined) expect(profile.notes).toEqual([]);
  const { refusedTables, ...lost } = profile.lost;
  expect(refusedTables).toBeGreaterThanOrEqual(truth.refusedAtLeast ?? 0);
  if (truth.refusedAtLeast === undefined) {
    expect(lost).toEqual({
      spans: 0,
      ends: 0,
      abandonedAwaits: 0,
      unrecordedSites: 0,
      unrecordedDurations: 0,
      unrecordedContexts: 0,
      ...truth.lost,
    });
    expect(refusedTables).toBe(0);
  }
  if (truth.finished === false) expect(profile.processes.some(({ finished }) => finished)).toBe(false);
  for (const process of profile.processes) {
    expect(process.python).toMatch(new RegExp(`^${python.name}\\.`));
    expect(process.durationNs).toBeGreaterThan(0);
  }
}

function checkCounts(sites: readonly SiteStats[], truth: Truth): void {
  const counts = countsByName(sites, ({ count }) => count);
  if (truth.refusedAtLeast === undefined) expect(counts).toMatchObject(truth.counts);
  if (truth.total !== undefined) expect(Object.values(counts).reduce((a, b) => a + b, 0)).toBe(truth.total);
  else if (truth.refusedAtLeast === undefined)
    expect(Object.keys(counts).sort()).toEqual(Object.keys(truth.counts).sort());
  if (truth.raised !== undefined) expect(countsByName(sites, ({ raised }) => raised)).toEqual(truth.raised);
  const totals = countsByName(sites, ({ totalNs }) => totalNs);
  for (const [name, least] of Object.entries(truth.atLeastNs ?? {}))
    expect(totals[name]).toBeGreaterThan(least);
  // One expectation for all: there can be 100,000 sites.
  const inHistogram = ({ histogram }: SiteStats): number => histogram.counts.reduce((a, b) => a + b, 0);
  const isWrong = (site: SiteStats): boolean =>
    inHistogram(site) !== site.count || site.selfNs > site.totalNs * (1 + 1e-9);
  expect(sites.filter(isWrong)).toEqual([]);
  // 256 bytes of counters and 128 for each octave of durations seen
  if (truth.size !== undefined) expect(truth.size).toBeLessThan(100e6);
}
