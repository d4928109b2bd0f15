import { categoryOf } from '../findings/categories.ts';
import type { Profile } from '../profile/profile.ts';
import type { ProfileFormat } from './format.ts';
import { type OperationRow, operationRows } from './operation-rows.ts';

/** A metric of operations: name, type, unit, help, and the samples of a row. */
interface Family {
  readonly name: string;
  readonly type: 'counter' | 'summary' | 'gauge';
  readonly unit?: string;
  readonly help: string;
  readonly samples: (row: OperationRow) => Iterable<readonly [suffix: string, label: string, value: number]>;
}

const QUANTILES = [
  ['0.5', 'p50Ns'],
  ['0.9', 'p90Ns'],
  ['0.99', 'p99Ns'],
] as const;

const FAMILIES: readonly Family[] = [
  {
    name: 'pyrewrite_operation_duration_seconds',
    type: 'summary',
    unit: 'seconds',
    help: 'Inclusive durations of the executions of an operation; the sum counts recursion once.',
    *samples({ counters }) {
      for (const [quantile, key] of QUANTILES) {
        const value = counters[key];
        if (value !== null) yield ['', `quantile="${quantile}"`, value / 1e9];
      }
      yield ['_count', '', counters.count];
      yield ['_sum', '', counters.totalNs / 1e9];
    },
  },
  {
    name: 'pyrewrite_operation_self_seconds',
    type: 'counter',
    unit: 'seconds',
    help: 'Time of an operation without the measured operations inside.',
    *samples({ counters }) {
      yield ['_total', '', counters.selfNs / 1e9];
    },
  },
  {
    name: 'pyrewrite_operation_raised',
    type: 'counter',
    help: 'Executions of an operation that ended by an exception.',
    *samples({ counters }) {
      yield ['_total', '', counters.raised];
    },
  },
];

/** Operations that never ran are left out. */
export const openMetrics: ProfileFormat = {
  summary: 'OpenMetrics text: Prometheus, the textfile collector of node_exporter',
  extensions: ['prom', 'om', 'openmetrics'],
  binary: false,
  *write(profile, { labels = {} }) {
    const more = Object.entries(labels).map(([name, value]) => label(name, value));
    for (const family of FAMILIES) {
      yield heading(family);
      for (const row of operationRows(profile)) {
        if (row.counters.count === 0 && row.counters.raised === 0) continue;
        const own = [...more, ...rowLabels(row)];
        for (const [suffix, extra, value] of family.samples(row)) {
          const all = extra === '' ? own : [...own, extra];
          yield `${family.name}${suffix}{${all.join(',')}} ${number(value)}\n`;
        }
      }
    }
    yield* runMetrics(profile, more);
    yield '# EOF\n';
  },
};

function heading({ name, type, unit, help }: Omit<Family, 'samples'>): string {
  return `# TYPE ${name} ${type}\n${unit === undefined ? '' : `# UNIT ${name} ${unit}\n`}# HELP ${name} ${help}\n`;
}

function rowLabels({ site, variant }: OperationRow): string[] {
  const { file, line, column, opcode, name, kind, table, position } = site;
  return [
    ...[label('file', file), label('function', site.function)],
    ...[label('line', String(line ?? '')), label('column', String(column ?? ''))],
    ...[label('opcode', opcode), label('name', name ?? ''), label('kind', kind)],
    label('category', categoryOf(site, variant ?? undefined)),
    ...[label('how', variant?.how ?? ''), label('type', variant?.type ?? '')],
    ...[label('other_type', variant?.otherType ?? ''), label('callee', variant?.callee ?? '')],
    label('freed', variant?.freed ?? ''),
    // Two operations of a line can be alike in all of these.
    label('site', `${table}:${position}`),
  ];
}

function* runMetrics(profile: Profile, more: readonly string[]): Generator<string> {
  const { probe, processes, durationNs } = profile;
  const labels = [...more, label('python', profile.python)].join(',');
  const gauges = [
    ['pyrewrite_processes', '', 'Processes that left a profile.', processes.length],
    ['pyrewrite_run_duration_seconds', 'seconds', 'From the first start to the last end.', durationNs / 1e9],
    ['pyrewrite_probe_pair_seconds', 'seconds', 'What measuring an operation costs.', probe.pairNs / 1e9],
    [
      'pyrewrite_floor_seconds',
      'seconds',
      'Durations up to this one are as good as zero.',
      probe.floorNs / 1e9,
    ],
  ] as const;
  for (const [name, unit, help, value] of gauges) {
    yield heading({ name, type: 'gauge', help, ...(unit === '' ? {} : { unit }) });
    yield `${name}{${labels}} ${number(value)}\n`;
  }
}

function label(name: string, value: string): string {
  const escaped = value.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
  return `${name}="${escaped}"`;
}

function number(value: number): string {
  return String(value);
}
