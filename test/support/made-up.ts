/** Made-up sites and profiles, for all tests that want some. */
import { EMPTY_HISTOGRAM } from '../../src/profile/histogram.ts';
import type {
  Counters,
  Losses,
  ProcessInfo,
  Profile,
  SiteStats,
  VariantStats,
} from '../../src/profile/profile.ts';

/** Counters of executions that all took as long. */
export function counters(count: number, eachNs: number, different: Partial<Counters> = {}): Counters {
  return {
    count,
    raised: 0,
    totalNs: count * eachNs,
    selfNs: count * eachNs,
    minNs: eachNs,
    maxNs: eachNs,
    p50Ns: eachNs,
    p90Ns: eachNs,
    p99Ns: eachNs,
    histogram: count === 0 ? EMPTY_HISTOGRAM : { values: [eachNs], counts: [count] },
    ...different,
  };
}

/** Counters of what never ran. */
export const NEVER: Counters = {
  ...counters(0, 0),
  minNs: null,
  maxNs: null,
  p50Ns: null,
  p90Ns: null,
  p99Ns: null,
};

/** A variant, of no type. */
export function variant(how: VariantStats['how'], count: number, eachNs: number): VariantStats {
  return {
    how,
    type: null,
    otherType: null,
    callee: null,
    frees: null,
    freed: null,
    ...counters(count, eachNs),
  };
}

/** A site that never ran, with what a test wants to be different. */
export function siteStats(different: Partial<SiteStats> = {}): SiteStats {
  return {
    file: '/app/a.py',
    function: 'f',
    line: 1,
    endLine: 1,
    column: 0,
    endColumn: 3,
    opcode: 'LOAD_ATTR',
    name: 'x',
    kind: 'operation',
    swallowed: 0,
    suspensions: null,
    offCpu: null,
    estimate: null,
    variants: [],
    table: 'table',
    position: 0,
    ...NEVER,
    ...different,
  };
}

/** The counts of a profile in which nothing was lost. */
export const NO_LOSS: Losses = {
  spans: 0,
  ends: 0,
  abandonedAwaits: 0,
  refusedTables: 0,
  unrecordedSites: 0,
  unrecordedDurations: 0,
  unrecordedContexts: 0,
};

/** A process that ran for a second. */
export function processInfo(different: Partial<ProcessInfo> = {}): ProcessInfo {
  return {
    pid: 1,
    parentPid: 0,
    python: '3.12.1',
    command: ['app.py'],
    executable: '/usr/bin/python3',
    cwd: '/app',
    host: 'machine',
    startUnixNs: 0,
    durationNs: 1e9,
    offNs: 0,
    threads: 1,
    finished: true,
    coarse: false,
    ...different,
  };
}

/** A profile of one process that ran for a second. */
export function profileOf(sites: readonly SiteStats[], different: Partial<Profile> = {}): Profile {
  return {
    python: '3.12.1',
    clock: { source: 'tsc', ticksPerSecond: 1e9 },
    probe: { pairNs: 10, floorNs: 5, spreadNs: 1, innerNs: 4, looksNs: 0, excessNs: 0 },
    processes: [processInfo()],
    durationNs: 1e9,
    lost: NO_LOSS,
    notes: [],
    collections: [],
    contexts: [],
    sampling: null,
    sites,
    ...different,
  };
}
