import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Report, ReportSite } from '../../src/report/report.ts';
import { formatVariants } from '../../src/report/table.ts';
import { formatCount, formatMeasured } from '../../src/report/units.ts';
import { violations } from '../report/schema.ts';
import { describePythons, type Python, runPython } from '../support/pythons.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const APP = join(PROJECT, 'examples/sensors/app.py');
const ROWS = 3000;
/** What the seeded generator gives: the same on every version. */
const UNKNOWN = 34;
const HOURS = 150;

const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-sensors-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describePythons('the sensors example', (python) => {
  let run: { stdout: string; report: Report; table: string };
  beforeAll(() => {
    run = runExample(python);
  });

  test('prints what it prints without pyrewrite', () => {
    expect(run.stdout).toBe(runPython(python, [APP, String(ROWS)]));
    expect(run.stdout).toContain(`measurements: ${ROWS}, from unknown sensors: ${UNKNOWN}\nhours: ${HOURS}`);
  });

  test('is counted exactly', () => {
    const known = ROWS - UNKNOWN;
    const celsius = sitesAt(run.report, 'aggregate.py', 16).filter(({ name }) => name === 'celsius');
    expect(celsius.map(({ count, raised }) => [count, raised])).toEqual([[known, 0]]);
    const append = sitesAt(run.report, 'report.py', 14).filter(({ opcode }) => opcode === 'STORE_ATTR');
    expect(append.map(({ count }) => count)).toEqual([HOURS]);
    const raised = sitesAt(run.report, 'measurement.py', 31).filter(
      ({ opcode }) => opcode === 'RAISE_VARARGS',
    );
    const reads = sitesInFunction(run.report, 'celsius', 'hasattr').map(({ count }) => count);
    expect(raised.map((site) => [site.count, site.raised])).toEqual(reads.map((count) => [count, count]));
    expect(raised).toHaveLength(1);
  });

  test('has a report that is as the schema says, and complete', () => {
    expect(violations(run.report)).toEqual([]);
    expect(run.report.python.startsWith(`${python.name}.`)).toBe(true);
    expect(Object.values(run.report.lost).every((count) => count === 0)).toBe(true);
    expect(run.report.notes).toEqual([]);
    for (const site of run.report.sites) expect(site.raised).toBeLessThanOrEqual(site.count);
  });

  test('has the same numbers in the table and in JSON', () => {
    const rows = tableRows(run.table);
    const { probe, sites } = run.report;
    const expected = sites.filter(({ count }) => count > 0).map((site) => expectedRow(site, probe.floorNs));
    expect(rows.toSorted()).toEqual(expected.toSorted());
    console.log(`sensors: ${rows.length} rows of the table compared with JSON, Python ${python.label}`);
    expect(rows.length).toBeGreaterThan(0);
  });
});

/** Runs the example with every operation timed; its report as JSON and as a table. */
function runExample(python: Python): { stdout: string; report: Report; table: string } {
  const profile = join(folder, `${python.label}.prof`);
  const stdout = pyrewrite([
    'run',
    '--python',
    python.path,
    '--opcodes',
    'all',
    '-o',
    profile,
    APP,
    String(ROWS),
  ]);
  const report = JSON.parse(pyrewrite(['report', '--json', profile]));
  return { stdout, report, table: pyrewrite(['report', '--limit', '0', profile]) };
}

function pyrewrite(args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(PROJECT, 'dist/cli/main.js'), ...args],
    {
      encoding: 'utf8',
      cwd: folder,
      maxBuffer: 1 << 28,
    },
  );
  expect(status, stderr).toBe(0);
  return stdout;
}

function sitesAt(report: Report, file: string, line: number): ReportSite[] {
  return report.sites.filter(
    (site) => site.file.endsWith(`/${file}`) && site.line === line && site.count > 0,
  );
}

function sitesInFunction(report: Report, name: string, callee: string): ReportSite[] {
  return report.sites.filter(
    (site) => site.function.endsWith(name) && site.name === callee && site.opcode.startsWith('CALL'),
  );
}

/** Rows of the table, with one blank between the cells. */
function tableRows(table: string): string[] {
  const lines = table.split('\n');
  const title = lines.findIndex((line) => line.startsWith('operation'));
  return lines
    .slice(title + 1, lines.indexOf('', title))
    .map((line) => line.replace(/ +/g, ' ').replace(/ (≤ )?\S+$/, ''));
}

function expectedRow(site: ReportSite, floorNs: number): string {
  const place = [site.file, site.line, site.column].filter((part) => part !== null).join(':');
  const one = (ns: number | null): string => (ns === null ? '-' : formatMeasured(ns, floorNs));
  const sum = (ns: number): string => formatMeasured(ns, floorNs * site.count);
  const numbers = [
    formatCount(site.count),
    formatCount(site.raised),
    sum(site.totalNs),
    sum(site.selfNs),
    one(site.p50Ns),
    one(site.p99Ns),
  ];
  return [site.opcode, site.name ?? '', formatVariants(site), place, ...numbers]
    .join(' ')
    .replace(/ +/g, ' ');
}
