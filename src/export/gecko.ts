import type { Profile } from '../profile/profile.ts';
import type { ProfileFormat } from './format.ts';
import { ThreadTables } from './gecko-thread.ts';
import { title } from './speedscope.ts';
import { METRIC_NAMES, stacksOf } from './stacks.ts';

/** The processed format of this version; the Firefox Profiler upgrades older ones. */
const PROCESSED_VERSION = 48;
const GECKO_VERSION = 30;

/** A frame's kind tells its category: {@link ThreadTables}. */
const CATEGORIES = [
  { name: 'Operation', color: 'magenta', subcategories: ['Other'] },
  { name: 'Python', color: 'yellow', subcategories: ['Other'] },
  { name: 'GC', color: 'orange', subcategories: ['Other'] },
  { name: 'Other', color: 'grey', subcategories: ['Other'] },
];

const MARKER = {
  name: 'Operation',
  display: ['marker-table', 'marker-chart'],
  tooltipLabel: '{marker.data.operation}',
  tableLabel: '{marker.data.operation} in {marker.data.function}',
  chartLabel: '{marker.data.operation}',
  data: [
    { key: 'operation', label: 'Operation', format: 'string', searchable: true },
    { key: 'function', label: 'Function', format: 'string', searchable: true },
    { key: 'operands', label: 'Operands', format: 'string', searchable: true },
    { key: 'count', label: 'Executions', format: 'integer' },
    { key: 'raised', label: 'Exceptions', format: 'integer' },
    { key: 'p50', label: 'Median', format: 'nanoseconds' },
    { key: 'p99', label: '99th percentile', format: 'nanoseconds' },
    { key: 'longest', label: 'Longest', format: 'nanoseconds' },
  ],
};

/** One thread for each metric. Samples stand one behind the other, each as long as its weight. */
export const gecko: ProfileFormat = {
  summary: 'Firefox Profiler: profiler.firefox.com',
  extensions: ['gecko.json', 'firefox.json'],
  binary: false,
  *write(profile) {
    yield `{"meta":${JSON.stringify(metaOf(profile))},"libs":[],"pages":[],"threads":[`;
    let isFirst = true;
    const stacks = [...stacksOf(profile)];
    for (const metric of METRIC_NAMES) {
      const thread = new ThreadTables(metric);
      for (const stack of stacks) thread.add(stack);
      if (thread.length === 0) continue;
      if (!isFirst) yield ',';
      yield* thread.write(profile, isFirst);
      isFirst = false;
    }
    yield ']}\n';
  },
};

function metaOf(profile: Profile): object {
  return {
    interval: 1,
    startTime: (profile.processes[0]?.startUnixNs ?? 0) / 1e6,
    processType: 0,
    product: title(profile),
    stackwalk: 0,
    version: GECKO_VERSION,
    preprocessedProfileVersion: PROCESSED_VERSION,
    categories: CATEGORIES,
    markerSchema: [MARKER],
    importedFrom: 'pyrewrite',
    symbolicated: true,
    extensions: { id: [], name: [], baseURL: [], length: 0 },
  };
}
