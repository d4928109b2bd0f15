import { categoryOf } from '../findings/categories.ts';
import type { Counters, Interval } from '../profile/profile.ts';
import type { Cell, Table, TableColumn } from './format.ts';
import { type OperationRow, operationRows } from './operation-rows.ts';
import { RUN_COLUMNS } from './run-columns.ts';

type Column = TableColumn<OperationRow>;

/** One row for each site and each kind of operands that it ran on. */
export const OPERATIONS: Table<OperationRow> = {
  name: 'ops',
  doc: 'One row for each operation at its place and each kind of operands that it ran on. Counts and times of all rows add up to those of the run.',
  columns: [
    ...RUN_COLUMNS.map(({ value, ...column }) => ({
      ...column,
      value: ({ profile }: OperationRow) => value(profile),
    })),
    text(
      'site',
      'Identity of the place: the same in every run of the same code',
      ({ site }) => `${site.table}:${site.position}`,
    ),
    text('file', 'Absolute path of the source', ({ site }) => site.file),
    text('function', 'Qualified name; `<module>` for the top level of a module', ({ site }) => site.function),
    integer('line', 'First line, from 1', ({ site }) => site.line),
    integer('end_line', 'Last line', ({ site }) => site.endLine),
    integer(
      'col',
      'First column, from 0, in bytes of UTF-8; null in versions without columns',
      ({ site }) => site.column,
    ),
    integer('end_col', 'Behind the last column', ({ site }) => site.endColumn),
    text('opcode', "CPython's own name in that version", ({ site }) => site.opcode),
    text(
      'category',
      'What the time went into, as in the report: attribute, property, call …',
      ({ site, variant }) => categoryOf(site, variant ?? undefined),
    ),
    nullable(
      'name',
      'What the operand names: the attribute, the global, the operator',
      ({ site }) => site.name,
    ),
    text(
      'kind',
      '`operation`, or `await`: a span in which other code ran; leave it out of sums of time',
      ({ site }) => site.kind,
    ),
    nullable(
      'how',
      'What the executions have in common: `types`, `property`, `C function` …; null where nobody looked',
      ({ variant }) => variant?.how ?? null,
    ),
    nullable('type', 'Type of the operand, of the first of two', ({ variant }) => variant?.type ?? null),
    nullable('other_type', 'Type of the second operand', ({ variant }) => variant?.otherType ?? null),
    nullable('callee', 'What was called', ({ variant }) => variant?.callee ?? null),
    nullable('freed', 'Type of the object that was freed', ({ variant }) => variant?.freed ?? null),
    flag(
      'first',
      'True in one row of each site; columns marked * are null in its others',
      ({ isFirst }) => isFirst,
    ),
    counter('count', 'Executions that ended, by an exception or not; exact', ({ count }) => count),
    counter('raised', 'Executions that ended by an exception; exact', ({ raised }) => raised),
    time('total_ns', 'Inclusive time; recursion counts once', ({ totalNs }) => totalNs),
    time('self_ns', 'The same without the measured operations inside', ({ selfNs }) => selfNs),
    time('min_ns', 'Shortest execution; null when there was none', ({ minNs }) => minNs, true),
    time('p50_ns', 'Median', ({ p50Ns }) => p50Ns, true),
    time('p90_ns', '90th percentile', ({ p90Ns }) => p90Ns, true),
    time('p99_ns', '99th percentile', ({ p99Ns }) => p99Ns, true),
    time('max_ns', 'Longest execution', ({ maxNs }) => maxNs, true),
    {
      ...{ name: 'hist_ns', type: 'numbers', nullable: false, unit: 'ns' },
      doc: 'Histogram: durations, rising, each the middle of a bucket at most 1/32 of it wide',
      value: ({ counters }) => counters.histogram.values,
    },
    {
      ...{ name: 'hist_count', type: 'integers', nullable: false, unit: 'executions' },
      doc: 'Histogram: executions of each of these durations',
      value: ({ counters }) => counters.histogram.counts,
    },
    ofSite(
      'swallowed',
      'executions',
      'Executions that ended normally although an operation directly inside raised',
      ({ site }) => site.swallowed,
    ),
    ofSite(
      'suspended',
      'executions',
      'Awaits that were suspended at least once',
      ({ site }) => site.suspensions?.count,
    ),
    ofSite('suspensions', 'executions', 'Suspensions of all of them', ({ site }) => site.suspensions?.times),
    ofSite('suspended_ns', 'ns', 'Time suspended', ({ site }) => site.suspensions?.totalNs),
    ofSite('off_cpu', 'executions', 'Executions that were off the CPU', ({ site }) => site.offCpu?.count),
    ofSite('off_cpu_ns', 'ns', 'Time off the CPU, at most', ({ site }) => site.offCpu?.totalNs),
    ofSite('off_cpu_least_ns', 'ns', 'Time off the CPU, for certain', ({ site }) => site.offCpu?.leastNs),
    ofSite(
      'gil_ns',
      'ns',
      'The part that may have been for the GIL, at most',
      ({ site }) => site.offCpu?.gilNs,
    ),
    ofSite(
      'gc',
      'executions',
      'Garbage collections that struck in it; null where none were recorded',
      (row) => collections(row)?.count,
    ),
    ofSite('gc_ns', 'ns', 'Their time, which is in no other column', (row) => collections(row)?.ns),
    ...estimated('count', 'executions', ({ site }) => site.estimate?.count),
    ...estimated('total_ns', 'ns', ({ site }) => site.estimate?.totalNs),
    ...estimated('self_ns', 'ns', ({ site }) => site.estimate?.selfNs),
  ],
};

/** The rows of one profile. */
export function operations(profile: OperationRow['profile']): Iterable<OperationRow> {
  return operationRows(profile);
}

function text(name: string, doc: string, value: (row: OperationRow) => string): Column {
  return { name, type: 'text', nullable: false, doc, value };
}

function nullable(name: string, doc: string, value: (row: OperationRow) => string | null): Column {
  return { name, type: 'text', nullable: true, doc, value };
}

function integer(name: string, doc: string, value: (row: OperationRow) => number | null): Column {
  return { name, type: 'integer', nullable: true, doc, value };
}

function flag(name: string, doc: string, value: (row: OperationRow) => boolean): Column {
  return { name, type: 'flag', nullable: false, doc, value };
}

function counter(name: string, doc: string, of: (counters: Counters) => number): Column {
  const value = ({ counters }: OperationRow): number => of(counters);
  return { name, type: 'integer', nullable: false, unit: 'executions', doc, value };
}

function time(
  name: string,
  doc: string,
  of: (counters: Counters) => number | null,
  isNullable = false,
): Column {
  const value = ({ counters }: OperationRow): number | null => of(counters);
  return { name, type: 'number', nullable: isNullable, unit: 'ns', doc, value };
}

/** What is known of the whole site stands in its first row only, so that sums are right. */
function ofSite(
  name: string,
  unit: 'ns' | 'executions',
  doc: string,
  of: (row: OperationRow) => number | undefined,
): Column {
  const value = (row: OperationRow): Cell => (row.isFirst ? (of(row) ?? null) : null);
  return { name, type: unit === 'ns' ? 'number' : 'integer', nullable: true, unit, doc: `* ${doc}`, value };
}

/** Of sampled profiles, whose other columns hold the timed executions only. */
function estimated(
  name: string,
  unit: 'ns' | 'executions',
  of: (row: OperationRow) => Interval | undefined,
): Column[] {
  const one = (suffix: string, doc: string, part: keyof Interval): Column => ({
    ...ofSite(`est_${name}${suffix}`, unit, doc, (row) => of(row)?.[part]),
    type: 'number',
  });
  return [
    one('', `Sampled runs: estimate of \`${name}\` of all executions of the site`, 'value'),
    one('_low', 'The true value lies above it with 97.5 % confidence', 'low'),
    one('_high', 'The true value lies below it with 97.5 % confidence', 'high'),
  ];
}

const COLLECTIONS = new WeakMap<object, ReadonlyMap<number | null, { count: number; ns: number }>>();

/** Collections by site, added up once for a profile. */
function collections({ profile, index }: OperationRow): { count: number; ns: number } | undefined {
  if (profile.collections.length === 0) return undefined;
  const known = COLLECTIONS.get(profile) ?? collectionsBySite(profile);
  COLLECTIONS.set(profile, known);
  return known.get(index) ?? { count: 0, ns: 0 };
}

function collectionsBySite(
  profile: OperationRow['profile'],
): ReadonlyMap<number | null, { count: number; ns: number }> {
  const sums = new Map<number | null, { count: number; ns: number }>();
  for (const { site, count, totalNs } of profile.collections) {
    const sum = sums.get(site) ?? { count: 0, ns: 0 };
    sums.set(site, { count: sum.count + count, ns: sum.ns + totalNs });
  }
  return sums;
}
