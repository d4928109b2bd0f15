import { expect, test } from 'vitest';
import { annotateLines, formatAnnotated } from '../../src/report/annotate.ts';
import { counters, profileOf, siteStats, variant } from '../support/made-up.ts';

const FILE = '/app/a.py';
const LINES = ['def f(xs):', '    total = [x.y for x in xs]', '\treturn g(total) + h', ''];

const call = siteStats({
  line: 2,
  endLine: 2,
  column: 12,
  endColumn: 29,
  opcode: 'CALL',
  name: null,
  ...counters(2, 5000),
});
const load = siteStats({
  line: 2,
  endLine: 2,
  column: 13,
  endColumn: 16,
  function: 'f.<locals>.<listcomp>',
  name: 'y',
  ...counters(1000, 8),
  variants: [variant('slot', 1000, 8)],
});
const last = siteStats({
  line: 3,
  endLine: 3,
  column: 8,
  endColumn: 16,
  opcode: 'CALL',
  name: 'g',
  ...counters(2, 15_000),
});
const elsewhere = siteStats({ file: '/app/b.py', line: 1, ...counters(9, 9) });
const profile = profileOf([last, load, call, elsewhere, siteStats({ line: 1 })]);

test('a line has the hits of its most frequent operation and the time of the outermost ones', () => {
  const lines = annotateLines(profile, FILE, LINES);
  expect(lines.map(({ line, hits, timeNs, part }) => [line, hits, timeNs, part])).toEqual([
    [1, null, 0, 0],
    [2, 1000, 10_000, 0.25],
    [3, 2, 30_000, 0.75],
    [4, null, 0, 0],
  ]);
  expect(lines[1].sites).toEqual([call, load]);
});

test('has the layout of line_profiler', () => {
  const text = formatAnnotated(profile, FILE, () => LINES);
  expect(text.split('\n')).toEqual([
    'File: /app/a.py',
    'Total time: 40.0 µs in measured operations, with what they called',
    '',
    'Line #      Hits       Time    Per Hit  % Time  Line Contents',
    '='.repeat(61),
    '     1                                          def f(xs):',
    '     2     1,000    10.0 µs      10 ns    25.0      total = [x.y for x in xs]',
    '     3         2    30.0 µs    15.0 µs    75.0      return g(total) + h',
    '',
  ]);
});

test('operations stand below their line, underlined', () => {
  const text = formatAnnotated(profile, FILE, () => LINES, { operations: true, measuredOnly: true });
  expect(text.split('\n').slice(5)).toEqual([
    '     2     1,000    10.0 µs      10 ns    25.0      total = [x.y for x in xs]',
    '               2    10.0 µs    5.00 µs                      ^^^^^^^^^^^^^^^^^ CALL',
    '           1,000    8.00 µs       8 ns                       ^^^ LOAD_ATTR y, slot of ?',
    '     3         2    30.0 µs    15.0 µs    75.0      return g(total) + h',
    '               2    30.0 µs    15.0 µs                     ^^^^^^^^ CALL g',
    '',
  ]);
});

test('is no wider than the terminal, and painted on one only', () => {
  const lines = formatAnnotated(profile, FILE, () => LINES, { operations: true, width: 64 }).split('\n');
  for (const line of lines.slice(3)) expect([...line].length).toBeLessThanOrEqual(64);
  const control = String.fromCharCode(27);
  expect(formatAnnotated(profile, FILE, () => LINES)).not.toContain(control);
  expect(formatAnnotated(profile, FILE, () => LINES, { color: true })).toContain(control);
});
