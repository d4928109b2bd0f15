import { expect, test } from 'vitest';
import type { Category } from '../../src/findings/categories.ts';
import type { Finding } from '../../src/findings/finding.ts';
import type { Report } from '../../src/report/report.ts';
import { formatReportScreen } from '../../src/report/screen.ts';
import { formatReport } from '../../src/report/table.ts';
import { NO_LOSS } from '../support/made-up.ts';
import { IDLE, report, site } from './fixture.ts';

function category(id: Category['id'], label: string, ns: number): Category {
  return { id, label, about: `what ${label} are`, ns, uncertaintyNs: ns / 20, count: 10 };
}

const CATEGORIES = [
  category('property', 'properties', 1e9),
  category('native', 'C calls', 5e8),
  category('import', 'import', 1e6),
  category('probes', 'probes', 2e8),
  category('unmeasured', 'unmeasured', 2.99e8),
];

const FINDING: Finding = {
  rule: 'repeated-property',
  title: 'measurement.celsius is a property and is read 3.4 times on the same object in Hour.add',
  evidence: ['198,016 reads at 5 places, 1.20 µs each; 99,000 would do'],
  remedy: 'read measurement.celsius once into a local variable, if it stays the same meanwhile',
  file: '/project/app/aggregate.py',
  function: 'Hour.add',
  line: 18,
  sites: [0],
  gainNs: { value: 7e8, low: 5e8, high: 9e8 },
};

const LINES = [...Array.from({ length: 17 }, () => ''), '           self.low = measurement.celsius'];
const FULL = report([site(), site({ ...IDLE, line: 99 })], {
  categories: CATEGORIES,
  findings: [FINDING, { ...FINDING, line: 3, title: 'second' }, FINDING, { ...FINDING, title: 'fourth' }],
});

test('one screen: taxes, findings, sites with their source, what was not measured', () => {
  const text = formatReportScreen(FULL, { cwd: '/project', source: () => LINES });
  const lines = text.split('\n');
  expect(lines.filter((line) => /^(Where|Findings|1 site|never)/.test(line))).toEqual([
    'Where the time went',
    'Findings  what each change alone would save',
    '1 site, by self',
    'never executed: 1 instrumented site',
  ]);
  expect(lines.length).toBeLessThan(45);
  const row = lines.findIndex((line) => line.includes('app/aggregate.py:18:22'));
  expect(lines.slice(row + 1, row + 3)).toEqual([
    '      self.low = measurement.celsius',
    '                 ^^^^^^^^^^^^^^^^^^^',
  ]);
});

test('each tax has a bar as long as its share, and the small ones a line together', () => {
  const lines = formatReportScreen(FULL).split('\n');
  const at = lines.indexOf('Where the time went');
  expect(lines.slice(at + 1, at + 6)).toEqual([
    `  properties   ${'█'.repeat(24)}    1.00 s   50.0% ±50.0 ms`,
    `  C calls      ${'█'.repeat(12).padEnd(24)}    500 ms   25.0% ±25.0 ms`,
    `  probes       ${' '.repeat(24)}    200 ms   10.0%`,
    `  unmeasured   ${' '.repeat(24)}    299 ms   14.9%`,
    '  1.00 ms (0.1%) in all: import',
  ]);
});

test('findings say what, where, how it was measured, what to do and what that saves', () => {
  const lines = formatReportScreen(FULL, { cwd: '/project' }).split('\n');
  const at = lines.findIndex((line) => line.startsWith('Findings'));
  expect(lines.slice(at + 1, at + 5)).toEqual([
    ' 1  measurement.celsius is a property and is read 3.4 times on the same object in Hour.add',
    '    app/aggregate.py:18: 198,016 reads at 5 places, 1.20 µs each; 99,000 would do',
    '    → read measurement.celsius once into a local variable, if it stays the same meanwhile',
    '    saves 700 ms (500 ms to 900 ms), 35.0% of the run',
  ]);
  expect(lines.find((line) => line.includes('fourth'))).toMatch(/^ 4 {2}saves 700 ms .* fourth \(app/);
});

const FREED = ['app.Row', 'list', null, 'dict', 'set', 'app.Cell'].map((type, k) => ({
  type,
  count: 1234 - k,
  ns: 1e9 - k * 1e8,
}));

test('what was freed is told by type, unless it took next to no time', () => {
  const linesOf = (wholeNs: number): string[] =>
    formatReportScreen(report([site()], { categories: CATEGORIES, freed: FREED, wholeNs })).split('\n');
  const [line, next] = linesOf(1e10).slice(linesOf(1e10).findIndex((one) => one.startsWith('  freed')));
  expect(`${line.trim()} ${next.trim()}`).toContain(
    'freed        1,234 app.Row (1.00 s), 1,233 list (900 ms), 1,232 ? (800 ms), 1,231 dict (700 ms), 2 types more',
  );
  expect(linesOf(1e13).filter((one) => one.startsWith('  freed'))).toEqual([]);
});

/** Wide numbers, what was sampled and raised, and all that can be said of what was not measured. */
function wideReport(): Report {
  const interval = { value: 198_016, error: 1000, low: 1, high: 1e12 };
  const percentiles = { p50Ns: interval, p90Ns: interval, p99Ns: interval };
  const estimate = { bursts: 3, count: interval, totalNs: interval, selfNs: interval, ...percentiles };
  const operation = {
    opcode: 'SETUP_WITH',
    file: '/project/a/long/way/down/below.py',
    function: 'f',
    line: 3,
    reason: 'a signal could come between the call and the entry',
  };
  const sites = [site({ raised: 123_456_789, count: 1_234_567_890 }), site({ estimate }), site(IDLE)];
  const findings = Array.from({ length: 13 }, () => FINDING);
  return report(sites, {
    categories: CATEGORIES,
    findings,
    waitingNs: 1e9,
    freed: FREED,
    lost: { ...NO_LOSS, spans: 2 },
    notes: ['the file ends early: what was recorded after 123,456,789 bytes is missing'],
    notMeasured: { operations: [operation], files: [{ file: operation.file, reason: 'invalid syntax' }] },
  });
}

test('no line is wider than the terminal', () => {
  let checked = 0;
  const widths = [40, 60, 80, 120, ...Array.from({ length: 40 }, (_, i) => 41 + 3 * i)];
  for (const shown of [FULL, wideReport()]) {
    for (const width of widths) {
      const style = { cwd: '/project', width, source: () => LINES };
      const lines = [
        ...formatReportScreen(shown, style).split('\n'),
        ...formatReport(shown, style).split('\n'),
      ];
      for (const line of lines) {
        expect([...line].length, `${width}: ${line}`).toBeLessThanOrEqual(width);
        checked++;
      }
    }
  }
  expect(checked).toBeGreaterThan(3000);
});

test.each([
  [40, ['operation', 'place', 'self']],
  [60, ['operation', 'name', 'place', 'count', 'self']],
  [80, ['operation', 'name', 'place', 'count', 'self', 'p50', 'share']],
  [120, ['operation', 'name', 'place', 'count', 'raised', 'total', 'self', 'p50', 'p99', 'share']],
])('a terminal of %i characters has the columns that tell most', (width, columns) => {
  const lines = formatReportScreen(FULL, { width }).split('\n');
  const title = lines.find((line) => line.startsWith('operation'));
  expect(title?.split(/ +/)).toEqual(columns);
  const all = ['operation', 'name', 'place', 'count', 'raised', 'total', 'self', 'p50', 'p99', 'share'];
  const [, told = ''] = /characters wide: without (.*?)\n\n/s.exec(lines.join('\n')) ?? [];
  const left = told.split(/,\s+/).filter((word) => word !== '');
  expect(left.toSorted()).toEqual(all.filter((one) => !columns.includes(one)).toSorted());
});

test('colours are for terminals only', () => {
  const control = String.fromCharCode(27);
  expect(formatReportScreen(FULL)).not.toContain(control);
  expect(formatReportScreen(FULL, { color: true })).toContain(control);
});

test('without findings, or executed operations, nothing is said of them', () => {
  const text = formatReportScreen(report([site(IDLE)]));
  expect(text).toContain('no measured operation was executed');
  expect(text).not.toContain('Findings');
});

test('names cannot steer the terminal', () => {
  const bell = String.fromCharCode(7);
  const evil = { ...FINDING, title: `read ${bell}[2J`, evidence: [bell], file: `/a${bell}.py` };
  const text = formatReportScreen(report([site({ name: bell })], { findings: [evil] }), {
    source: () => LINES.map((line) => line + bell),
  });
  expect(text).not.toContain(bell);
  expect(text).toContain('\\x07');
});
