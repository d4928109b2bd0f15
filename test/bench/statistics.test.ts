/** The statistics by which bench/sampling.ts judges. */
import { expect, test } from 'vitest';
import {
  clusteredPart,
  expectedTau,
  generator,
  kendallTau,
  meanRange,
  normal,
  summarize,
} from '../../bench/sampling/statistics.ts';
import { median } from '../../src/diff/statistics.ts';

test('intervals of costs hold the truth about as often as they say, and are no wider than they must be', () => {
  const random = generator(7);
  const [studies, programs, rounds] = [40, 17, 3];
  const costs = Array.from({ length: studies }, (_, k) => {
    const ratios = Array.from({ length: programs }, () =>
      Array.from({ length: rounds }, () => Math.exp(0.02 + 0.05 * normal(random))),
    );
    return summarize(ratios, k);
  });
  const truth = Math.exp(0.02);
  const held = costs.filter(({ all }) => all.low <= truth && truth <= all.high).length;
  const widths = costs.map(({ all }) => all.high - all.low);
  expect(held).toBeGreaterThanOrEqual(34);
  // 2 · 1.96 · 0.05 · 1.25 (of a median) / √51
  expect(median(widths)).toBeLessThan(0.05);
  expect(median(costs.map(({ all }) => all.value))).toBeCloseTo(truth, 2);
}, 60_000);

test('a program that is slow is found, however the others are', () => {
  const { all, each } = summarize([
    [1, 1.01, 0.99],
    [1.2, 1.21, 1.19],
  ]);
  expect(each[1].value).toBeCloseTo(1.2);
  expect(each[1].low).toBeGreaterThan(1.15);
  expect(all.value).toBeCloseTo(Math.sqrt(1.2));
});

test('tau is 1 for the same order, -1 for the opposite, and counts pairs in between', () => {
  expect(kendallTau([1, 2, 3, 4], [10, 20, 30, 40])).toBe(1);
  expect(kendallTau([1, 2, 3, 4], [4, 3, 2, 1])).toBe(-1);
  expect(kendallTau([1, 2, 3, 4], [1, 2, 4, 3])).toBeCloseTo(4 / 6);
});

test('the tau that is expected is 1 without errors, and falls to 0 with them', () => {
  const truths = [1, 2, 3, 4, 5, 6, 7, 8];
  const taus = [0, 1, 1000].map((error) =>
    expectedTau(
      truths,
      truths.map(() => error),
    ),
  );
  expect(taus[0]).toBe(1);
  // Two neighbours change places with a chance of 24 % (their difference of 1 has an error of √2), those two apart with 8 %.
  expect(taus[1]).toBeGreaterThan(0.75);
  expect(taus[1]).toBeLessThan(0.88);
  expect(Math.abs(taus[2])).toBeLessThan(0.1);
});

test('trials of one run are not taken for independent ones', () => {
  const together = [{ hits: 10, tried: 10 }, ...Array.from({ length: 9 }, () => ({ hits: 9, tried: 10 }))];
  expect(clusteredPart(together).value).toBeCloseTo(0.91);
  const torn = Array.from({ length: 10 }, (_, k) => ({ hits: k === 0 ? 1 : 10, tried: 10 }));
  // By single trials it would be 0.029.
  expect(clusteredPart(torn).value).toBeCloseTo(0.91);
  expect(clusteredPart(torn).error).toBeGreaterThan(0.08);
  expect(meanRange([1, 1, 1]).error).toBe(0);
});
