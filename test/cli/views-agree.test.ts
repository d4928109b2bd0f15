/** Every view of a recorded run says what `report --json` says, to the last count. */
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import type { DiffReport } from '../../src/report/diff/index.ts';
import type { Report, ReportSite } from '../../src/report/report.ts';
import { describePythons } from '../support/pythons.ts';
import { makeFolder, pyrewrite } from './cli.ts';

const APP = resolve(import.meta.dirname, '../../examples/sensors/app.py');

/** What all views have of a site: where it is, what it is, how often it was executed and raised. */
type Row = readonly [place: string, opcode: string, name: string, count: number, raised: number];

const sortRows = (rows: readonly Row[]): string[] => rows.map((row) => row.join(' ')).sort();

const rowOf = ({ file, line, column, opcode, name, count, raised }: ReportSite): Row => [
  [file, line, column].filter((part) => part !== null).join(':'),
  opcode,
  name ?? '',
  count,
  raised,
];

const sum = (rows: readonly Row[]): number => rows.reduce((total, [, , , count]) => total + count, 0);

describePythons(
  'views',
  (python) => {
    test('every view has the counts of the JSON', async () => {
      const folder = makeFolder();
      const run = async (...args: string[]): Promise<string> => {
        const { status, stdout, stderr } = await pyrewrite(args, { cwd: folder });
        expect(status, `${args.join(' ')}: ${stderr}`).toBe(0);
        return stdout;
      };
      await run(
        'run',
        '--python',
        python.path,
        '--opcodes',
        'all',
        '--callers',
        '-o',
        'app.prof',
        APP,
        '300',
      );
      const json = await run('report', '--json', 'app.prof');
      const report: Report = JSON.parse(json);
      const executed = report.sites.filter(({ count }) => count > 0).map(rowOf);
      const expected = sortRows(executed);
      const count = sum(executed);
      expect(executed.length).toBeGreaterThan(100);
      const seen: string[] = [];
      const agree = (view: string, rows: readonly Row[]): void => {
        expect(sortRows(rows.filter((row) => row[3] > 0)), view).toEqual(expected);
        seen.push(view);
      };

      const table = await run('report', '--limit', '0', '--sort', 'count', 'app.prof');
      const printed = [...table.matchAll(/:(\d+(?::\d+)?) +([\d,]+) +([\d,]+) {2,}\S/g)].map(([, ...cells]) =>
        cells.map((cell) => cell.replaceAll(',', '')).join(' '),
      );
      const places = executed.map(([place, , , ...counts]) =>
        [/\d+(:\d+)?$/.exec(place)?.[0] ?? '', ...counts].join(' '),
      );
      expect(printed.sort()).toEqual(places.sort());
      seen.push('terminal');

      const { sites } = JSON.parse(
        await run('top', '--once', '--interval', '0.02', '--json', '--limit', '0', 'app.prof'),
      );
      agree('top', sites.map(rowOf));

      const sql =
        'SELECT file, line, col AS "column", opcode, name, sum(count)::INT AS count, sum(raised)::INT AS raised FROM ops GROUP BY site, file, line, col, opcode, name';
      agree('query', JSON.parse(await run('query', '--json', sql, 'app.prof')).map(rowOf));
      await run('export', '-o', 'app.parquet', 'app.prof');
      agree(
        'parquet',
        JSON.parse(await run('query', '--json', sql.replace('ops', "'app.parquet'"))).map(rowOf),
      );

      const diff: DiffReport = JSON.parse(await run('diff', '--json', 'app.prof', 'app.prof'));
      agree(
        'diff',
        diff.sites.map(({ opcode, name, b, count: { a }, raised }): Row => {
          const place = [b?.file, b?.line, b?.column].filter((part) => part !== null).join(':');
          return [place, opcode, name ?? '', a.mean, raised.b.mean];
        }),
      );

      await run('merge', '-o', 'merged.prof', 'app.prof');
      expect(await run('report', '--json', 'merged.prof')).toBe(json);
      seen.push('merge');

      const files = [...new Set(report.sites.map(({ file }) => file))].filter((file) => file.startsWith('/'));
      const { files: annotated } = JSON.parse(await run('annotate', '--json', ...files, 'app.prof'));
      agree(
        'annotate',
        annotated.flatMap(
          ({ file, lines }: { file: string; lines: { line: number; operations: ReportSite[] }[] }) =>
            lines.flatMap(({ line, operations }) => operations.map((site) => rowOf({ ...site, file, line }))),
        ),
      );

      await run('check', '--write', 'budget.toml', '--per', 'site', 'app.prof');
      const budget: { results: { metric: string; actual: number }[] } = JSON.parse(
        await run('check', '--json', '--budget', 'budget.toml', 'app.prof'),
      );
      const budgeted = budget.results.filter(({ metric }) => metric === 'count');
      expect(budgeted.reduce((total, { actual }) => total + actual, 0)).toBe(count);
      seen.push('check');

      const collapsed = await run(
        'export',
        '--format',
        'collapsed',
        '--metric',
        'count',
        '-o',
        '-',
        'app.prof',
      );
      const weights = [...collapsed.matchAll(/ (\d+)$/gm)].map(([, weight]) => Number(weight));
      expect(weights.reduce((total, weight) => total + weight, 0)).toBe(count);
      seen.push('collapsed');
      console.log(`views: ${executed.length} sites, ${count} executions: the same in ${seen.join(', ')}`);
      expect(seen).toHaveLength(9);
    }, 400_000);
  },
  { names: ['3.12'] },
);
