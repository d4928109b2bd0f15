import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Column, cutMiddle, formatColumns } from '../../src/report/text-table.ts';

type Row = readonly [string, string];

const COLUMNS: readonly Column<Row>[] = [
  { title: 'place', align: 'left', minWidth: 8, cell: (row) => row[0] },
  { title: 'count', align: 'right', cell: (row) => row[1] },
];

test('columns are aligned, numbers to the right', () => {
  const rows: Row[] = [
    ['a.py:1', '1,234'],
    ['folder/b.py:20', '5'],
  ];
  expect(formatColumns(COLUMNS, rows, { width: Number.POSITIVE_INFINITY }).lines).toEqual([
    'place           count',
    'a.py:1          1,234',
    'folder/b.py:20      5',
  ]);
});

test('a long path gives way in its middle', () => {
  const rows: Row[] = [['/usr/lib/python/site-packages/thing.py:20', '5']];
  expect(formatColumns(COLUMNS, rows, { width: 30 }).lines).toEqual([
    'place                    count',
    '/usr/li…ges/thing.py:20      5',
  ]);
});

test('a cut text is as wide as asked for and keeps its ends', () => {
  expect(cutMiddle('abcdefghij', 10)).toBe('abcdefghij');
  expect(cutMiddle('abcdefghij', 7)).toBe('ab…ghij');
  expect(cutMiddle('abcdefghij', 1)).toBe('…');
  expect(cutMiddle('abcdefghij', 0)).toBe('');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, width) => {
      expect([...cutMiddle(text, width)].length).toBe(Math.min(width, [...text].length));
    }),
  );
});

test('no line is wider than asked for, while the columns can give', () => {
  let checked = 0;
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.string(), fc.string({ maxLength: 12 })), { minLength: 1 }),
      fc.integer({ min: 22, max: 100 }),
      (rows, width) => {
        for (const line of formatColumns(COLUMNS, rows, { width }).lines) {
          expect([...line].length).toBeLessThanOrEqual(width);
          checked++;
        }
      },
    ),
  );
  console.log(`text-table: ${checked} lines`);
  expect(checked).toBeGreaterThan(0);
});

test('colours do not disturb the alignment', () => {
  const painted: Column<Row>[] = [COLUMNS[0], { ...COLUMNS[1], paint: (text) => `<${text}>` }];
  expect(
    formatColumns(painted, [['a', '5']], { width: 80, paintTitle: (line) => `[${line}]` }).lines,
  ).toEqual(['[place  count]', 'a      <    5>']);
});

test('control characters of a file name do not reach the terminal', () => {
  expect(formatColumns(COLUMNS, [['a\u001b[31m\nb', '5']], { width: 80 }).lines[1]).toBe(
    'a\\x1b[31m\\x0ab      5',
  );
});

test('expendable columns are left out in their order, and no more than needed', () => {
  const rows: Row[] = [['abcdefghij', '1234567890']];
  const left = (width: number): string[] =>
    formatColumns(COLUMNS, rows, { width, expendable: ['count', 'place'] }).left;
  expect(left(22)).toEqual([]);
  expect(left(20)).toEqual([]);
  expect(left(19)).toEqual(['count']);
  expect(left(7)).toEqual(['count', 'place']);
});
