/** `pyrewrite snapshot` beside running programs: the intervals of a process add up to its profile. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile, SiteStats } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { findPython } from '../support/pythons.ts';
import { cleanEnvironment, cliArgs, makeFolder, pyrewrite } from './cli.ts';

const PROGRAM = `import os, sys, time
class Row:
    value = 2
def work(row, i):
    total = 0
    for _ in range(200):
        total += row.value
    try:
        row.missing if i % 3 else row.value
    except AttributeError:
        pass
    return total
def late(row):
    return [row.value for _ in range(50)]
end, i = time.time() + 4, 0
while time.time() < end:
    work(Row(), i)
    i += 1
    if i > 2000:
        late(Row())
`;

const EVERY = '0.4';

interface Taken {
  readonly whole: Profile;
  readonly parts: readonly Profile[];
}

/** Runs the program and takes snapshots of it until it ends. */
async function take(python: string, options: readonly string[]): Promise<Taken> {
  const folder = makeFolder({ 'app.py': PROGRAM });
  const path = findPython(python)?.path ?? 'python3';
  const args = ['run', '--python', path, '--opcodes', 'attr,arith', ...options, '-o', 'whole.prof', 'app.py'];
  const child = spawn(process.execPath, cliArgs(args), {
    cwd: folder,
    env: cleanEnvironment(),
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  const running = `/proc/${child.pid}/task/${child.pid}/children`;
  let pid = '';
  for (let i = 0; i < 4000 && pid === ''; i++) {
    await sleep(20);
    for (const one of readFileSync(running, 'utf8').trim().split(' ')) {
      const seen = await pyrewrite(['control', 'status', one], { cwd: folder });
      if (one !== '' && seen.status === 0) pid = one;
    }
  }
  const { status, stderr } = await pyrewrite(['snapshot', '--every', EVERY, '-o', 'parts', pid], {
    cwd: folder,
  });
  expect(status, stderr).toBe(0);
  expect(await ended).toEqual([0, null]);
  const names = readdirSync(join(folder, 'parts')).sort();
  return {
    whole: readProfile(readFileSync(join(folder, 'whole.prof'))),
    parts: names.map((name) => readProfile(readFileSync(join(folder, 'parts', name)))),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function exactOf({ opcode, line, count, raised, histogram, swallowed, variants }: SiteStats) {
  const inHistogram = sum(histogram.counts);
  const looked = variants
    .map((one) => [one.type, one.otherType, one.callee, one.how, one.count, one.raised].join(' '))
    .sort();
  return { opcode, line, count, raised, inHistogram, swallowed, looked };
}

function contextsOf({ contexts }: Profile): string[] {
  const chain = (i: number): string =>
    i < 0 ? '' : `${chain(contexts[i].parent)}/${contexts[i].site}${contexts[i].label ?? ''}`;
  return contexts.map(({ count, raised }, i) => `${chain(i)} ${count} ${raised}`).sort();
}

describe('pyrewrite snapshot', () => {
  test.each([
    { python: '3.8', options: [] },
    { python: '3.12', options: ['--types'] },
    { python: '3.15', options: ['--callers'] },
  ])('intervals add up to the whole, to the last count (Python $python)', async ({ python, options }) => {
    const { whole, parts } = await take(python, options);
    expect(parts.length).toBeGreaterThan(3);
    const merged = mergeProfiles(parts);
    expect(merged.sites.map(exactOf)).toEqual(whole.sites.map(exactOf));
    expect(contextsOf(merged)).toEqual(contextsOf(whole));
    expect(merged.lost).toEqual(whole.lost);
    merged.sites.forEach(({ totalNs, selfNs, minNs, maxNs }, i) => {
      const site = whole.sites[i];
      expect(Math.abs(totalNs / site.totalNs - 1)).toBeLessThan(1e-3);
      expect(Math.abs(selfNs - site.selfNs)).toBeLessThan(Math.abs(site.totalNs) * 1e-3);
      expect(Math.abs((maxNs ?? 0) / (site.maxNs ?? 0) - 1)).toBeLessThan(1e-3);
      expect(minNs).toBeLessThanOrEqual((site.minNs ?? 0) * 1.001 + 1);
    });
    expect(merged.durationNs / whole.durationNs).toBeCloseTo(1, 1);
    for (const { notes, durationNs } of parts.slice(1, -1)) {
      expect(notes).toEqual([]);
      expect(durationNs).toBeGreaterThan(0.2e9);
    }
    const counts = parts.map(({ sites }) => sum(sites.map(({ count }) => count)));
    expect(counts.filter((count) => count > 0).length).toBeGreaterThan(3);
    console.log(`${python}: ${sum(counts)} operations in ${parts.length} intervals`);
  });

  test('intervals of sampled code are estimates of their own', async () => {
    const { whole, parts } = await take('3.13', ['--sample', '--overhead', '30%']);
    expect(sum(parts.map(({ sampling }) => sampling?.bursts ?? 0))).toBe(whole.sampling?.bursts);
    const merged = mergeProfiles(parts);
    let compared = 0;
    whole.sites.forEach(({ estimate }, i) => {
      const other = merged.sites[i].estimate;
      if (estimate === null || other === null || estimate.bursts < 20) return;
      compared++;
      expect(Math.abs(other.count.value - estimate.count.value)).toBeLessThan(
        3 * Math.hypot(other.count.error, estimate.count.error),
      );
    });
    expect(compared).toBeGreaterThan(2);

    console.log(`${compared} estimates of ${parts.length} intervals compared`);
  });

  test('says what is wrong', async () => {
    const folder = makeFolder({ 'app.py': '' });
    const refused = async (...args: string[]): Promise<string> => {
      const { status, stderr } = await pyrewrite(['snapshot', ...args], { cwd: folder });
      return `${status} ${stderr}`;
    };
    expect(await refused('.')).toMatch(/^1 pyrewrite: nothing records in \./);
    expect(await refused('app.py')).toMatch(/^1 pyrewrite: not a pyrewrite profile/);
    expect(await refused('--keep', '3', '.')).toMatch(/^2 pyrewrite: --count and --keep need --every/);
    expect(await refused('--every', 'x', '.')).toMatch(/^2 pyrewrite: --every takes seconds/);
  });
});
