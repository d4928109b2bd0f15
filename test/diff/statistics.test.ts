import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  falseDiscoveryRates,
  median,
  pValue,
  sampleOf,
  tQuantile,
  welch,
} from '../../src/diff/statistics.ts';

describe('statistics', () => {
  test("Student's t is that of the tables", () => {
    // Two-sided 5 % and 1 % points.
    const points: readonly [number, number, number][] = [
      [12.7062, 1, 0.05],
      [4.30265, 2, 0.05],
      [2.77645, 4, 0.05],
      [2.22814, 10, 0.05],
      [1.97993, 120, 0.05],
      [63.6567, 1, 0.01],
      [3.16927, 10, 0.01],
    ];
    for (const [t, freedom, probability] of points) {
      expect(pValue({ value: t, error: 1, freedom })).toBeCloseTo(probability, 5);
      expect(pValue({ value: -2 * t, error: 2, freedom })).toBeCloseTo(probability, 5);
      expect(tQuantile(probability, freedom)).toBeCloseTo(t, 3);
    }
  });

  test("Welch's test is that of scipy.stats.ttest_ind", () => {
    const a = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4];
    const b = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.5, 24.4];
    const difference = welch(sampleOf(a), sampleOf(b));
    expect(pValue(difference)).toBeCloseTo(0.008071938172194903, 12);
    expect(difference.value).toBeCloseTo(sampleOf(b).mean - sampleOf(a).mean, 10);
    expect(difference.freedom).toBeCloseTo(27.88730398842012, 10);
  });

  test('no scatter at all', () => {
    const same = sampleOf([5, 5]);
    expect(pValue(welch(same, same))).toBe(1);
    expect(pValue(welch(same, sampleOf([6, 6])))).toBe(0);
    expect(pValue(welch(same, sampleOf([6, 6]), 1))).toBeGreaterThan(0.3);
  });

  test('the false discovery rates of Benjamini and Hochberg', () => {
    const rates = falseDiscoveryRates([0.04, 0.001, 0.5, 0.02]);
    expect(rates.map((rate) => rate.toFixed(6))).toEqual(['0.053333', '0.004000', '0.500000', '0.040000']);
    expect(falseDiscoveryRates([])).toEqual([]);
  });

  test('rates never fall below their probability, keep its order and stay up to 1', () => {
    let checked = 0;
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 50 }), (ps) => {
        const rates = falseDiscoveryRates(ps);
        ps.forEach((p, i) => {
          expect(rates[i]).toBeGreaterThanOrEqual(p * (1 - 1e-12));
          expect(rates[i]).toBeLessThanOrEqual(1);
          ps.forEach((other, j) => {
            if (other > p) expect(rates[j]).toBeGreaterThanOrEqual(rates[i]);
          });
          checked++;
        });
      }),
      { numRuns: 100 },
    );
    console.log(`statistics: ${checked} rates`);
    expect(checked).toBeGreaterThan(0);
  });

  test('the middle of some numbers', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
  });
});
