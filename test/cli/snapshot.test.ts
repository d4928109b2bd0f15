/** `pyrewrite snapshot` beside running programs: the intervals of a process add up to its profile. */
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile, SiteStats } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { MEASURED, measured } from '../support/measured.ts';
import { describePythons, type Python } from '../support/pythons.ts';
import { makeFolder, pyrewrite, startRecorded, TELL_PID } from './cli.ts';

const PROGRAM = `import os, sys
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
def parts():
    names = os.listdir("parts") if os.path.isdir("parts") else []
    return sum(name.endswith(".prof") for name in names)
${TELL_PID}i = seen = 0
while seen < 5:
    work(Row(), i)
    i += 1
    if seen >= 2:
        late(Row())
    if i % 50 == 0:
        seen = parts()
`;

const EVERY = '0.4';

interface Taken {
  readonly whole: Profile;
  readonly parts: readonly Profile[];
}

/** Runs the program and takes snapshots of it until it ends, which it does when it sees five. */
async function take(python: Python, options: readonly string[]): Promise<Taken> {
  const folder = makeFolder({ 'app.py': PROGRAM });
  const all = ['--opcodes', 'attr,arith', ...options];
  const { pid, ended } = await startRecorded(python, folder, 'whole', all);
  const args = ['snapshot', '--every', EVERY, '-o', 'parts', pid];
  const { status, stderr } = await pyrewrite(args, { cwd: folder });
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

/** Whether one of its times was below zero, or the whole below its own part, and was put up to that. */
function isPutUp(seen: readonly SiteStats[], time: 'totalNs' | 'selfNs'): boolean {
  const isOwn = ({ totalNs, selfNs }: SiteStats): boolean => totalNs === selfNs;
  const isMixed = seen.some(isOwn) && !seen.every(isOwn);
  return seen.some((site) => site[time] === 0) || (time === 'totalNs' && isMixed);
}

/** Times are compared where no interval's was put up: there intervals can only come to more. */
function compareTimes({ whole, parts }: Taken, merged: Profile): number {
  let compared = 0;
  whole.sites.forEach((site, i) => {
    const ours = merged.sites[i];
    const within = site.totalNs * 1e-3;
    const seen = parts.flatMap(({ sites }) => (sites[i]?.count > 0 ? [sites[i]] : []));
    for (const time of ['totalNs', 'selfNs'] as const) {
      expect(ours[time]).toBeGreaterThanOrEqual(site[time] - within);
      if (isPutUp(seen, time)) continue;
      expect(ours[time]).toBeLessThanOrEqual(site[time] + within);
      compared += site[time] > 0 ? 1 : 0;
    }
    const [minNs, maxNs] = [site.minNs ?? 0, site.maxNs ?? 0];
    expect(Math.abs((ours.maxNs ?? 0) - maxNs)).toBeLessThanOrEqual(maxNs * 1e-3);
    expect(ours.minNs ?? 0).toBeLessThanOrEqual(minNs * 1.001 + 1);
  });
  return compared;
}

function compare(taken: Taken, merged: Profile): number {
  const { whole, parts } = taken;
  expect(merged.sites.map(exactOf)).toEqual(whole.sites.map(exactOf));
  expect(contextsOf(merged)).toEqual(contextsOf(whole));
  expect(merged.lost).toEqual(whole.lost);
  expect(whole.sites.filter(({ count }) => count > 0).length).toBeGreaterThan(5);
  expect(merged.durationNs / whole.durationNs).toBeCloseTo(1, 1);
  const between = parts.slice(1, -1);
  for (const { notes, durationNs } of between) {
    expect(notes).toEqual([]);
    expect(durationNs).toBeGreaterThan(0);
  }
  return compareTimes(taken, merged);
}

function checkExact(python: Python, taken: Taken): void {
  const { parts } = taken;
  const between = parts.slice(1, -1);
  const times = compare(taken, mergeProfiles(parts));
  const counts = parts.map(({ sites }) => sum(sites.map(({ count }) => count)));
  expect(counts.filter((count) => count > 0).length).toBeGreaterThan(3);
  console.log(
    `${python.label}: ${sum(counts)} operations in ${parts.length} intervals, ${times} times compared`,
  );
  expect(times, measured('times')).toBeGreaterThan(3);
  // A busy machine is late now and then, and not on the average.
  const average = sum(between.map(({ durationNs }) => durationNs)) / between.length;
  expect(average, measured('an interval')).toBeGreaterThan(0.2e9);
}

for (const { name, options } of [
  { name: '3.8', options: [] },
  { name: '3.12', options: ['--types'] },
  { name: '3.15', options: ['--callers'] },
]) {
  describePythons(
    'pyrewrite snapshot',
    (python) => {
      test('intervals add up to the whole, to the last count', MEASURED, async () => {
        checkExact(python, await take(python, options));
      });
    },
    { names: [name] },
  );
}

describePythons(
  'pyrewrite snapshot of sampled code',
  (python) => {
    test('intervals have what was timed in them, and estimates of their own', MEASURED, async () => {
      const { whole, parts } = await take(python, ['--sample', '--overhead', '30%']);
      const merged = mergeProfiles(parts);
      const timed = ({ count, raised, estimate }: SiteStats) => [count, raised, estimate?.bursts];
      expect(merged.sites.map(timed)).toEqual(whole.sites.map(timed));
      expect(merged.sampling?.bursts).toBe(whole.sampling?.bursts);
      expect(merged.sampling?.cpuNs).toBeCloseTo(whole.sampling?.cpuNs ?? 0, -3);
      const estimated = sum(
        parts.flatMap(({ sites }) => sites.map((site) => site.estimate?.count.value ?? 0)),
      );
      const compared = sum(whole.sites.map((site) => site.estimate?.count.value ?? 0));
      console.log(
        `${Math.round(estimated)} of ${Math.round(compared)} executions in ${parts.length} intervals`,
      );
      expect(whole.sampling?.bursts, measured('windows')).toBeGreaterThan(10);
      expect(estimated / compared, measured('estimates')).toBeGreaterThan(0.2);
      expect(estimated / compared, measured('estimates')).toBeLessThan(5);
    });
  },
  { names: ['3.13'] },
);

describePythons(
  'pyrewrite snapshot of a folder',
  (python) => {
    test('what it writes there, and what is gone, is no process', async () => {
      const folder = makeFolder({ 'app.py': PROGRAM });
      const { pid } = await startRecorded(python, folder, 'whole', ['--opcodes', 'attr']);
      const { stdout } = await pyrewrite(['control', 'status', '--json', pid], { cwd: folder });
      const recordings = dirname(JSON.parse(stdout).processes[0].file);
      symlinkSync('nothing', join(recordings, 'gone.prof'));
      const args = ['snapshot', '--every', '0.2', '--count', '3', '-o', recordings, recordings];
      const { status, stdout: names, stderr } = await pyrewrite(args, { cwd: folder });
      expect(status, stderr).toBe(0);
      const taken = names.trim().split('\n');
      expect(taken.map((name) => readProfile(readFileSync(name)).processes.length)).toEqual([1, 1, 1]);
      const again = await pyrewrite(['snapshot', taken[0]], { cwd: folder });
      expect(again.status).toBe(1);
      expect(again.stderr).toContain(`no running process writes this profile; process ${pid} did`);
    });
  },
  { names: ['3.12'] },
);

describe('pyrewrite snapshot', () => {
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
