import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PROFILE_CONSTANTS } from '../../src/profile/format.ts';
import {
  bucketMiddle,
  EMPTY_HISTOGRAM,
  type Histogram,
  histogramCount,
  mergeHistograms,
  percentiles,
} from '../../src/profile/histogram.ts';

/** As native/histogram.h does it. */
function place(ticks: number): [number, number] {
  if (ticks < 32) return [0, ticks];
  const octave = Math.floor(Math.log2(ticks)) - 4;
  return [octave, Math.floor(ticks / 2 ** (octave - 1)) - 32];
}

function histogramOf(durations: readonly number[]): Histogram {
  const one = (ticks: number): Histogram => ({ values: [bucketMiddle(...place(ticks))], counts: [1] });
  return mergeHistograms(durations.map(one));
}

describe('bucketMiddle', () => {
  test('lies within 1.6 % of every value of the bucket', () => {
    let checked = 0;
    for (let ticks = 1; ticks < 2 ** 44; ticks = Math.ceil(ticks * 1.003)) {
      const middle = bucketMiddle(...place(ticks));
      expect(Math.abs(middle - ticks) / ticks).toBeLessThanOrEqual(0.016);
      checked++;
    }
    expect(checked).toBeGreaterThan(5000);
  });

  test('rises from bucket to bucket', () => {
    let before = -1;
    for (let octave = 0; octave < PROFILE_CONSTANTS.OCTAVES; octave++) {
      for (let bucket = 0; bucket < PROFILE_CONSTANTS.SUB_BUCKETS; bucket++) {
        const middle = bucketMiddle(octave, bucket);
        expect(middle).toBeGreaterThan(before);
        before = middle;
      }
    }
  });
});

describe('percentiles', () => {
  const durations = fc.array(fc.integer({ min: 1, max: 2 ** 42 }), { minLength: 1, maxLength: 300 });

  test('are within a bucket of the exact ones', () => {
    fc.assert(
      fc.property(durations, (values) => {
        const sorted = values.toSorted((a, b) => a - b);
        const fractions = [0.01, 0.5, 0.9, 0.99, 1];
        percentiles(histogramOf(values), fractions).forEach((found, i) => {
          const exact = sorted[Math.max(1, Math.ceil(fractions[i] * sorted.length)) - 1];
          expect(Math.abs((found ?? Number.NaN) - exact) / exact).toBeLessThan(1.01 / 32);
        });
      }),
    );
  });

  test("of a constant duration lie within a tenth of a coarse clock's step", () => {
    for (let tenths = 0; tenths <= 10; tenths++) {
      const histogram = { values: [20, 30], counts: [10 - tenths, tenths], stepNs: 10 };
      const [median] = percentiles(histogram, [0.5]);
      expect(Math.abs((median ?? Number.NaN) - (20 + tenths))).toBeLessThan(1);
    }
  });

  test.each([0, 5e-324, 1e-323, 1.5e-323, 2e-323, 1e-320, 1e-9, 1e300])(
    'of any step are numbers: %d',
    (stepNs) => {
      for (const values of [[0], [0, 1], [1e-9, 1e37]]) {
        const histogram = { values, counts: values.map(() => 10), stepNs };
        for (const value of percentiles(histogram, [0.5, 0.9, 0.99])) {
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1e37);
        }
      }
    },
  );

  test('of nothing are null', () => {
    expect(percentiles(EMPTY_HISTOGRAM, [0.5, 0.9])).toEqual([null, null]);
  });
});

describe('mergeHistograms', () => {
  test('does not care for order or grouping', () => {
    const counts = fc.array(fc.integer({ min: 1, max: 10 ** 6 }), { maxLength: 40 }).map(histogramOf);
    fc.assert(
      fc.property(counts, counts, counts, (a, b, c) => {
        const all = mergeHistograms([a, b, c]);
        expect(mergeHistograms([mergeHistograms([c, a]), b])).toEqual(all);
        expect(histogramCount(all)).toBe(histogramCount(a) + histogramCount(b) + histogramCount(c));
        expect(all.values).toEqual(all.values.toSorted((x, y) => x - y));
      }),
    );
  });
});
