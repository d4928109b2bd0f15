import { describe, expect, test } from 'vitest';
import { SORT_KEYS, sortSites } from '../../src/report/sort.ts';
import { formatReport } from '../../src/report/table.ts';
import { NO_LOSS } from '../support/made-up.ts';
import { IDLE, report, site } from './fixture.ts';

/** Cells of a line of the table. */
function cells(line: string | undefined): string[] {
  return (line ?? '').trim().split(/ {2,}/);
}

function rowsOf(text: string): string[][] {
  const lines = text.split('\n');
  const title = lines.findIndex((line) => line.startsWith('operation'));
  const end = lines.indexOf('', title);
  return lines.slice(title, end).map(cells);
}

describe('formatReport', () => {
  test('has a row for each site with all that the issue asks for', () => {
    const text = formatReport(report([site({ raised: 3 })]), { cwd: '/project' });
    expect(rowsOf(text)).toEqual([
      ['operation', 'name', 'place', 'count', 'raised', 'total', 'self', 'p50', 'p99', 'share'],
      [
        'LOAD_ATTR',
        'celsius',
        'app/aggregate.py:18:22',
        '198,016',
        '3',
        '250 ms',
        '120 ms',
        '1.20 µs',
        '2.10 µs',
        '6.0%',
      ],
    ]);
  });

  test('says what ran, what the probes cost and what the floor is', () => {
    const text = formatReport(report([site(), site({ line: 20, count: 1_801_984 })]));
    expect(text.split('\n').slice(0, 5)).toEqual([
      'python    3.12.1, 1 process, 2.00 s',
      'measured  2,000,000 operations at 2 sites',
      'probes    14.2 ns each (±0.8), 28.4 ms in all, 1.4% of the run; taken out below',
      'floor     5 ns: what is shorter cannot be told from zero and is shown as ≤',
      'clock     tsc, 2,400 ticks per µs',
    ]);
  });

  test('shows what lies under the floor as a bound, sums included', () => {
    const fast = site({ count: 1000, totalNs: 3000, selfNs: -200, p50Ns: 3, p99Ns: 40 });
    const row = rowsOf(formatReport(report([fast])))[1];
    expect(row.slice(5)).toEqual(['≤ 4.20 µs', '≤ 4.20 µs', '≤ 5 ns', '40 ns', '<0.1%']);
  });

  test('an await has no share: other code runs meanwhile', () => {
    const row = rowsOf(formatReport(report([site({ kind: 'await' })])))[1];
    expect(row.at(-1)).toBe('-');
  });

  test('sites without columns or lines still have a place', () => {
    const sites = [
      site({ column: null, endColumn: null }),
      site({ line: null, endLine: null, column: null, endColumn: null }),
    ];
    const places = rowsOf(formatReport(report(sites), { sort: 'place' })).map((row) => row[2]);
    expect(places).toEqual(['place', '/project/app/aggregate.py (Hour.add)', '/project/app/aggregate.py:18']);
  });

  test('shows as many sites as asked for and says of how many', () => {
    const sites = Array.from({ length: 30 }, (_, i) => site({ line: i + 1 }));
    expect(formatReport(report(sites))).toContain('20 of 30 sites, by self\n');
    expect(rowsOf(formatReport(report(sites), { limit: 0 }))).toHaveLength(31);
    expect(rowsOf(formatReport(report(sites), { limit: 3, sort: 'count' }))).toHaveLength(4);
  });

  test('fits into the width, and says what it left out', () => {
    const long = site({
      file: '/usr/lib/python3/site-packages/package/subpackage/module.py',
      opcode: 'CALL_FUNCTION_KW',
      name: 'n'.repeat(60),
    });
    let checked = 0;
    for (let width = 80; width < 200; width++) {
      const lines = formatReport(report([long]), { width }).split('\n');
      const table = lines.slice(lines.findIndex((line) => line.startsWith('operation')));
      for (const line of table) expect([...line].length).toBeLessThanOrEqual(width);
      expect(table.some((line) => line.includes('without'))).toBe(!table[0].includes('raised'));
      checked++;
    }
    expect(checked).toBeGreaterThan(0);
  });

  test('keeps raised when something was raised', () => {
    const titles = rowsOf(formatReport(report([site({ raised: 7 })]), { width: 80 }))[0];
    expect(titles).toEqual(['operation', 'name', 'place', 'count', 'raised', 'self', 'p50']);
  });

  test('says what was not measured, and why', () => {
    const operation = {
      opcode: 'SETUP_WITH',
      file: 'a.py',
      function: 'f',
      line: 3,
      reason: 'a signal could come between',
    };
    const text = formatReport(
      report([site(), site({ ...IDLE, line: 99 })], {
        lost: { ...NO_LOSS, spans: 2 },
        notMeasured: {
          operations: [operation, { ...operation, line: 9 }, { ...operation, opcode: 'SEND' }],
          files: [{ file: 'b.py', reason: 'invalid syntax' }],
        },
      }),
    );
    expect(text.split('\n').slice(-9)).toEqual([
      '',
      'never executed: 1 instrumented site',
      'lost: 2 spans',
      'not measured: 3 operations',
      '  2 × SETUP_WITH: a signal could come between (first at a.py:3)',
      '  1 × SEND: a signal could come between (at a.py:3)',
      'not measured: 1 file',
      '  b.py: invalid syntax',
      '',
    ]);
  });

  test('says which processes ended early, and which were recorded coarsely', () => {
    const [process] = report([]).processes;
    const processes = [1, 2, 3, 4, 5, 6, 7].map((pid) => ({ ...process, pid, finished: false }));
    const text = formatReport(
      report([site()], { processes: [...processes, { ...process, coarse: true }], notes: ['a note'] }),
    );
    expect(text.split('\n').slice(-5)).toEqual([
      '',
      'a note',
      'did not end in order, measured up to there: 7 processes (1, 2, 3, 4, 5, and 2 more)',
      'coarse: recorded in Python, not in C, in 1 process (pyrewrite doctor tells why)',
      '',
    ]);
  });

  test('a profile without an executed site says so', () => {
    expect(formatReport(report([site(IDLE)]))).toContain('no measured operation was executed\n');
  });

  test('colours are for terminals only', () => {
    const control = String.fromCharCode(27);
    expect(formatReport(report([site()]))).not.toContain(control);
    expect(formatReport(report([site()]), { color: true })).toContain(control);
  });
});

test.each(SORT_KEYS)('sorts by %s', (key) => {
  const small = site({ line: 1, selfNs: 1, totalNs: 1, count: 1, raised: 1, p50Ns: 1, p99Ns: 1 });
  const large = site({ line: 2, selfNs: 2, totalNs: 2, count: 2, raised: 2, p50Ns: 2, p99Ns: 2 });
  const sorted = key === 'place' ? [small, large] : [large, small];
  expect(sortSites([small, large], key)).toEqual(sorted);
  expect(sortSites([large, small], key)).toEqual(sorted);
  expect(sortSites([site({ line: 7 }), site({ line: 3 })], key).map(({ line }) => line)).toEqual([3, 7]);
});
