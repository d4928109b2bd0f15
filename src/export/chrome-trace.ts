import type { ProcessInfo, Profile } from '../profile/profile.ts';
import type { MetricName, ProfileFormat } from './format.ts';
import type { Frame } from './frames.ts';
import { title } from './speedscope.ts';
import { METRIC_NAMES, METRICS, type Stack, stacksOf } from './stacks.ts';

/** An event of the trace; times are microseconds. */
interface TraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'M' | 'B' | 'E';
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly cat?: string;
  readonly args: object;
}

/** Number of the made-up process that shows the sums. */
const SUMS_PID = 0;

/**
 * Chrome's trace events. A profile has sums and not single events: what really lies in time are the processes; the
 * operations lie side by side, each as wide as its time in all, the longest execution told in its arguments.
 */
export const chromeTrace: ProfileFormat = {
  summary: 'Chrome trace events: ui.perfetto.dev, chrome://tracing; sums side by side, no time line',
  extensions: ['trace.json', 'chrome.json'],
  binary: false,
  *write(profile) {
    yield `{"displayTimeUnit":"ns","otherData":${JSON.stringify({ exporter: 'pyrewrite', title: title(profile) })},`;
    yield '"traceEvents":[\n';
    let before = '';
    for (const event of events(profile)) {
      yield `${before}${JSON.stringify(event)}`;
      before = ',\n';
    }
    yield '\n]}\n';
  },
};

function* events(profile: Profile): Generator<TraceEvent> {
  const name = 'sums of all processes: widths are times, places mean nothing';
  yield { name: 'process_name', ph: 'M', pid: SUMS_PID, tid: 0, args: { name } };
  const start = profile.processes.reduce(
    (least, { startUnixNs }) => Math.min(least, startUnixNs),
    Number.POSITIVE_INFINITY,
  );
  for (const process of profile.processes) yield* processEvents(process, start);
  const stacks = [...stacksOf(profile)];
  for (const [thread, metric] of METRIC_NAMES.entries()) {
    if (METRICS[metric].unit === 'nanoseconds') yield* metricEvents(stacks, metric, thread + 1);
  }
}

function* processEvents(process: ProcessInfo, start: number): Generator<TraceEvent> {
  const { pid, command, host, startUnixNs, durationNs, finished, python, threads } = process;
  const name = command.join(' ') || 'python';
  yield { name: 'process_name', ph: 'M', pid, tid: pid, args: { name: `${name} on ${host || 'this host'}` } };
  const [ts, dur] = [(startUnixNs - start) / 1000, durationNs / 1000];
  const args = { python, threads, finished, startUnixNs };
  yield { name, ph: 'X', cat: 'process', pid, tid: pid, ts, dur, args };
}

/** A tree of boxes, laid out from left to right. */
interface Box {
  readonly frame: Frame;
  /** Null where nothing is inside. */
  inner: Boxes | null;
  weight: number;
  own: Stack | null;
}

type Boxes = Map<Frame, Box>;

function* metricEvents(stacks: readonly Stack[], metric: MetricName, tid: number): Generator<TraceEvent> {
  const outermost: Boxes = new Map();
  for (const stack of stacks) {
    // Whole nanoseconds: with fractions, boxes would not end where the boxes in them end.
    const weight = Math.round(METRICS[metric].of(stack));
    if (weight > 0) addStack(outermost, stack, weight);
  }
  if (outermost.size === 0) return;
  const { about } = METRICS[metric];
  yield { name: 'thread_name', ph: 'M', pid: SUMS_PID, tid, args: { name: about } };
  yield* layOut(outermost, 0, tid);
}

function addStack(outermost: Boxes, stack: Stack, weight: number): void {
  let boxes = outermost;
  let box: Box | undefined;
  for (const frame of stack.frames) {
    if (box !== undefined) {
      box.inner ??= new Map();
      boxes = box.inner;
    }
    box = boxes.get(frame) ?? { frame, inner: null, weight: 0, own: null };
    boxes.set(frame, box);
    box.weight += weight;
  }
  if (box !== undefined) box.own = stack;
}

function* layOut(boxes: Boxes, from: number, tid: number): Generator<TraceEvent> {
  let at = from;
  for (const { frame, inner, weight, own } of boxes.values()) {
    const args = { place: `${frame.file}:${frame.line ?? ''}`, ...(own === null ? {} : argsOf(own)) };
    const { name, kind: cat } = frame;
    // Speedscope finds the begin of an end by its arguments.
    yield { name, cat, pid: SUMS_PID, tid, ph: 'B', ts: at / 1000, args };
    if (inner !== null) yield* layOut(inner, at, tid);
    yield { name, cat, pid: SUMS_PID, tid, ph: 'E', ts: (at + weight) / 1000, args };
    at += weight;
  }
}

function argsOf({ site, variant, count, raised, gcCount }: Stack): object {
  const counters = variant ?? site;
  if (counters === null) return { collections: gcCount };
  const { p50Ns, p99Ns, maxNs } = counters;
  return { count, raised, p50Ns, p99Ns, longestNs: maxNs };
}
