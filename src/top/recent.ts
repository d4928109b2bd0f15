import { type Histogram, histogramCount, mergeHistograms } from '../profile/histogram.ts';

interface Snapshot {
  /** Seconds. */
  readonly at: number;
  readonly histogram: Histogram;
}

/** Seconds that recent durations reach back, and between two snapshots. */
const REACH = 3;
const STEP = 0.5;
/** What was not asked for in this time is forgotten. */
const FORGET = 30;

/** Tells the durations of the latest seconds from all since the start, by what they were before. */
export class RecentDurations {
  readonly #snapshots = new Map<string, Snapshot[]>();

  /**
   * Durations of the latest seconds; all of them where there are none, or nothing is known from before.
   * @param all durations since the start, of all processes
   * @param now seconds
   */
  of(key: string, all: readonly Histogram[], now: number): { histogram: Histogram; recent: boolean } {
    const histogram = mergeHistograms(all);
    const known = this.#snapshots.get(key) ?? [];
    const kept = known.filter(({ at }, i) => now - at <= REACH || i === known.length - 1);
    const last = kept[kept.length - 1];
    if (last === undefined || now - last.at >= STEP) kept.push({ at: now, histogram });
    this.#snapshots.set(key, kept);
    const fresh = difference(histogram, kept[0].histogram);
    return histogramCount(fresh) > 0 ? { histogram: fresh, recent: true } : { histogram, recent: false };
  }

  /** Drops what nobody asked for lately. */
  forget(now: number): void {
    for (const [key, snapshots] of this.#snapshots) {
      const last = snapshots[snapshots.length - 1];
      if (last === undefined || now - last.at > FORGET) this.#snapshots.delete(key);
    }
  }
}

/** Values are ticks times a frequency that is known better and better: the same bucket within this part. */
const SAME_VALUE = 1e-4;

function difference(after: Histogram, before: Histogram): Histogram {
  const values: number[] = [];
  const counts: number[] = [];
  let b = 0;
  after.values.forEach((value, i) => {
    while (b < before.values.length && before.values[b] < value * (1 - SAME_VALUE)) b++;
    const isSame = b < before.values.length && before.values[b] <= value * (1 + SAME_VALUE);
    const count = after.counts[i] - (isSame ? before.counts[b] : 0);
    if (count <= 0) return;
    values.push(value);
    counts.push(count);
  });
  return { values, counts, ...(after.stepNs === undefined ? {} : { stepNs: after.stepNs }) };
}
