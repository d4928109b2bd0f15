import { describe, expect, test } from 'vitest';
import type { CategoryId } from '../../src/findings/categories.ts';
import { divideTime } from '../../src/findings/taxes.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { counters, processInfo, profileOf, siteStats, variant } from '../support/made-up.ts';

/** Nanoseconds by category; what the categories add up to is checked on the way. */
function taxesOf(profile: Profile): Partial<Record<CategoryId, number>> {
  const { categories, wholeNs } = divideTime(profile);
  expect(categories.reduce((sum, { ns }) => sum + ns, 0)).toBeCloseTo(wholeNs, 3);
  return Object.fromEntries(categories.map(({ id, ns }) => [id, Math.round(ns)]));
}

describe('divideTime', () => {
  test('tells what was freed by type, in all as long as the category says', () => {
    const frees = { frees: true, freed: 'app.Row' } as const;
    const store = siteStats({
      opcode: 'STORE_ATTR',
      ...counters(40, 100),
      variants: [
        { ...variant('instance', 30, 100), ...frees },
        { ...variant('instance', 10, 100), frees: false },
      ],
    });
    const pair = siteStats({
      opcode: 'STORE_FAST_STORE_FAST',
      ...counters(8, 200),
      variants: [{ ...variant('freed', 8, 200), ...frees, type: 'app.Row', otherType: 'list' }],
    });
    const drop = siteStats({
      opcode: 'POP_TOP',
      ...counters(9, 10),
      variants: [
        { ...variant('freed', 5, 10), frees: true, freed: 'dict' },
        { ...variant('kept', 4, 10), frees: false },
      ],
    });
    const { freed, categories } = divideTime(profileOf([store, pair, drop]));
    expect(freed).toEqual([
      { type: 'app.Row', count: 38, ns: 3800 },
      { type: 'list', count: 8, ns: 800 },
      { type: 'dict', count: 5, ns: 50 },
    ]);
    expect(categories.find(({ id }) => id === 'dealloc')?.ns).toBeCloseTo(4650, 6);
  });

  test('has each nanosecond in one category, and says what was not measured', () => {
    const inner = siteStats({ opcode: 'BINARY_OP', name: '+', ...counters(1000, 100) });
    const outer = siteStats({ opcode: 'CALL', ...counters(10, 30_000, { selfNs: 200_000 }) });
    expect(taxesOf(profileOf([inner, outer]))).toEqual({
      arithmetic: 100_000,
      call: 200_000,
      probes: 10_100,
      unmeasured: 1e9 - 310_100,
    });
  });

  test('what came out below zero was taken off for probes, which cost that much less', () => {
    const site = siteStats({ opcode: 'BINARY_OP', name: '+', ...counters(1000, 100) });
    const profile = profileOf([site]);
    const probe = { ...profile.probe, excessNs: 3000 };
    expect(taxesOf({ ...profile, probe })).toEqual({
      arithmetic: 100_000,
      probes: 7000,
      unmeasured: 1e9 - 107_000,
    });
    const tooMuch = { ...profile.probe, excessNs: 30_000 };
    expect(taxesOf({ ...profile, probe: tooMuch })).toMatchObject({ arithmetic: 100_000, probes: 0 });
    const more = siteStats({ ...counters(10, 100), variants: [variant('instance', 10, 105)] });
    expect(taxesOf(profileOf([more]))).toEqual({ attribute: 1050, unmeasured: 1e9 - 1100, probes: 100 - 50 });
  });

  test('tells properties, failed lookups and calls into C apart by variants', () => {
    const load = siteStats({
      ...counters(30, 100),
      variants: [variant('instance', 10, 10), variant('property', 10, 200), variant('missing', 5, 100)],
    });
    const call = siteStats({
      opcode: 'CALL',
      ...counters(20, 100),
      variants: [variant('C method', 10, 150), variant('python function', 10, 50)],
    });
    const taxes = taxesOf(profileOf([load, call]));
    // 400 ns of the load's 3000 are in no variant
    expect(taxes).toMatchObject({ attribute: 500, property: 2000, exception: 500, native: 1500, call: 500 });
  });

  test('knows operations by their operand where a version has one opcode for several', () => {
    const contains = siteStats({ opcode: 'COMPARE_OP', name: 'in', ...counters(1, 100) });
    const less = siteStats({ opcode: 'COMPARE_OP', name: '<', ...counters(1, 200) });
    const subscript = siteStats({ opcode: 'BINARY_OP', name: '[]', ...counters(1, 300) });
    expect(taxesOf(profileOf([contains, less, subscript]))).toMatchObject({
      containment: 100,
      comparison: 200,
      subscript: 300,
    });
  });

  test('keeps waiting apart: other code ran meanwhile', () => {
    const span = siteStats({ opcode: 'GET_AWAITABLE', kind: 'await', ...counters(2, 5e8) });
    const suspended = { ...span, suspensions: { count: 2, times: 2, totalNs: 9e8 } };
    expect(divideTime(profileOf([span])).waitingNs).toBe(1e9);
    expect(divideTime(profileOf([suspended])).waitingNs).toBe(9e8);
    expect(taxesOf(profileOf([span]))).toEqual({ probes: 20, unmeasured: 1e9 - 20 });
  });

  test('counts collections, and time off the CPU not twice', () => {
    const call = siteStats({
      opcode: 'CALL',
      ...counters(10, 1000),
      offCpu: { count: 2, totalNs: 4000, leastNs: 2000, gilNs: 1000 },
      variants: [variant('C function', 10, 1000)],
    });
    const collections = [{ generation: 2, site: null, count: 3, collected: 0, totalNs: 5000, maxNs: 4000 }];
    const alone = profileOf([call], { collections });
    const processes = alone.processes.map((process) => ({ ...process, threads: 2 }));
    expect(taxesOf(alone)).toMatchObject({ native: 7000, 'off-cpu': 3000, gc: 5000 });
    expect(taxesOf({ ...alone, processes })).toMatchObject({
      native: 7000,
      gil: 1000,
      'off-cpu': 2000,
      gc: 5000,
    });
  });

  test('takes the estimate of what was sampled, and is as sure as that', () => {
    const interval = { value: 100_000, error: 5000, low: 90_000, high: 110_000 };
    const estimate = {
      bursts: 10,
      count: { value: 1000, error: 50, low: 900, high: 1100 },
      totalNs: interval,
      selfNs: interval,
      p50Ns: null,
      p90Ns: null,
      p99Ns: null,
    };
    const site = siteStats({ ...counters(10, 100), estimate, variants: [variant('property', 10, 100)] });
    const [property] = divideTime(profileOf([site])).categories;
    expect(property).toMatchObject({ id: 'property', ns: 100_000, count: 1000 });
  });

  test('the whole of threads that ran at once is more than the time that passed', () => {
    const call = siteStats({ opcode: 'CALL', ...counters(10, 3e8) });
    const processes = [processInfo({ threads: 3 })];
    expect(divideTime(profileOf([call], { processes })).wholeNs).toBe(3e9 + 100);
  });

  test('what there is more than one thread can have taken is taken off the cost of probes, and makes it unsure', () => {
    const call = siteStats({ opcode: 'CALL', ...counters(1e6, 993) });
    const { categories, wholeNs } = divideTime(profileOf([call]));
    expect(wholeNs).toBe(1e9);
    const probes = categories.find(({ id }) => id === 'probes');
    expect(probes).toMatchObject({ ns: 7e6, uncertaintyNs: 1e6 + 3e6 });
  });
});
