/** Formats that speedscope imports, by its own importer: the sums are those of the report. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { type ExportOptions, formatByName } from '../../src/export/index.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { bytesOf, FLAT, NESTED, ROUNDING_NS, sumsOf } from './fixture.ts';
import { complaints, type Imported, importBySpeedscope } from './speedscope-importer.ts';

const PROFILES: readonly (readonly [string, Profile])[] = [
  ['flat', FLAT],
  ['with contexts', NESTED],
];

async function written(format: string, profile: Profile, options: ExportOptions = {}): Promise<Buffer> {
  const found = await formatByName(format);
  if (found.kind !== 'profile') throw new Error(`${format} is a table`);
  return bytesOf(found.format.write(profile, options));
}

async function imported(
  format: string,
  extension: string,
  profile: Profile,
  options: ExportOptions = {},
): Promise<Imported[]> {
  complaints.length = 0;
  const found = await importBySpeedscope(`app.${extension}`, await written(format, profile, options));
  expect(complaints).toEqual([]);
  if (found === null) throw new Error(`speedscope does not know ${format}`);
  console.log(`speedscope: ${format} as ${found.map(({ name, frames }) => `${name}: ${frames.length}`)}`);
  return found;
}

function weight(profiles: readonly Imported[], name: string): number {
  const [only] = profiles.filter((profile) => profile.name.includes(name));
  return only.totalWeight;
}

describe.each(PROFILES)('%s', (_, profile) => {
  const sums = sumsOf(profile);

  test('speedscope: every metric, not rounded', async () => {
    const found = await imported('speedscope', 'speedscope.json', profile);
    expect(weight(found, 'executions')).toBe(sums.count);
    expect(weight(found, 'exceptions')).toBe(sums.raised);
    expect(weight(found, 'time of operations')).toBeCloseTo(sums.operationNs, 3);
    expect(weight(found, 'time in awaits')).toBeCloseTo(sums.awaitNs, 3);
    expect(weight(found, 'garbage collections')).toBeCloseTo(sums.gcNs, 3);
    expect(weight(found, 'off the CPU')).toBe(4000);
    expect(weight(found, 'suspended')).toBe(40_000_000);
  });

  test('speedscope: valid by the published schema', async () => {
    const file = createRequire(import.meta.url).resolve('speedscope/dist/release/file-format-schema.json');
    const ajv = new Ajv({ strict: false, logger: false });
    const isValid = ajv.compile(JSON.parse(readFileSync(file, 'utf8')));
    isValid(JSON.parse((await written('speedscope', profile)).toString()));
    expect(isValid.errors ?? []).toEqual([]);
  });

  test.each([
    ['self', 'operationNs'],
    ['count', 'count'],
    ['raised', 'raised'],
    ['await', 'awaitNs'],
    ['gc', 'gcNs'],
  ] as const)('collapsed stacks of %s', async (metric, sum) => {
    const [found] = await imported('collapsed', 'collapsed', profile, { metric });
    expect(Math.abs(found.totalWeight - sums[sum])).toBeLessThanOrEqual(ROUNDING_NS);
    if (metric === 'count' || metric === 'raised') expect(found.totalWeight).toBe(sums[sum]);
  });

  test('pprof, decoded by the published proto', async () => {
    const [found] = await imported('pprof', 'pb.gz', profile);
    expect(Math.abs(found.totalWeight - sums.operationNs)).toBeLessThanOrEqual(ROUNDING_NS);
    expect(found.frames.some(({ name }) => name.includes('LOAD_ATTR price'))).toBe(true);
  });

  test('Chrome trace: sums, and the processes in time', async () => {
    const found = await imported('chrome-trace', 'trace.json', profile);
    // Microseconds.
    expect(Math.abs(weight(found, 'time of operations') * 1000 - sums.operationNs)).toBeLessThan(ROUNDING_NS);
    expect(weight(found, 'pid 4711')).toBeCloseTo(2e6, 6);
  });

  test('callgrind, of which it shows what has a single root; callgrind_annotate has the sums', async () => {
    const found = await imported('callgrind', 'callgrind', profile);
    expect(found.map(({ name }) => name.replace(/.* -- /, ''))).toEqual(['Ns', 'Ops', 'Raised']);
  });
});

test('operations are the leaves, below what called them where that was recorded', async () => {
  const lines = (await written('collapsed', NESTED, { metric: 'count' })).toString().trim().split('\n');
  const work = 'MainThread;main;CALL work :11:4;';
  expect(lines).toContain(`${work}work;BINARY_OP + :30:4 7`);
  expect(lines).toContain(`${work}main;LOAD_ATTR price :10:4 800`);
  expect(lines).toContain('(context not recorded);/srv/app/main.py;main;LOAD_ATTR price :10:4 200');
  const flat = (await written('collapsed', FLAT, { metric: 'count' })).toString().trim().split('\n');
  const price = '/srv/app/main.py;main;LOAD_ATTR price :10:4';
  expect(flat.filter((line) => line.startsWith(price))).toEqual([
    `${price};property of shop.Item 600`,
    `${price};instance of shop.Cheap 390`,
    `${price};(operands not seen) 10`,
  ]);
});
