import type { Profile } from '../profile/profile.ts';
import type { MetricName } from './format.ts';
import type { Frame } from './frames.ts';
import { jsonList, mapped } from './speedscope.ts';
import { METRICS, type Stack } from './stacks.ts';

/** Numbers of the categories that the profile's head lists. */
const CATEGORY_OF: Readonly<Record<Frame['kind'], number>> = {
  operation: 0,
  operands: 0,
  function: 1,
  file: 1,
  collection: 2,
  root: 3,
};

/** Functions of a thread are fewer. */
const MOST_FUNCTIONS = 2 ** 26;

type Columns = Readonly<Record<string, Iterable<unknown>>>;

/** The tables of a thread, which shows one metric. Columns are lists of the same length, made while they are written. */
export class ThreadTables {
  readonly #metric: MetricName;
  readonly #strings = new Map<string, number>();
  readonly #resources = new Map<string, number>();
  /** A frame is a function here: operations are told apart by it. */
  readonly #functions = new Map<Frame, number>();
  /** By the stack around and the function. */
  readonly #known = new Map<number, number>();
  readonly #stackFunction: number[] = [];
  readonly #stackPrefix: (number | null)[] = [];
  readonly #samples: Stack[] = [];
  readonly #sampleStack: number[] = [];

  constructor(metric: MetricName) {
    this.#metric = metric;
  }

  /** Samples: stacks that have something of the metric. */
  get length(): number {
    return this.#samples.length;
  }

  /** Takes in a stack, unless it has nothing of the metric. */
  add(stack: Stack): void {
    if (METRICS[this.#metric].of(stack) <= 0) return;
    let prefix: number | null = null;
    for (const frame of stack.frames) prefix = this.#stack(frame, prefix);
    this.#samples.push(stack);
    this.#sampleStack.push(prefix ?? 0);
  }

  /** The thread as JSON. */
  *write(profile: Profile, isMainThread: boolean): Generator<string> {
    const pid = String(profile.processes[0]?.pid ?? 0);
    yield `${JSON.stringify({ ...this.#head(isMainThread), pid, tid: this.#metric }).slice(0, -1)},"samples":`;
    const weightType = METRICS[this.#metric].unit === 'nanoseconds' ? 'tracing-ms' : 'samples';
    yield* jsonTable(this.#sampleColumns(), this.length, { weightType });
    yield ',"markers":';
    yield* jsonTable(this.#markerColumns(), this.length);
    yield ',"stackTable":';
    yield* jsonTable(this.#stackColumns(), this.#stackFunction.length);
    yield ',"frameTable":';
    yield* jsonTable(this.#frameColumns(), this.#functions.size);
    yield ',"funcTable":';
    yield* jsonTable(this.#functionColumns(), this.#functions.size);
    yield ',"resourceTable":';
    yield* jsonTable(this.#resourceColumns(), this.#resources.size);
    yield ',"nativeSymbols":';
    yield* jsonTable({ libIndex: [], address: [], name: [], functionSize: [] }, 0);
    yield ',"stringArray":';
    yield* jsonList(this.#strings.keys());
    yield '}';
  }

  #head(isMainThread: boolean): object {
    return {
      name: METRICS[this.#metric].about,
      isMainThread,
      processType: 'default',
      processName: 'Python',
      processStartupTime: 0,
      processShutdownTime: null,
      registerTime: 0,
      unregisterTime: null,
      pausedRanges: [],
    };
  }

  #sampleColumns(): Columns {
    return { stack: this.#sampleStack, time: this.#times('start'), weight: this.#weights() };
  }

  #markerColumns(): Columns {
    const { length } = this;
    return {
      data: mapped(this.#samples, markerOf),
      name: repeated(this.#string('Operation'), length),
      startTime: this.#times('start'),
      endTime: this.#times('end'),
      phase: repeated(1, length),
      category: repeated(0, length),
    };
  }

  #stackColumns(): Columns {
    const categories = [...this.#functions.keys()].map(({ kind }) => CATEGORY_OF[kind]);
    return {
      frame: this.#stackFunction,
      prefix: this.#stackPrefix,
      category: mapped(this.#stackFunction, (frame) => categories[frame]),
      subcategory: repeated(0, this.#stackFunction.length),
    };
  }

  #frameColumns(): Columns {
    const { size } = this.#functions;
    const frames = this.#functions;
    return {
      address: repeated(-1, size),
      inlineDepth: repeated(0, size),
      category: mapped(frames.keys(), ({ kind }) => CATEGORY_OF[kind]),
      subcategory: repeated(0, size),
      func: frames.values(),
      nativeSymbol: repeated(null, size),
      innerWindowID: repeated(null, size),
      implementation: repeated(null, size),
      line: mapped(frames.keys(), ({ line }) => line),
      column: mapped(frames.keys(), columnOf),
    };
  }

  #functionColumns(): Columns {
    const { size } = this.#functions;
    const column = (value: (frame: Frame) => unknown) => mapped(this.#functions.keys(), value);
    return {
      name: column(({ name }) => this.#string(name)),
      isJS: repeated(false, size),
      relevantForJS: repeated(false, size),
      resource: column((frame) => this.#resource(frame)),
      fileName: column(({ file }) => (file === '' ? null : this.#string(file))),
      lineNumber: column(({ line }) => line),
      columnNumber: column(columnOf),
    };
  }

  /** Behind those of functions, which tell the resources. */
  #resourceColumns(): Columns {
    const { size } = this.#resources;
    return {
      lib: repeated(null, size),
      name: mapped(this.#resources.keys(), (file) => this.#string(file)),
      host: repeated(null, size),
      type: repeated(0, size),
    };
  }

  /** Nanoseconds are shown as milliseconds; executions as samples. */
  *#weights(): Generator<number> {
    const { of, unit } = METRICS[this.#metric];
    for (const stack of this.#samples) yield unit === 'nanoseconds' ? of(stack) / 1e6 : of(stack);
  }

  /** Samples stand one behind the other, each as long as its weight; executions are a microsecond apart. */
  *#times(which: 'start' | 'end'): Generator<number> {
    const { unit } = METRICS[this.#metric];
    let now = 0;
    for (const weight of this.#weights()) {
      if (which === 'start') yield now;
      now += unit === 'nanoseconds' ? weight : weight / 1000;
      if (which === 'end') yield now;
    }
  }

  #stack(frame: Frame, prefix: number | null): number {
    const number = this.#functions.get(frame) ?? this.#functions.size;
    this.#functions.set(frame, number);
    const key = ((prefix ?? -1) + 1) * MOST_FUNCTIONS + number;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#known.set(key, this.#stackFunction.length);
    this.#stackPrefix.push(prefix);
    return this.#stackFunction.push(number) - 1;
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

/** From 1. */
function columnOf({ column }: Frame): number | null {
  return column === null ? null : column + 1;
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

function* repeated<Value>(value: Value, times: number): Generator<Value> {
  for (let i = 0; i < times; i++) yield value;
}

function* jsonTable(
  columns: Columns,
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
