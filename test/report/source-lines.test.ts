import { expect, test } from 'vitest';
import { markedLine } from '../../src/report/source-lines.ts';
import { site } from './fixture.ts';

/** The marked line of a site in line 18, and whether its marks are under what they should be. */
function mark(line: string, column: number | null, endColumn: number | null, width = 80, name = 'celsius') {
  const lines = [...Array.from({ length: 17 }, () => ''), line];
  return markedLine(() => lines, site({ column, endColumn, name }), width);
}

/** What stands over the marks. */
function marked({ text, marks }: { text: string; marks: string }): string {
  return [...text].filter((_, i) => marks[i] === '^').join('');
}

test('the operation is underlined by its columns, without the indentation', () => {
  const shown = mark('        self.low = measurement.celsius  # low', 19, 38);
  expect(shown).toEqual({
    text: 'self.low = measurement.celsius  # low',
    marks: '           ^^^^^^^^^^^^^^^^^^^',
  });
});

test('columns count bytes: letters beyond ASCII and tabs stand where they are', () => {
  const line = "\ttext = 'äöü€😀' + report.text";
  const column = Buffer.byteLength(line.slice(0, line.indexOf('report')));
  const shown = mark(line, column, column + 11);
  expect(shown && marked(shown)).toBe('report.text');
  const tabbed = mark('if x:\treturn y.z', 13, 16);
  expect(tabbed && marked(tabbed)).toBe('y.z');
});

test('an operation over several lines is underlined to the end of its first', () => {
  const lines = [...Array.from({ length: 17 }, () => ''), '  call(first,  ', '    second)'];
  const shown = markedLine(() => lines, site({ column: 2, endColumn: 11, endLine: 19 }), 80);
  expect(shown).toEqual({ text: 'call(first,', marks: '^^^^^^^^^^^' });
});

test('without columns a name that stands there once is underlined, and nothing where it is not certain', () => {
  expect(mark('  low = m.celsius', null, null)?.marks).toBe('        ^^^^^^^');
  expect(mark('  low = m.celsius + n.celsius', null, null)?.marks).toBe('');
  expect(mark('  low = m.celsius_2', null, null)?.marks).toBe('');
  expect(mark('  low += m', null, null, 80, '+=')?.marks).toBe('');
});

test('of a long line the part around the operation is shown', () => {
  let checked = 0;
  for (let at = 0; at < 300; at += 7) {
    const line = `${'a'.repeat(at)} x.celsius ${'b'.repeat(300 - at)}`;
    const shown = mark(line, at + 1, at + 10, 60);
    expect(shown && [...shown.text].length).toBeLessThanOrEqual(60);
    expect(shown && marked(shown)).toBe('x.celsius');
    checked++;
  }
  expect(checked).toBeGreaterThan(0);
});

test('places beyond the file, empty lines and damaged columns are no error', () => {
  expect(markedLine(() => undefined, site(), 80)).toBeUndefined();
  expect(markedLine(() => ['x'], site(), 80)).toBeUndefined();
  expect(mark('   ', 0, 3)).toBeUndefined();
  expect(mark('x.y', 90, 99)?.marks).toBe('');
  expect(mark('x.y', 2, 1)?.text).toBe('x.y');
});
