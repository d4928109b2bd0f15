import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { OPERATIONS, operations } from '../../src/export/index.ts';
import { parquet } from '../../src/export/parquet.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { makeFolder } from '../cli/cli.ts';
import { parseBlocks } from '../docs/blocks.ts';
import { CONSUMERS_PYTHON, runConsumer, testWith } from './consumers.ts';
import { bytesOf, FLAT, sumsOf } from './fixture.ts';

const PROJECT = resolve(import.meta.dirname, '../..');
const SCRIPT = join(PROJECT, 'examples/analysis/hidden_time.py');

/** Three runs whose mean is the profile. */
function runs(): Profile[] {
  return [0.9, 1, 1.1].map((factor, run) => ({
    ...FLAT,
    processes: FLAT.processes.map((process) => ({ ...process, pid: process.pid + 10 * run })),
    sites: FLAT.sites.map((site) => ({
      ...site,
      selfNs: site.selfNs * factor,
      variants: site.variants.map((variant) => ({ ...variant, selfNs: variant.selfNs * factor })),
    })),
  }));
}

testWith(CONSUMERS_PYTHON, 'the example with pandas adds up to the report, and draws', () => {
  const folder = makeFolder();
  const rows = runs().flatMap((profile) => [...operations(profile)]);
  writeFileSync(join(folder, 'runs.parquet'), bytesOf(parquet.write(OPERATIONS, rows)));
  const text = runConsumer(CONSUMERS_PYTHON, [SCRIPT, 'runs.parquet', 'picture.png'], folder);
  const [categories] = text.split(/^site /m);
  const found = [...categories.matchAll(/^(\w+) +([\d.]+) +([\d.]+)$/gm)].map(([, name, ms, half]) => ({
    name,
    ms: Number(ms),
    half: Number(half),
  }));
  console.log(`pandas: ${found.length} categories, ${text.trim().split('\n').at(-1)}`);
  expect(found.length).toBeGreaterThan(2);
  const { operationNs, count } = sumsOf(FLAT);
  // Rounded to a tenth of a millisecond, each.
  const sum = found.reduce((total, { ms }) => total + ms, 0);
  expect(Math.abs(sum - operationNs / 1e6)).toBeLessThan(0.05 * found.length + 1e-9);
  // Student's t for two degrees of freedom.
  const [largest] = found;
  expect(largest.half).toBeCloseTo((4.3 * 0.1 * largest.ms) / Math.sqrt(3), 0);
  const awaits = FLAT.sites.reduce((total, site) => total + (site.kind === 'await' ? site.count : 0), 0);
  expect(text).toContain(`3 runs, `);
  expect(text).toContain(`${3 * (count - awaits)} executions`);
  expect(readFileSync(join(folder, 'picture.png')).readUInt32BE(16)).toBeGreaterThan(1000);
});

test('the page shows what the example does', () => {
  const script = readFileSync(SCRIPT, 'utf8');
  const page = readFileSync(join(PROJECT, 'docs/how-to/analyse-with-pandas.md'), 'utf8');
  const shown = parseBlocks(page).filter(({ language }) => language === 'py');
  expect(shown.length).toBeGreaterThan(2);
  for (const { text } of shown) expect(script).toContain(text.trim());
  console.log(`pandas: ${shown.length} parts of the example on its page`);
});
