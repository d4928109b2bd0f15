import type { Profile } from '../profile/profile.ts';
import type { TableColumn } from './format.ts';

/** What a row says of its run: one process, or the sum of several. */
export const RUN_COLUMNS: readonly TableColumn<Profile>[] = [
  {
    name: 'run',
    type: 'text',
    nullable: false,
    doc: 'Identity of the run: host, process and start of its first process',
    value: runOf,
  },
  {
    name: 'host',
    type: 'text',
    nullable: true,
    doc: 'Machine; null when there are several',
    value: ({ processes }) => same(processes.map(({ host }) => host)),
  },
  {
    name: 'pid',
    type: 'integer',
    nullable: true,
    doc: 'Process; null when there are several',
    value: ({ processes }) => (processes.length === 1 ? processes[0].pid : null),
  },
  {
    name: 'processes',
    type: 'integer',
    nullable: false,
    doc: 'Processes that the row is a sum of',
    value: ({ processes }) => processes.length,
  },
  {
    name: 'python',
    type: 'text',
    nullable: false,
    doc: 'Version of the Python that ran; several, joined by a comma and a blank',
    value: ({ python }) => python,
  },
  {
    name: 'started_ns',
    type: 'integer',
    nullable: false,
    unit: 'ns',
    doc: 'When the first process began: Unix time',
    value: startOf,
  },
  {
    name: 'run_ns',
    type: 'number',
    nullable: false,
    unit: 'ns',
    doc: 'From the start of the first process to the end of the last',
    value: ({ durationNs }) => durationNs,
  },
  {
    name: 'process_ns',
    type: 'number',
    nullable: false,
    unit: 'ns',
    doc: 'Time of all processes together: what shares are parts of',
    value: ({ processes }) => processes.reduce((sum, { durationNs }) => sum + durationNs, 0),
  },
  {
    name: 'floor_ns',
    type: 'number',
    nullable: false,
    unit: 'ns',
    doc: 'Durations up to this one cannot be told from zero',
    value: ({ probe }) => probe.floorNs,
  },
];

/** `host:pid:start`: no two processes have the same. */
export function runOf(profile: Profile): string {
  const first = profile.processes.toSorted((a, b) => a.startUnixNs - b.startUnixNs)[0];
  return first === undefined ? '' : `${first.host}:${first.pid}:${first.startUnixNs}`;
}

function startOf({ processes }: Profile): number {
  return processes.reduce(
    (least, { startUnixNs }) => Math.min(least, startUnixNs),
    processes[0]?.startUnixNs ?? 0,
  );
}

function same(values: readonly string[]): string | null {
  return values.length > 0 && values.every((value) => value === values[0]) ? values[0] : null;
}
