/** `pyrewrite merge`: what it writes is reported as its parts are; a thousand processes in little memory. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { buildProfile } from '../profile/build-profile.ts';
import { makeFolder, pyrewrite } from './cli.ts';

const PROCESSES = 1000;
const SITES = 200;

/** A folder with profiles of processes that ran the same program. */
function fleet(processes: number): string {
  const folder = makeFolder();
  const names = Array.from({ length: SITES }, (_, i) => `attribute_${i}`);
  for (let pid = 1; pid <= processes; pid++) {
    const sites = names.map((name, i) => ({
      name,
      count: pid + i,
      raised: i % 3,
      total: 100 * i,
      self: 90 * i,
      min: 1,
      max: pid,
    }));
    writeFileSync(join(folder, `worker-${pid}.prof`), buildProfile({ pid, sites }));
  }
  return folder;
}

test(`${PROCESSES} processes become one small file that is reported as they are`, async () => {
  const folder = fleet(PROCESSES);
  const env = { NODE_OPTIONS: '--max-old-space-size=64' };
  const merged = await pyrewrite(['merge', '-o', 'out/all.prof', '.'], { cwd: folder, env });
  expect(merged).toMatchObject({ status: 0, stdout: '' });
  expect(merged.stderr).toMatch(/all\.prof: 1,000 processes, 200 sites, \d+ KiB/);
  const file = join(folder, 'out/all.prof');
  const [sum, parts] = [
    await pyrewrite(['report', '--json', file]),
    await pyrewrite(['report', '--json', '.'], { cwd: folder, env }),
  ];
  expect([sum.status, parts.status]).toEqual([0, 0]);
  expect(JSON.parse(sum.stdout)).toEqual(JSON.parse(parts.stdout));
  const { sites, processes } = JSON.parse(sum.stdout);
  expect(processes).toHaveLength(PROCESSES);
  expect(sites.map(({ count }: { count: number }) => count)).toEqual(
    Array.from({ length: SITES }, (_, i) => (PROCESSES * (PROCESSES + 1)) / 2 + PROCESSES * i),
  );
  const size = readFileSync(file).length;
  console.log(`merge: ${PROCESSES} processes, ${SITES} sites, ${size} bytes, in a heap of 64 MB`);
  expect(size).toBeLessThan(200_000);
});

test('tells what was merged as JSON; may replace what it read; refuses nothing and empty folders', async () => {
  const folder = fleet(3);
  const args = ['merge', '--json', '-o', 'worker-1.prof', 'worker-1.prof', 'worker-2.prof', 'worker-3.prof'];
  const { status, stdout } = await pyrewrite(args, { cwd: folder });
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'pyrewrite-merge/1', processes: 3, sites: SITES });
  const empty = await pyrewrite(['merge', '-o', 'x', '.'], { cwd: makeFolder() });
  expect([empty.status, empty.stderr]).toEqual([1, expect.stringContaining('there is no .prof file in .')]);
  expect((await pyrewrite(['merge', '-o', 'x'])).status).toBe(2);
  expect((await pyrewrite(['merge', folder])).stderr).toContain('no -o OUT given');
});
