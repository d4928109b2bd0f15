/** `pyrewrite export` and `pyrewrite query` as a user runs them. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runMain } from '../../src/cli/main.ts';
import { FORMAT_NAMES } from '../../src/export/index.ts';
import { FLAT, NESTED, sumsOf } from '../export/fixture.ts';
import { buildProfile } from '../profile/build-profile.ts';
import { mergedBytes } from '../support/merged.ts';
import { makeFolder, memoryIo } from './cli.ts';

const SUMS = sumsOf(FLAT);

/** A folder with a merged profile and two of single processes. */
function profiles(): string {
  const folder = makeFolder();
  writeFileSync(join(folder, 'app.prof'), mergedBytes(FLAT));
  writeFileSync(join(folder, 'nested.prof'), mergedBytes(NESTED));
  for (const pid of [1, 2]) {
    const site = { name: 'x', count: 10 * pid, raised: pid, total: 1000, self: 900, min: 50, max: 200 };
    writeFileSync(join(folder, `worker-${pid}.prof`), buildProfile({ pid, sites: [site] }));
  }
  return folder;
}

async function run(folder: string, ...argv: string[]) {
  const { io, written } = memoryIo(folder);
  const status = await runMain(argv, io);
  return { status, ...written };
}

test('every format is written to a file, by name and by the end of the name', async () => {
  const folder = profiles();
  for (const format of FORMAT_NAMES) {
    const named = await run(folder, 'export', '--format', format, '-o', `by-name.${format}`, 'app.prof');
    expect([format, named]).toEqual([format, { status: 0, stdout: '', stderr: '' }]);
    expect(readFileSync(join(folder, `by-name.${format}`)).length).toBeGreaterThan(100);
  }
  await run(folder, 'export', '-o', 'deep/down/app.speedscope.json', 'app.prof');
  expect(readFileSync(join(folder, 'deep/down/app.speedscope.json'))).toEqual(
    readFileSync(join(folder, 'by-name.speedscope')),
  );
  console.log(`export: ${FORMAT_NAMES.length} formats`);
});

test('standard output, --metric, --each, --label and --table', async () => {
  const folder = profiles();
  const count = await run(
    folder,
    'export',
    '--format',
    'collapsed',
    '--metric',
    'count',
    '-o',
    '-',
    'app.prof',
  );
  const weights = count.stdout
    .trim()
    .split('\n')
    .map((line) => Number(/ (\d+)$/.exec(line)?.[1]));
  expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(SUMS.count);
  const rows = async (...options: string[]): Promise<Record<string, unknown>[]> => {
    const workers = ['worker-1.prof', 'worker-2.prof'];
    const { stdout } = await run(folder, 'export', '--format', 'jsonl', ...options, '-o', '-', ...workers);
    return stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  };
  expect(await rows()).toMatchObject([{ count: 30, processes: 2, pid: null }]);
  expect(await rows('--each', '--label', 'service=web')).toMatchObject([
    { count: 10, processes: 1, pid: 1, service: 'web' },
    { count: 20, processes: 1, pid: 2, service: 'web' },
  ]);
  expect(await rows('--table', 'processes')).toMatchObject([{ pid: 1, cwd: '/work' }, { pid: 2 }]);
});

test('--partition writes a file for each partition, and the same again in its place', async () => {
  const folder = profiles();
  const write = async (): Promise<string[]> => {
    const keys = 'host,service=a/b,date,hour,python';
    await run(
      folder,
      'export',
      '--format',
      'parquet',
      '--partition',
      keys,
      '-o',
      'lake',
      'app.prof',
      'worker-1.prof',
    );
    return readdirSync(join(folder, 'lake'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.parquet'),
    );
  };
  const files = await write();
  expect(files.toSorted()).toEqual([
    expect.stringMatching(
      /^host=__HIVE_DEFAULT_PARTITION__\/service=a%2Fb\/date=1970-01-01\/hour=00\/python=3\.12\.1\/\d+-1-1\.parquet$/,
    ),
    expect.stringMatching(
      /^host=web-1\/service=a%2Fb\/date=2026-11-18\/hour=\d\d\/python=3\.12\.1\/\d+-4711-2\.parquet$/,
    ),
  ]);
  expect(await write()).toEqual(files);
  const sql =
    "SELECT service, count(*)::INT AS files, sum(count) AS n FROM read_parquet('lake/**/*.parquet', filename = true, hive_partitioning = true) GROUP BY 1";
  const { stdout } = await run(folder, 'query', '--json', sql.replaceAll('lake/', `${folder}/lake/`));
  expect(JSON.parse(stdout)).toMatchObject([{ service: 'a/b', n: SUMS.count + 10 }]);
});

test('query: tables, output as table, CSV and JSON; the sums of the report', async () => {
  const folder = profiles();
  const sql =
    'SELECT kind, sum(count) AS n, sum(raised) AS raised, sum(self_ns) AS ns FROM ops GROUP BY ALL ORDER BY kind';
  const { status, stdout } = await run(folder, 'query', '--json', sql, 'app.prof');
  const [waiting, working] = JSON.parse(stdout);
  expect(status).toBe(0);
  expect(waiting.n + working.n).toBe(SUMS.count);
  expect(waiting.raised + working.raised).toBe(SUMS.raised);
  expect(working.ns).toBeCloseTo(SUMS.operationNs, 3);
  expect(waiting.ns).toBeCloseTo(SUMS.awaitNs, 3);
  const workers = ['worker-1.prof', 'worker-2.prof'];
  const each = 'SELECT pid, count, name FROM ops JOIN processes USING (run, pid) ORDER BY pid';
  expect((await run(folder, 'query', '--each', '--csv', each, ...workers)).stdout).toBe(
    'pid,count,name\n1,10,x\n2,20,x\n',
  );
  expect((await run(folder, 'query', 'SELECT name, count FROM ops', ...workers)).stdout).toBe(
    'name  count\nx        30\n',
  );
  expect(
    (
      await run(
        folder,
        'query',
        '--jsonl',
        'SELECT hist_ns, 1.5 AS half, NULL AS nothing FROM ops',
        'worker-1.prof',
      )
    ).stdout,
  ).toBe('{"hist_ns":[],"half":1.5,"nothing":null}\n');
  expect((await run(folder, 'query', '--json', 'SELECT 1 AS a WHERE false')).stdout).toBe('[]\n');
});

test('query --explain lists tables and columns', async () => {
  const { stdout } = await run(makeFolder(), 'query', '--explain');
  for (const word of ['ops: ', 'processes: ', 'self_ns', 'DOUBLE[]', 'VARCHAR?'])
    expect(stdout).toContain(word);
  const { tables } = JSON.parse((await run(makeFolder(), 'query', '--explain', '--json')).stdout);
  expect(tables[0].columns.length).toBeGreaterThan(40);
});

test('what is wrong is said once, and nothing is written', async () => {
  const folder = profiles();
  const cases: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['export', 'app.prof'], 2, /no -o FILE given/],
    [['export', '-o', 'x.csv'], 2, /no PROFILE given/],
    [['export', '-o', 'x.xyz', 'app.prof'], 2, /x\.xyz does not tell the format\n {2}give --format/],
    [
      ['export', '--format', 'flame', '-o', 'x', 'app.prof'],
      2,
      /no format 'flame'\n {2}there are speedscope/,
    ],
    [['export', '--each', '-o', 'x.pstats', 'app.prof'], 2, /--each is for tables and not for pstats/],
    [['export', '--metric', 'size', '-o', 'x.folded', 'app.prof'], 2, /no metric 'size'/],
    [['export', '--metric', 'count', '-o', 'x.csv', 'app.prof'], 2, /--metric is for collapsed/],
    [['export', '--label', 'a-b=c', '-o', 'x.csv', 'app.prof'], 2, /--label takes NAME=VALUE/],
    [['export', '--label', 'file=c', '-o', 'x.csv', 'app.prof'], 2, /a column of this name/],
    [['export', '--partition', 'moon', '-o', 'x.csv', 'app.prof'], 2, /no key 'moon'/],
    [['export', '--table', 'x', '-o', 'x.csv', 'app.prof'], 2, /no table 'x'/],
    [['export', '-o', 'x.csv', 'none.prof'], 1, /none\.prof: no such file/],
    [['query'], 2, /no SQL given/],
    [['query', 'SELEC 1'], 2, /DuckDB: Parser Error.*\n {2}pyrewrite query --explain/],
    [['query', 'SELECT nothing FROM ops', 'app.prof'], 2, /DuckDB: Binder Error/],
    [['query', '--csv', '--json', 'SELECT 1'], 2, /do not go together/],
    [['query', "SELECT * FROM read_parquet('none.parquet')"], 2, /DuckDB: IO Error/],
  ];
  for (const [argv, expected, message] of cases) {
    const { status, stdout, stderr } = await run(folder, ...argv);
    expect([argv, status, stdout]).toEqual([argv, expected, '']);
    expect(stderr).toMatch(message);
  }
  for (const name of readdirSync(folder)) expect(name).toMatch(/\.prof$/);
  expect(existsSync(join(folder, 'x.csv'))).toBe(false);
});
