import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCount, formatDuration, formatMeasured, formatShare, plural } from '../../src/report/units.ts';

const UNIT_NS: Readonly<Record<string, number>> = { ns: 1, µs: 1e3, ms: 1e6, s: 1e9 };

describe('formatDuration', () => {
  test.each([
    [0, '0 ns'],
    [0.4, '0 ns'],
    [12.4, '12 ns'],
    [999.4, '999 ns'],
    [999.6, '1.00 µs'],
    [1234, '1.23 µs'],
    [45_600, '45.6 µs'],
    [789_000, '789 µs'],
    [999_999, '1.00 ms'],
    [7_890_000_000, '7.89 s'],
    [75_300_000_000, '75.3 s'],
    [86_400_000_000_000, '86,400 s'],
  ])('%d ns is %s', (ns, text) => {
    expect(formatDuration(ns)).toBe(text);
  });

  test('is within half a percent, or half a nanosecond, of what it was given', () => {
    let checked = 0;
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e15, noNaN: true }), (ns) => {
        const [number, unit] = formatDuration(ns).split(' ');
        const shown = Number(number.replaceAll(',', '')) * UNIT_NS[unit];
        checked++;
        expect(Math.abs(shown - ns)).toBeLessThanOrEqual(Math.max(0.5, ns * 0.005) * 1.000001);
      }),
    );
    console.log(`units: ${checked} durations`);
    expect(checked).toBeGreaterThan(0);
  });
});

test.each([
  [3, 5, '≤ 5 ns'],
  [3, 5.01, '≤ 5 ns'],
  [5, 5, '≤ 5 ns'],
  [5.1, 5, '5 ns'],
  [0, 4.2, '≤ 5 ns'],
  [-3, 4.2, '≤ 5 ns'],
  [0, 4_201_000, '≤ 4.21 ms'],
  [6_000_000, 4_200_000, '6.00 ms'],
])('%d ns with a floor of %d ns is %s', (ns, floor, text) => {
  expect(formatMeasured(ns, floor)).toBe(text);
});

test('a bound is not shown smaller than it is, but for a twentieth of its last digit', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 1e14, noNaN: true }), (floor) => {
      const [, number, unit] = formatMeasured(0, floor).split(' ');
      expect(Number(number.replaceAll(',', '')) * UNIT_NS[unit]).toBeGreaterThanOrEqual(
        floor - Math.max(0.05, floor * 0.0005),
      );
    }),
  );
});

test.each([
  [0, 10, '0.0%'],
  [1, 3, '33.3%'],
  [1, 1e6, '<0.1%'],
  [15, 10, '150.0%'],
  [1, 0, '-'],
])('%d of %d is %s', (part, whole, text) => {
  expect(formatShare(part, whole)).toBe(text);
});

test('counts have their thousands separated, and nouns their number', () => {
  expect(formatCount(1234567)).toBe('1,234,567');
  expect(plural(1, 'file')).toBe('1 file');
  expect(plural(2000, 'process', 'processes')).toBe('2,000 processes');
});
