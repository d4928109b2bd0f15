import {
  percentileIntervals,
  positiveInterval,
  ratioEstimate,
  signedInterval,
  unseen,
  type WindowSums,
  type Windows,
} from './estimates.ts';
import type { PagedBytes } from './paged-bytes.ts';
import type { Counters, Estimate, EstimatedValue, Sampling } from './profile.ts';
import { fieldOffsets } from './struct.ts';
import type { StructValues } from './struct-reader.ts';
import { GATES, WINDOW_SITE } from './window-structs.ts';

/** How far off the calibrated cost of a gate that is asked can be, as a standard error: it depends on what is around it. */
const DOUBT = 0.3;
const OFFSETS = fieldOffsets(WINDOW_SITE);

/** Where the sums of a process's sampled sites lie. */
export interface SampledSource {
  readonly bytes: PagedBytes;
  readonly nsPerTick: number;
  readonly all: Windows;
  /** Where counters begin → where sums do. */
  readonly sums: ReadonlyMap<number, number>;
}

/**
 * What is known of a process's windows; undefined where nothing was sampled by windows. Passages are better witnesses of
 * how much of the program was in second parts than clocks are, whose probes outlast the program.
 */
export function windowsOf(header: StructValues): Windows | undefined {
  if (header.number('gate') !== GATES.WINDOWS) return undefined;
  const at = (name: string): number => amount(header.number(name));
  return {
    count: at('windows'),
    sum: (at('window_sum') * (at('window_passed') + 1)) / (at('window_counted') + 1),
    squares: at('window_squares'),
    cpuNs: Math.max(0, at('sampled_cpu_ns') - (at('sampling_cost_ns') - at('gates_cost_ns'))),
    insideNs: at('window_ns'),
    doubt: DOUBT * (at('window_sum') > 0 ? at('window_asked') / at('window_sum') : 0),
  };
}

/** How a process was sampled, or null. */
export function samplingOf(header: StructValues): Sampling | null {
  const windows = windowsOf(header);
  if (windows === undefined) return null;
  const cost = amount(header.number('sampling_cost_ns'));
  const cpuNs = Math.max(0, windows.cpuNs - amount(header.number('gates_cost_ns')));
  return {
    budget: amount(header.number('sampling_budget')),
    overhead: cpuNs > 0 ? cost / cpuNs : 0,
    bursts: windows.count,
    cpuNs,
    insideNs: windows.insideNs,
  };
}

/** Numbers of a damaged file can be anything. */
function amount(value: number): number {
  return value > 0 && Number.isFinite(value) ? value : 0;
}

/**
 * Estimate of a site, or null of one whose every execution was timed.
 * @param counters where the counters of its table begin
 * @param position number of the site in the table
 */
export function estimateOf(
  source: SampledSource | undefined,
  counters: number,
  position: number,
  timed: Counters,
): Estimate | null {
  const first = source?.sums.get(counters);
  if (source === undefined || first === undefined) return null;
  const { bytes, nsPerTick, all } = source;
  const at = bytes.locate(first + position * WINDOW_SITE.size);
  const { view } = bytes;
  const bursts = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
  const sums = (name: string, unit: number): WindowSums => ({
    sum: unit * float(view, at, `${name}_sum`),
    squares: unit * unit * float(view, at, `${name}_squares`),
    products: unit * float(view, at, `${name}_products`),
  });
  const total = totalOf(sums('total', nsPerTick), openSums(view, at), all);
  if (bursts === 0) return { ...unseen(all), ...(total.value > 0 ? { totalNs: ofOpen(total, all) } : {}) };
  const count = ratioEstimate(sums('count', 1), all);
  const self = ratioEstimate(sums('self', nsPerTick), all);
  return {
    bursts,
    count: positiveInterval(count.value, count.error, bursts, timed.count),
    totalNs: positiveInterval(total.value, total.error, bursts, timed.totalNs),
    selfNs: signedInterval(self.value, self.error, bursts),
    ...percentileIntervals(timed, bursts),
  };
}

/** Of the time that windows which began within the site stand for. */
function openSums(view: DataView, at: number): WindowSums {
  const squares = float(view, at, 'open_squares');
  return { sum: float(view, at, 'open_sum'), squares, products: squares };
}

/**
 * The inclusive time, from the executions that were timed, or from how many windows began within one: whichever is surer.
 * The second knows executions that outlast windows, which are seldom timed and fill much of the time.
 */
function totalOf(timed: WindowSums, open: WindowSums, all: Windows): { value: number; error: number } {
  const [byTimed, byOpen] = [ratioEstimate(timed, all), ratioEstimate(open, all)];
  if (byOpen.value <= 0) return byTimed;
  return byTimed.value <= 0 || byOpen.error / byOpen.value < byTimed.error / byTimed.value ? byOpen : byTimed;
}

function ofOpen({ value, error }: { value: number; error: number }, all: Windows): EstimatedValue {
  return positiveInterval(value, error, all.count, 0);
}

function float(view: DataView, at: number, name: string): number {
  const value = view.getFloat64(at + (OFFSETS.get(name) ?? 0), true);
  return Number.isFinite(value) ? value : 0;
}
