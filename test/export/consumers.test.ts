/** Each export is opened by a program that it is for, which finds the sums of the report. */
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { formatByName, OPERATIONS, operations } from '../../src/export/index.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { makeFolder } from '../cli/cli.ts';
import { describePythons, runPython } from '../support/pythons.ts';
import { CONSUMERS_PYTHON, runConsumer, testWith } from './consumers.ts';
import { bytesOf, FLAT, NESTED, ROUNDING_NS, sumsOf } from './fixture.ts';

const HERE = import.meta.dirname;
/** Where it is missing it stays so: the importer of speedscope decodes the same bytes by the published proto. */
const GO_IS_LARGE = true;
const PROFILES: readonly (readonly [string, Profile])[] = [
  ['flat', FLAT],
  ['with contexts', NESTED],
];

/** Of both profiles. */
const SUMS = sumsOf(FLAT);

async function written(name: string, profile: Profile): Promise<Buffer> {
  const found = await formatByName(name);
  if (found.kind === 'table') return bytesOf(found.format.write(OPERATIONS, operations(profile)));
  return bytesOf(found.format.write(profile, { labels: { service: 'web "1"' } }));
}

/** A folder with these exports of a profile. */
async function exported(profile: Profile, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = makeFolder();
  for (const [file, format] of Object.entries(files)) {
    writeFileSync(join(folder, file), await written(format, profile));
  }
  return folder;
}

describePythons('pstats', (python) => {
  test.each(PROFILES)('%s: as many calls and as much time', async (_, profile) => {
    const folder = await exported(profile, { 'app.pstats': 'pstats' });
    const script = join(HERE, 'read_pstats.py');
    const found = JSON.parse(runPython(python, [script, join(folder, 'app.pstats')]));
    const sums = sumsOf(profile);
    console.log(`pstats: ${found.calls} calls of ${found.functions.length} entries, ${python.label}`);
    // Read twice.
    expect(found).toMatchObject({ calls: 2 * sums.count, primitive: 2 * sums.count });
    expect(found.seconds * 1e9).toBeCloseTo(2 * (sums.operationNs + sums.awaitNs), 0);
    expect(found.functions).toContain('LOAD_ATTR price :10:4');
    expect(found.callers).toBeGreaterThan(5);
  });
});

describe.each(PROFILES)('%s', (_, profile) => {
  const sums = sumsOf(profile);

  testWith(
    'go',
    'pprof: go tool pprof',
    async () => {
      const folder = await exported(profile, { 'app.pb.gz': 'pprof' });
      const run = (...args: string[]): string => runConsumer('go', ['tool', 'pprof', ...args], folder);
      const raw = run('-raw', 'app.pb.gz');
      const rows = [...raw.matchAll(/^ +((?:\d+ +)+\d+): /gm)].map(([, row]) =>
        row.trim().split(/ +/).map(Number),
      );
      const column = (at: number): number => rows.reduce((sum, row) => sum + row[at], 0);
      console.log(`pprof: ${rows.length} samples`);
      expect([column(0), column(1)]).toEqual([sums.count, sums.raised]);
      expect(Math.abs(column(7) - sums.operationNs)).toBeLessThanOrEqual(ROUNDING_NS);
      expect(Math.abs(column(2) - sums.awaitNs)).toBeLessThanOrEqual(ROUNDING_NS);
      expect(Math.abs(column(6) - sums.gcNs)).toBeLessThanOrEqual(ROUNDING_NS);
      expect(raw).toContain('opcode:[LOAD_ATTR]');
      expect(run('-top', '-sample_index=operations', 'app.pb.gz')).toContain('LOAD_ATTR price :10:4');
      if (profile === FLAT) {
        const tags = run('-tags', '-sample_index=operations', 'app.pb.gz');
        expect(tags).toMatch(/600 .*property/);
        expect(tags).toContain('shop.Cheap');
      }
    },
    GO_IS_LARGE,
  );

  testWith('callgrind_annotate', 'callgrind: callgrind_annotate', async () => {
    const folder = await exported(profile, { 'app.callgrind': 'callgrind' });
    const text = runConsumer(
      'callgrind_annotate',
      ['--threshold=100', '--tree=both', 'app.callgrind'],
      folder,
    );
    const [, ...totals] =
      /^([\d,]+) \(.*?\) +([\d,]+) \(.*?\) +([\d,]+) \(.*?\) +PROGRAM TOTALS/m.exec(text) ?? [];
    const [ns, count, raised] = totals.map((total) => Number(total.replaceAll(',', '')));
    console.log(`callgrind: ${ns} ns, ${count} operations, ${raised} raised`);
    expect([count, raised]).toEqual([sums.count, sums.raised]);
    expect(Math.abs(ns - sums.operationNs - sums.awaitNs)).toBeLessThanOrEqual(ROUNDING_NS);
  });

  testWith('genhtml', 'lcov: genhtml and lcov read the lines', async () => {
    const folder = await exported(profile, { 'app.info': 'lcov' });
    const summary = runConsumer('lcov', ['--summary', 'app.info'], folder);
    expect(summary).toMatch(/lines\.*: 83\.3% \(5 of 6 lines\)/);
    const text = (await written('lcov', profile)).toString();
    const counted = [...text.matchAll(/^DA:\d+,(\d+)$/gm)].map(([, count]) => Number(count));
    const withoutLine = profile.sites.filter(({ line }) => line === null);
    const known = sums.count - withoutLine.reduce((sum, { count }) => sum + count, 0);
    expect(counted.reduce((sum, count) => sum + count, 0)).toBe(known);
  });

  testWith(CONSUMERS_PYTHON, 'OpenMetrics: the parser of prometheus_client', async () => {
    const folder = await exported(profile, { 'app.prom': 'openmetrics' });
    const script = `${join(HERE, 'read_metrics.py')} < app.prom`;
    const text = runConsumer('sh', ['-c', `'${CONSUMERS_PYTHON}' ${script}`], folder);
    const { sums: found, names } = JSON.parse(text);
    console.log(`OpenMetrics: ${Object.keys(found).length} families`);
    expect(found['pyrewrite_operation_duration_seconds_count']).toBe(sums.count);
    expect(found['pyrewrite_operation_raised_total']).toBe(sums.raised);
    const self = found['pyrewrite_operation_self_seconds_total'] * 1e9;
    expect(self).toBeCloseTo(sums.operationNs + sums.awaitNs, 1);
    expect(names).toContain('a "quoted", b;c\\d\u00e9\u{1f600}');
  });
});

testWith(CONSUMERS_PYTHON, 'tables: pandas, pyarrow and DuckDB', async () => {
  const files = ['app.parquet', 'app.arrow', 'app.csv', 'app.jsonl'];
  const formats = Object.fromEntries(files.map((file) => [file, file.slice('app.'.length)]));
  const folder = await exported(FLAT, formats);
  const found = JSON.parse(runConsumer(CONSUMERS_PYTHON, [join(HERE, 'read_tables.py'), ...files], folder));
  const { histogram, types, ...readers } = found;
  console.log(`tables: ${Object.keys(readers).join('; ')}: ${readers['pandas, CSV'].rows} rows`);
  for (const reader of Object.values<Record<string, number>>(readers)) {
    expect(reader).toMatchObject({ rows: 10, count: SUMS.count, raised: SUMS.raised, nulls: 1 });
    expect(reader['operationNs']).toBeCloseTo(SUMS.operationNs, 3);
    expect(reader['awaitNs']).toBeCloseTo(SUMS.awaitNs, 3);
    // Collections outside of all operations are in no row.
    expect(reader['gcNs']).toBe(8000);
    expect(reader['names']).toContain('a "quoted", b;c\\d\u00e9\u{1f600}');
  }
  expect(histogram).toBe(SUMS.count - 10);
  expect(types).toMatchObject({ count: 'int64', self_ns: 'double', first: 'bool', file: 'string' });
  expect(Object.keys(types)).toEqual(OPERATIONS.columns.map(({ name }) => name));
});

test('Firefox Profiler: its own command line loads it', async () => {
  const folder = await exported(NESTED, { 'app.gecko.json': 'firefox' });
  const threads = await askFirefoxProfiler(folder, 'app.gecko.json');
  const thread = (name: string): FirefoxSamples =>
    threads.filter(({ friendlyThreadName }) => friendlyThreadName.includes(name))[0];
  console.log(`Firefox Profiler: ${threads.map((one) => one.friendlyThreadName).join('; ')}`);
  expect(thread('executions').categoryBreakdown.totalSamples).toBe(SUMS.count);
  expect(thread('exceptions').categoryBreakdown.totalSamples).toBe(SUMS.raised);
  const found = thread('time of operations');
  expect(found.weightType).toBe('tracing-ms');
  expect(found.categoryBreakdown.totalSamples * 1e6).toBeCloseTo(SUMS.operationNs, 2);
  const names = found.topFunctionsBySelf.map(({ name }) => name);
  expect(names.some((name) => /BINARY_OP \+ :30/.test(name))).toBe(true);
});

interface FirefoxSamples {
  readonly friendlyThreadName: string;
  readonly weightType: string;
  readonly categoryBreakdown: { readonly totalSamples: number };
  readonly topFunctionsBySelf: readonly { readonly name: string }[];
}

/** Loads a profile in a session of its own, asks for the samples of its first threads, and ends the session. */
async function askFirefoxProfiler(folder: string, file: string): Promise<FirefoxSamples[]> {
  const program = join(
    dirname(createRequire(import.meta.url).resolve('@firefox-devtools/profiler-cli/package.json')),
    'dist/profiler-cli.js',
  );
  const env = {
    ...process.env,
    PROFILER_CLI_SESSION_DIR: folder,
    PROFILER_CLI_NO_SYMBOLICATE: '1',
    PROFILER_CLI_LOAD_TIMEOUT_MS: '60000',
  };
  const run = async (...args: string[]): Promise<{ status: number | null; output: string }> => {
    const child = spawn(process.execPath, [program, ...args], { cwd: folder, env });
    let output = '';
    const keep = (text: Buffer): void => {
      output += text;
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { status, output };
  };
  try {
    let answer = await run('load', file);
    // Its daemon is given half a second to start: on a busy machine it is asked again.
    for (let tries = 0; tries < 120 && answer.status !== 0; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      answer = await run('status');
    }
    const threads: FirefoxSamples[] = [];
    for (const thread of ['t-0', 't-1', 't-2', 't-3']) {
      const samples = await run('thread', 'samples', '--json', '--limit', '100', '--thread', thread);
      if (samples.status !== 0) throw new Error(`${answer.output}\n${samples.output}`);
      threads.push(JSON.parse(samples.output));
    }
    return threads;
  } finally {
    await run('stop');
  }
}
