import { describe, expect, test } from 'vitest';
import { compareRuns } from '../../src/diff/index.ts';
import { formatComparison, formatComparisonMarkdown } from '../../src/report/diff/index.ts';
import { formatRatio } from '../../src/report/diff/words.ts';
import { measured, runOf, siteAt } from '../diff/sites.ts';

/** Sites on both sides of which one is executed more often, and one has another name. */
function comparison(runs: number) {
  const side = (table: string, count: number, last: string) =>
    Array.from({ length: runs }, () =>
      runOf([
        siteAt({ ...measured([1000, 1010, 990], 100), table, name: 'stays' }),
        siteAt({ ...measured([1000], count), table, name: 'a|b`c', position: 1, line: 11 }),
        siteAt({ ...measured([2000], 5), table, name: last, position: 2, line: 12, column: null }),
      ]),
    );
  return compareRuns(side('A', 100, 'old'), side('B', 150, 'new\x1b[2J'));
}

describe('a comparison as a table', () => {
  test('has what changed, and of the rest how much there is', () => {
    const text = formatComparison(comparison(1), { cwd: '/work' });
    expect(text).toContain('1 of 2 sites changed\n1 site in B only\n1 site in A only\n');
    expect(text).toMatch(/^more executions +LOAD_ATTR +a\|b`c +app\.py:11:4 +100 → 150 +1\.00 µs/m);
    expect(text).toMatch(/^gone +LOAD_ATTR +old +app\.py:12 +5 → 0/m);
    expect(text).not.toContain('stays');
    expect(text).toContain('one run on a side');
    expect(text).not.toContain('\x1b');
  });

  test('shows the others with --all, as no change', () => {
    const text = formatComparison(comparison(2), { all: true, cwd: '/work' });
    expect(text).toMatch(/^no change +LOAD_ATTR +stays .* no change \(.*\)$/m);
  });

  test('has colours where they are wanted, fits the width, and says how much is left out', () => {
    const one = formatComparison(comparison(1), { color: true, limit: 1, width: 60, cwd: '/work' });
    expect(one).toContain('\x1b[31m');
    expect(one).toContain('and 2 more sites (--limit 0 shows all)');
    const plain = formatComparison(comparison(1), { width: 72, cwd: '/work' });
    const rows = plain.split('\n').filter((line) => line.includes('LOAD_ATTR'));
    for (const row of rows) expect(row.length).toBeLessThanOrEqual(72);
    expect(rows).toHaveLength(3);
  });
});

test('a comparison as Markdown keeps its table whole, whatever names hold', () => {
  const text = formatComparisonMarkdown(comparison(1), { cwd: '/work' });
  expect(text).toContain('**pyrewrite: 1 of 2 sites changed**');
  const rows = text.split('\n').filter((line) => line.startsWith('|'));
  for (const row of rows) expect(row.replaceAll('\\|', '').split('|')).toHaveLength(8);
  expect(rows).toHaveLength(5);
  expect(text).toContain('`` LOAD_ATTR a\\|b`c ``');
  expect(text).not.toContain('\x1b');
});

test('ratios are percentages, and factors where they are large', () => {
  expect([1, 1.004, 1.12, 0.9, 3.14, 0.25].map(formatRatio)).toEqual([
    '±0 %',
    '±0 %',
    '+12 %',
    '−10 %',
    '×3.1',
    '×0.25',
  ]);
});
