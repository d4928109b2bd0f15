import { describe, expect, test } from 'vitest';
import { evaluate, evaluateGrowth, parseGrowth, readBudgets, writeBudgets } from '../../src/check/index.ts';
import { compareRuns } from '../../src/diff/index.ts';
import { PyrewriteError } from '../../src/errors.ts';
import type { SiteStats } from '../../src/profile/profile.ts';
import { measured, runOf, siteAt } from '../diff/sites.ts';

/** The error of a function that must throw one, as `message → remedy`. */
function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof PyrewriteError) return `${error.code}: ${error.message} → ${error.remedy}`;
    throw error;
  }
  throw new Error('there was no error');
}

describe('a budget file', () => {
  test('is read with the units of durations and the lines of budgets', () => {
    const [first, second] = readBudgets(`# mine
[[budget]]
label = "prices"
file = "app/*.py"
function = "Order.*"
opcodes = ["attr", "CALL"]
count = 1_200_000
p99 = "1.5 µs"

[[budget]]
name = 'price'
line = 12
how = "property"
optional = true
raised = 0
self = "2ms"
`);
    expect(first).toMatchObject({ label: 'prices', opcodes: ['attr', 'CALL'], at: 2, optional: false });
    expect(first.limits).toEqual([
      { metric: 'count', most: 1_200_000 },
      { metric: 'p99', most: 1500 },
    ]);
    expect(second).toMatchObject({ file: null, name: 'price', line: 12, how: 'property', at: 10 });
    expect(second.limits).toEqual([
      { metric: 'raised', most: 0 },
      { metric: 'self', most: 2e6 },
    ]);
  });

  const wrong: readonly [string, string][] = [
    ['[[budget]]\nfile = \ncount = 1', 'line 3: not TOML'],
    ['[[budget]]\ncuont = 1', "line 2: 'cuont' is not known → did you mean count?"],
    ['[[budget]]\nfile = "a.py"', 'line 1: the budget has no limit → add one of count'],
    ['\n[[budget]]\ncount = -1', 'line 3: count takes a whole number from 0 on'],
    ['[[budget]]\ncount = "many"', 'line 2: count takes a whole number'],
    ['[[budget]]\np50 = 12', 'line 2: p50 takes a duration with its unit'],
    ['[[budget]]\np50 = "12 minutes"', 'line 2: p50 takes a duration with its unit'],
    ['[[budget]]\ncount = 1\nfile = 3', 'line 3: file takes a text in quotation marks'],
    [
      '[[budget]]\ncount = 1\nopcodes = "atr"',
      'line 3: no opcode or group is named atr → did you mean attr?',
    ],
    ['[[budget]]\ncount = 1\nopcodes = []', 'line 3: opcodes takes a text or a list of texts'],
    ['[[budget]]\ncount = 1\nhow = "magic"', "line 3: 'magic' is no way to find or call something"],
    ['[[budget]]\ncount = 1\noptional = "yes"', 'line 3: optional takes true or false'],
    ['[[budgets]]\ncount = 1', "line 1: 'budgets.0' is not known here"],
    ['count = 1', "line 1: 'count' is not known here"],
    ['# nothing', 'line 1: the file has no [[budget]] → pyrewrite check --write'],
  ];
  test.each(wrong)('tells the line and what to do: %j', (text, message) => {
    const error = errorOf(() => readBudgets(text));
    expect(error).toContain(message);
    expect(error).toContain('bad-budget: line');
    expect(error).not.toContain('undefined');
  });
});

const SITES: readonly SiteStats[] = [
  siteAt({
    ...measured([100, 200, 300], 10),
    file: '/work/app/orders.py',
    function: 'Order.total',
    name: 'price',
  }),
  siteAt({
    ...measured([1000], 5),
    file: '/work/app/orders.py',
    function: 'Order.total',
    opcode: 'CALL',
    name: 'tax',
    raised: 2,
    position: 1,
  }),
  siteAt({
    ...measured([50], 7),
    file: '/work/app/deep/app.py',
    function: 'f.<locals>.g',
    opcode: 'BINARY_OP',
    name: '[]',
    position: 2,
  }),
  siteAt({
    ...measured([50], 9),
    file: '/work/app.py',
    function: 'f',
    opcode: 'BINARY_OP',
    name: '*',
    position: 3,
    table: 'B',
  }),
  siteAt({
    ...measured([50], 2),
    file: '/work/app.py',
    function: 'f',
    opcode: 'BINARY_OP',
    name: null,
    position: 5,
    table: 'B',
  }),
  siteAt({ file: '/work/app.py', function: 'idle', position: 4, table: 'B' }),
];

const check = (toml: string, sites = SITES) =>
  evaluate(readBudgets(`[[budget]]\n${toml}`), runOf(sites, { python: '3.14.1' }), '/work').map(
    ({ verdict, actual, sites: count }) => `${verdict} ${actual} ${count}`,
  );

describe('a budget', () => {
  test('adds up the counts of its sites', () => {
    expect(check('count = 53')).toEqual(['within 53 6']);
    expect(check('count = 52')).toEqual(['exceeded 53 6']);
    expect(check('file = "orders.py"\ncount = 34\nraised = 2')).toEqual(['exceeded 35 2', 'within 2 2']);
  });

  test('finds files from their end, exactly with ./, and folders with all that is in them', () => {
    expect(check('file = "app.py"\ncount = 99')).toEqual(['within 18 4']);
    expect(check('file = "./app.py"\ncount = 99')).toEqual(['within 11 3']);
    expect(check('file = "./app"\ncount = 99')).toEqual(['within 42 3']);
    expect(check('file = "/work/app/*.py"\ncount = 99')).toEqual(['within 35 2']);
  });

  test('finds functions, names, lines and operations', () => {
    expect(check('function = "f*"\ncount = 99')).toEqual(['within 18 3']);
    expect(check('function = "f"\ncount = 99')).toEqual(['within 11 2']);
    expect(check("name = 'pri*'\ncount = 99")).toEqual(['within 30 1']);
    expect(check("name = '\\*'\ncount = 99")).toEqual(['within 9 1']);
    expect(check("function = 'f'\nname = ''\ncount = 99")).toEqual(['within 2 1']);
    expect(check('opcodes = "attr"\ncount = 99')).toEqual(['within 30 2']);
    expect(check('opcodes = "subscript"\ncount = 99')).toEqual(['within 7 1']);
    expect(check('opcodes = "arith,call"\ncount = 99')).toEqual(['within 16 3']);
  });

  test('has percentiles of all executions together, and sums', () => {
    expect(check('name = "price"\np50 = "210 ns"\np99 = "250 ns"')).toEqual([
      expect.stringMatching(/^within (199|20)/),
      expect.stringMatching(/^exceeded 3\d\d/),
    ]);
    expect(check('name = "tax"\nself = "5 us"\ntotal = "4.9 us"\nmax = "1 us"')).toEqual([
      'within 1000 1',
      'within 5000 1',
      'exceeded 5000 1',
    ]);
  });

  test('of a time is not kept by what never ran, and not exceeded by what lies under the floor', () => {
    expect(check('function = "idle"\np50 = "1 us"')).toEqual(['idle null 1']);
    expect(check('function = "idle"\np50 = "1 us"\noptional = true')).toEqual(['within null 1']);
    expect(check('function = "idle"\ncount = 0')).toEqual(['within 0 1']);
    expect(check('p50 = "1 ns"', [siteAt(measured([3, 4], 9))])).toEqual([
      expect.stringMatching(/^within 3/),
    ]);
  });

  test('that fits no site is an error, unless it is optional', () => {
    expect(errorOf(() => check('function = "g"\ncount = 1'))).toContain(
      "bad-budget: line 1: no site fits the budget 'g' → check file, function, opcodes and name",
    );
    expect(check('function = "g"\ncount = 1\noptional = true')).toEqual([]);
  });

  test('can be about how operations were done', () => {
    const variant = {
      how: 'property' as const,
      type: 'Row',
      otherType: null,
      callee: null,
      frees: null,
      freed: null,
    };
    const site = siteAt({
      ...measured([100], 9),
      variants: [{ ...variant, ...measured([100], 4) } as never],
    });
    expect(check('how = "property"\ncount = 3', [site])).toEqual(['exceeded 4 1']);
    expect(check('how = "slot"\ncount = 0', [site])).toEqual(['within 0 1']);
    expect(errorOf(() => check('how = "slot"\ncount = 0'))).toContain('record it with --types');
  });

  test('of sampled counts is exceeded where the low end of the interval is', () => {
    const interval = { value: 100, error: 5, low: 90, high: 110 };
    const percentiles = { p50Ns: null, p90Ns: null, p99Ns: null };
    const estimate = { bursts: 9, count: interval, totalNs: interval, selfNs: interval, ...percentiles };
    const sites = [siteAt({ ...measured([100], 9), estimate })];
    expect(check('count = 95', sites)).toEqual(['within 100 1']);
    expect(check('count = 89', sites)).toEqual(['exceeded 100 1']);
  });
});

describe('written budgets', () => {
  test.each(['site', 'function', 'module', 'category'] as const)(
    'per %s are kept by what they were written from',
    (per) => {
      const profile = runOf(SITES);
      const text = writeBudgets(profile, { per, headroom: 0, cwd: '/work' });
      const results = evaluate(readBudgets(text), profile, '/work');
      expect(results.filter(({ verdict }) => verdict !== 'within')).toEqual([]);
      expect(results.every(({ actual, most }) => actual === most)).toBe(true);
      expect(results.length).toBeGreaterThan(3);
      const more = runOf(SITES.map((site) => ({ ...site, count: site.count * 2 })));
      expect(evaluate(readBudgets(text), more, '/work').some(({ verdict }) => verdict === 'exceeded')).toBe(
        true,
      );
    },
  );

  test('have headroom where it is asked for', () => {
    const text = writeBudgets(runOf(SITES), { per: 'module', headroom: 0.5, cwd: '/elsewhere' });
    expect(text).toContain('file = "/work/app/orders.py"\ncount = 52\nraised = 3\n');
  });
});

describe('growth over a baseline', () => {
  const of = (counts: readonly number[], table: string, raised = 0) =>
    runOf(
      counts.map((count, position) =>
        siteAt({ ...measured([1000], count), table, position, name: `n${position}`, raised }),
      ),
    );
  const verdicts = (a: readonly number[], b: readonly number[], growth = {}) =>
    evaluateGrowth(compareRuns([of(a, 'A')], [of(b, 'B')]), { count: 0, raised: 0, ...growth }).map(
      ({ metric, verdict, actual, most }) => `${metric} ${verdict} ${actual}/${most}`,
    );

  test('is counted by function, with new operations in it', () => {
    expect(verdicts([10, 20], [10, 20])).toEqual(['count within 30/30', 'raised within 0/0']);
    expect(verdicts([10, 20], [10, 21])[0]).toBe('count exceeded 31/30');
    expect(verdicts([10, 20], [10, 20, 5])[0]).toBe('count exceeded 35/30');
    expect(verdicts([10, 20], [10, 21], { count: 0.05 })[0]).toBe('count within 31/31');
  });

  test('is not asked for where there is no baseline', () => {
    const other = runOf([siteAt({ ...measured([1000], 5), function: 'new', table: 'C', name: 'q' })]);
    expect(evaluateGrowth(compareRuns([of([1, 2, 3], 'A')], [other]), { count: 0 })).toEqual([]);
  });

  test('is asked for as a list', () => {
    expect(parseGrowth('count=5%, self = 10')).toEqual({ count: 0.05, self: 0.1 });
    expect([parseGrowth('p99=1%'), parseGrowth('count'), parseGrowth('')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
