import { percentiles } from './histogram.ts';
import type { Counters, Estimate, EstimatedValue } from './profile.ts';

/** Sums over windows; `y` is what one saw, scaled to what it stands for, `x` the time that it stands for. */
export interface WindowSums {
  readonly sum: number;
  readonly squares: number;
  readonly products: number;
}

/** What is known of all windows of a process. Times are nanoseconds. */
export interface Windows {
  readonly count: number;
  /** Sums of `x` and of its squares. */
  readonly sum: number;
  readonly squares: number;
  /** CPU time of the program and its gates that stay shut, while it was sampled. */
  readonly cpuNs: number;
  /** The part of it that lay in windows. */
  readonly insideNs: number;
  /** Standard error, as a part, of what windows stand for: their length depends on what gates cost in them. */
  readonly doubt: number;
}

/** Quantiles of Student's t for an interval of 95 %, by degrees of freedom from 1 on. */
const STUDENT = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228];
const NORMAL = 1.96;
/** What happens n times in vain happens, with a confidence of 95 %, at most 3 times in n more. */
const RULE_OF_THREE = 3;

/** Half the width of a 95 % interval in standard errors, of `n` observations. */
export function student(n: number): number {
  const freedom = Math.max(1, n - 1);
  const z = NORMAL;
  return (
    STUDENT[freedom - 1] ??
    z + (z ** 3 + z) / (4 * freedom) + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
  );
}

/** A value and its standard error, from sums over windows: what the whole time comes to. */
export function ratioEstimate(
  { sum, squares, products }: WindowSums,
  windows: Windows,
): { value: number; error: number } {
  if (windows.count === 0 || windows.sum <= 0) return { value: 0, error: 0 };
  const ratio = sum / windows.sum;
  const residuals = squares - 2 * ratio * products + ratio * ratio * windows.squares;
  const correction = windows.count / Math.max(1, windows.count - 1);
  const scale = windows.cpuNs / windows.sum;
  const value = sum * scale;
  return {
    value,
    error: Math.hypot(scale * Math.sqrt(Math.max(0, residuals * correction)), value * windows.doubt),
  };
}

/**
 * The interval of a sum that cannot be negative: as wide as the error in factors, so that few observations give an interval
 * that reaches far up and not below what was seen.
 * @param seen what was seen of it: at least that is there
 */
export function positiveInterval(
  value: number,
  error: number,
  observations: number,
  seen: number,
): EstimatedValue {
  if (value <= 0) return { value, error, low: value, high: value };
  const factor = Math.exp((student(observations) * error) / value);
  return { value, error, low: Math.min(value, Math.max(seen, value / factor)), high: value * factor };
}

/** The interval of a sum that can be negative, as times without the operations inside are where those are seen by chance. */
export function signedInterval(value: number, error: number, observations: number): EstimatedValue {
  const half = student(observations) * error;
  return { value, error, low: value - half, high: value + half };
}

/** Percentiles with their intervals: of independent observations there are as many as windows. */
export function percentileIntervals(
  counters: Counters,
  observations: number,
): Pick<Estimate, 'p50Ns' | 'p90Ns' | 'p99Ns'> {
  const at = (fraction: number, value: number | null): EstimatedValue | null => {
    if (value === null) return null;
    const half = NORMAL * Math.sqrt((fraction * (1 - fraction)) / Math.max(1, observations));
    const range = [Math.max(0, fraction - half), Math.min(1, fraction + half)];
    const [low, high] = percentiles(counters.histogram, range);
    return {
      value,
      error: ((high ?? value) - (low ?? value)) / 2 / NORMAL,
      low: low ?? value,
      high: high ?? value,
    };
  };
  return { p50Ns: at(0.5, counters.p50Ns), p90Ns: at(0.9, counters.p90Ns), p99Ns: at(0.99, counters.p99Ns) };
}

/** Of a site that no window saw: how much of it there can be. */
export function unseen(windows: Windows): Estimate {
  const part = RULE_OF_THREE / Math.max(RULE_OF_THREE, windows.count);
  const executions = (RULE_OF_THREE * windows.cpuNs) / Math.max(1, windows.insideNs);
  const upTo = (high: number): EstimatedValue => ({ value: 0, error: 0, low: 0, high });
  const time = upTo(part * windows.cpuNs);
  return {
    bursts: 0,
    count: upTo(executions),
    totalNs: time,
    selfNs: time,
    p50Ns: null,
    p90Ns: null,
    p99Ns: null,
  };
}
