import type { Report, ReportSite } from '../../src/report/report.ts';
import { NO_LOSS } from '../support/made-up.ts';

/** A site like most, with what a test wants to be different. */
export function site(different: Partial<ReportSite> = {}): ReportSite {
  return {
    file: '/project/app/aggregate.py',
    function: 'Hour.add',
    line: 18,
    endLine: 18,
    column: 22,
    endColumn: 41,
    opcode: 'LOAD_ATTR',
    name: 'celsius',
    kind: 'operation',
    count: 198_016,
    raised: 0,
    swallowed: 0,
    totalNs: 250_000_000,
    selfNs: 120_000_000,
    minNs: 900,
    maxNs: 45_000,
    p50Ns: 1200,
    p90Ns: 1500,
    p99Ns: 2100,
    suspensions: null,
    offCpu: null,
    estimate: null,
    variants: [],
    ...different,
  };
}

/** A site that never ran. */
export const IDLE: Partial<ReportSite> = {
  count: 0,
  totalNs: 0,
  selfNs: 0,
  minNs: null,
  maxNs: null,
  p50Ns: null,
  p90Ns: null,
  p99Ns: null,
};

/** A report with these sites. */
export function report(sites: readonly ReportSite[], different: Partial<Report> = {}): Report {
  return {
    schema: 'pyrewrite-report/1',
    python: '3.12.1',
    clock: { source: 'tsc', ticksPerSecond: 2_400_000_000 },
    probe: { pairNs: 14.2, floorNs: 4.2, spreadNs: 0.8, innerNs: 5.1, looksNs: 0, excessNs: 0 },
    processes: [
      {
        pid: 100,
        parentPid: 1,
        python: '3.12.1',
        command: ['app.py'],
        executable: '/usr/bin/python3',
        cwd: '/project',
        host: 'machine',
        startUnixNs: 1_700_000_000_000_000_000,
        durationNs: 2_000_000_000,
        offNs: 0,
        threads: 1,
        finished: true,
        coarse: false,
      },
    ],
    contexts: [],
    durationNs: 2_000_000_000,
    lost: NO_LOSS,
    notes: [],
    collections: [],
    notMeasured: { files: [], operations: [] },
    sampling: null,
    wholeNs: 2_000_000_000,
    waitingNs: 0,
    freed: [],
    categories: [],
    findings: [],
    sites,
    ...different,
  };
}
