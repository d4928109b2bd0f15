import type { Profile } from '../profile/profile.ts';
import type { MetricName, ProfileFormat } from './format.ts';
import { jsonList, title } from './speedscope.ts';
import { type Frame, METRIC_NAMES, METRICS, type Stack, stacksOf } from './stacks.ts';

/** The processed format of this version; the Firefox Profiler upgrades older ones. */
const PROCESSED_VERSION = 48;
const GECKO_VERSION = 30;

const CATEGORIES = [
  { name: 'Operation', color: 'magenta', subcategories: ['Other'] },
  { name: 'Python', color: 'yellow', subcategories: ['Other'] },
  { name: 'GC', color: 'orange', subcategories: ['Other'] },
  { name: 'Other', color: 'grey', subcategories: ['Other'] },
];

const CATEGORY_OF: Readonly<Record<Frame['kind'], number>> = {
  operation: 0,
  operands: 0,
  function: 1,
  file: 1,
  collection: 2,
  root: 3,
};

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
    for (const metric of METRIC_NAMES) {
      const thread = new ThreadTables(metric);
      for (const stack of stacksOf(profile)) thread.add(stack);
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

/** The tables of a thread. Columns are lists of the same length. */
class ThreadTables {
  length = 0;
  readonly #metric: MetricName;
  readonly #strings = new Map<string, number>();
  readonly #resources = new Map<string, number>();
  readonly #functions = new Map<string, number>();
  readonly #stacks = new Map<string, number>();
  readonly #frames: Frame[] = [];
  readonly #stackFrame: number[] = [];
  readonly #stackPrefix: (number | null)[] = [];
  readonly #sampleStack: number[] = [];
  readonly #sampleWeight: number[] = [];
  readonly #sampleTime: number[] = [];
  readonly #markers: object[] = [];
  readonly #markerEnd: number[] = [];
  #now = 0;

  constructor(metric: MetricName) {
    this.#metric = metric;
  }

  add(stack: Stack): void {
    const { of, unit } = METRICS[this.#metric];
    const value = of(stack);
    if (value <= 0) return;
    // Nanoseconds are shown as milliseconds; executions as samples, a microsecond apart.
    const weight = unit === 'nanoseconds' ? value / 1e6 : value;
    let prefix: number | null = null;
    for (const frame of stack.frames) prefix = this.#stack(frame, prefix);
    this.#sampleStack.push(prefix ?? 0);
    this.#sampleWeight.push(weight);
    this.#sampleTime.push(this.#now);
    this.#now += unit === 'nanoseconds' ? weight : weight / 1000;
    this.#markers.push(markerOf(stack));
    this.#markerEnd.push(this.#now);
    this.length++;
  }

  *write(profile: Profile, isMainThread: boolean): Generator<string> {
    const { about, unit } = METRICS[this.#metric];
    const { length } = this;
    const zeroes = (count: number): number[] => new Array<number>(count).fill(0);
    const nulls = (count: number): null[] => new Array<null>(count).fill(null);
    const [functions, stacks] = [this.#frames.length, this.#stackFrame.length];
    const categories = this.#frames.map(({ kind }) => CATEGORY_OF[kind]);
    const operation = this.#string('Operation');
    const funcTable = {
      name: this.#frames.map(({ name }) => this.#string(name)),
      isJS: this.#frames.map(() => false),
      relevantForJS: this.#frames.map(() => false),
      resource: this.#frames.map((frame) => this.#resource(frame)),
      fileName: this.#frames.map(({ file }) => (file === '' ? null : this.#string(file))),
      lineNumber: this.#frames.map(({ line }) => line),
      columnNumber: this.#frames.map(({ column }) => (column === null ? null : column + 1)),
    };
    const resourceNames = [...this.#resources.keys()].map((file) => this.#string(file));
    const samples = {
      stack: this.#sampleStack,
      time: this.#sampleTime,
      weight: this.#sampleWeight,
    };
    const head = {
      name: about,
      isMainThread,
      processType: 'default',
      processName: 'Python',
      processStartupTime: 0,
      processShutdownTime: null,
      registerTime: 0,
      unregisterTime: null,
      pausedRanges: [],
      pid: String(profile.processes[0]?.pid ?? 0),
      tid: this.#metric,
    };
    yield `${JSON.stringify(head).slice(0, -1)},"samples":`;
    const weightType = unit === 'nanoseconds' ? 'tracing-ms' : 'samples';
    yield* jsonTable(samples, length, { weightType });
    yield ',"markers":';
    yield* jsonTable(
      {
        data: this.#markers,
        name: new Array<number>(length).fill(operation),
        startTime: this.#sampleTime,
        endTime: this.#markerEnd,
        phase: new Array<number>(length).fill(1),
        category: zeroes(length),
      },
      length,
    );
    yield ',"stackTable":';
    yield* jsonTable(
      {
        frame: this.#stackFrame,
        prefix: this.#stackPrefix,
        category: this.#stackFrame.map((frame) => categories[frame]),
        subcategory: zeroes(stacks),
      },
      stacks,
    );
    yield ',"frameTable":';
    yield* jsonTable(
      {
        address: new Array<number>(functions).fill(-1),
        inlineDepth: zeroes(functions),
        category: categories,
        subcategory: zeroes(functions),
        func: this.#frames.map((_, i) => i),
        nativeSymbol: nulls(functions),
        innerWindowID: nulls(functions),
        implementation: nulls(functions),
        line: funcTable.lineNumber,
        column: funcTable.columnNumber,
      },
      functions,
    );
    yield ',"funcTable":';
    yield* jsonTable(funcTable, functions);
    yield ',"resourceTable":';
    const count = resourceNames.length;
    const resources = { lib: nulls(count), name: resourceNames, host: nulls(count), type: zeroes(count) };
    yield* jsonTable(resources, count);
    yield ',"nativeSymbols":';
    yield* jsonTable({ libIndex: [], address: [], name: [], functionSize: [] }, 0);
    yield ',"stringArray":';
    yield* jsonList([...this.#strings.keys()]);
    yield '}';
  }

  #stack(frame: Frame, prefix: number | null): number {
    const func = this.#function(frame);
    const key = `${func} ${prefix}`;
    const known = this.#stacks.get(key);
    if (known !== undefined) return known;
    this.#stacks.set(key, this.#stackFrame.length);
    this.#stackPrefix.push(prefix);
    return this.#stackFrame.push(func) - 1;
  }

  /** A frame is a function here: operations are told apart by it. */
  #function(frame: Frame): number {
    const known = this.#functions.get(frame.key);
    if (known !== undefined) return known;
    this.#functions.set(frame.key, this.#frames.length);
    return this.#frames.push(frame) - 1;
  }

  #resource({ file }: Frame): number {
    if (file === '') return -1;
    const number = this.#resources.get(file) ?? this.#resources.size;
    this.#resources.set(file, number);
    return number;
  }

  #string(text: string): number {
    const number = this.#strings.get(text) ?? this.#strings.size;
    this.#strings.set(text, number);
    return number;
  }
}

function markerOf({ frames, site, variant, count, raised }: Stack): object {
  const counters = variant ?? site;
  const inner = frames.at(-1);
  const operands = inner?.kind === 'operands' ? inner.name : '';
  const operation = frames.findLast(({ kind }) => kind !== 'operands')?.name ?? '';
  const times =
    counters === null
      ? {}
      : { p50: counters.p50Ns ?? 0, p99: counters.p99Ns ?? 0, longest: counters.maxNs ?? 0 };
  return { type: 'Operation', operation, function: site?.function ?? '', operands, count, raised, ...times };
}

function* jsonTable(
  columns: Readonly<Record<string, readonly unknown[]>>,
  length: number,
  more: Readonly<Record<string, string>> = {},
): Generator<string> {
  yield `${JSON.stringify({ length, ...more }).slice(0, -1)}`;
  for (const [name, values] of Object.entries(columns)) {
    yield `,${JSON.stringify(name)}:`;
    yield* jsonList(values);
  }
  yield '}';
}
