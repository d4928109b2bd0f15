import { describe, expect, test } from 'vitest';
import { fieldOffsets, HEADER, SITE } from '../../src/profile/format.ts';
import { LiveProfile } from '../../src/top/live-profile.ts';
import { RecentDurations } from '../../src/top/recent.ts';
import { histogramLines, renderTop, type TopScene } from '../../src/top/render.ts';
import { initialState, keysOf, pressKey, type TopState } from '../../src/top/state.ts';
import { collectRows, firstRows, type TopRow, totalsOf } from '../../src/top/table.ts';
import { buildProfile } from '../profile/build-profile.ts';

/** A profile whose file is bytes in memory, and the bytes read from it. */
function live(bytes: Buffer) {
  const read = { bytes: 0 };
  const profile = new LiveProfile((offset, length) => {
    const part = bytes.subarray(offset, offset + length);
    read.bytes += part.length;
    return part;
  });
  return { profile, read };
}

const SITES_AT = (bytes: Buffer, count: number): number =>
  bytes.length - Math.ceil((count * SITE.size) / 64) * 64;

/** Lets a site be executed: `count` times more, 1 µs each. */
function execute(bytes: Buffer, sites: number, site: number, count: number): void {
  const at = SITES_AT(bytes, sites) + site * SITE.size;
  const offsets = fieldOffsets(SITE);
  for (const [name, by] of [
    ['count', count],
    ['self', count * 1000],
    ['max', 1],
  ] as const) {
    const place = at + (offsets.get(name) ?? 0);
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(place) + BigInt(by), place);
  }
}

const names = (count: number) => Array.from({ length: count }, (_, i) => ({ name: `n${i}` }));

describe('a live profile', () => {
  test('gives rates since the time before', () => {
    const bytes = buildProfile({ sites: names(3) });
    const { profile } = live(bytes);
    profile.refresh(10, true);
    execute(bytes, 3, 1, 50);
    profile.refresh(10.5);
    expect([...profile.numbers.count]).toEqual([0, 50, 0]);
    expect([...profile.numbers.countRate]).toEqual([0, 100, 0]);
    expect(profile.numbers.selfRate[1]).toBeCloseTo(100_000, 3);
    profile.refresh(11);
    expect([...profile.numbers.countRate]).toEqual([0, 0, 0]);
    expect(profile.sites[1]).toMatchObject({ name: 'n1', file: '/work/app.py', line: 2 });
    expect(profile.command).toEqual(['app.py']);
  });

  test('of 100,000 sites reads those that changed, and the others in turns', () => {
    const count = 100_000;
    const bytes = buildProfile({ sites: names(count) });
    const { profile, read } = live(bytes);
    profile.refresh(0, true);
    for (let tick = 1; tick <= 30; tick++) profile.refresh(tick);
    read.bytes = 0;
    execute(bytes, count, 70_000, 9);
    let noticed = 0;
    for (let tick = 31; tick < 39; tick++) {
      profile.refresh(tick);
      if (noticed === 0 && profile.numbers.count[70_000] === 9) noticed = tick;
    }
    expect(noticed).toBeGreaterThan(0);
    // All of them once in eight ticks, and what changed in each.
    expect(read.bytes / (count * SITE.size)).toBeLessThan(1.1);
    read.bytes = 0;
    execute(bytes, count, 70_000, 1);
    profile.refresh(40);
    expect(profile.numbers.count[70_000]).toBe(10);
    expect(read.bytes / (count * SITE.size)).toBeLessThan(0.2);
    const rows = collectRows([{ path: 'x', profile, ended: false }], '');
    expect(rows).toHaveLength(1);
    console.log(`top: ${count} sites, ${Math.round(read.bytes / 1024)} KiB read in a tick`);
  });

  test('is not made of what is no profile', () => {
    expect(() => live(Buffer.from('something else'))).toThrow('not a pyrewrite profile');
    const later = buildProfile({ sites: names(1), header: { version: 9 } });
    expect(() => live(later)).toThrow('another version');
  });

  test('whose file was cut keeps what it had', () => {
    const bytes = buildProfile({ sites: names(3) });
    execute(bytes, 3, 2, 7);
    let cut = bytes.length;
    const profile = new LiveProfile((offset, length) =>
      bytes.subarray(offset, Math.min(cut, offset + length)),
    );
    profile.refresh(1, true);
    cut = HEADER.size;
    profile.refresh(2, true);
    expect([...profile.numbers.count]).toEqual([0, 0, 7]);
    expect(profile.histogram('elsewhere').counts).toEqual([]);
  });
});

describe('rows', () => {
  const watched = (counts: readonly number[], ended = false) => {
    const bytes = buildProfile({ sites: names(counts.length) });
    const { profile } = live(bytes);
    profile.refresh(0, true);
    counts.forEach((count, i) => {
      execute(bytes, counts.length, i, count);
    });
    profile.refresh(1, true);
    return { path: `${counts}`, profile, ended };
  };

  test('of several processes are added up; ended ones have no rates', () => {
    const rows = collectRows([watched([1, 2, 0]), watched([10, 20, 0], true)], '');
    expect(rows.map(({ site, count, countRate }) => [site.name, count, countRate])).toEqual([
      ['n0', 11, 1],
      ['n1', 22, 2],
    ]);
    expect(totalsOf(rows)).toMatchObject({ sites: 2, countRate: 3 });
  });

  test('are filtered by file, function, opcode and name', () => {
    const one = [watched([1, 2, 3])];
    expect(['APP.PY', 'load_attr', '<mod', 'n2', 'zzz'].map((word) => collectRows(one, word).length)).toEqual(
      [3, 3, 3, 1, 0],
    );
  });

  test('come in order without sorting all', () => {
    const rows = collectRows([watched(Array.from({ length: 500 }, (_, i) => 1 + ((i * 7919) % 501)))], '');
    for (const sort of ['time', 'rate', 'count', 'self'] as const) {
      const first = firstRows(rows, sort, 10).map(({ count }) => count);
      expect(first).toEqual(
        rows
          .map(({ count }) => count)
          .sort((a, b) => b - a)
          .slice(0, 10),
      );
    }
  });
});

describe('keys', () => {
  const press = (keys: string, state: TopState = initialState('time', '')): TopState =>
    keysOf(keys).reduce((now, key) => pressKey(now, key, 30, 2), state);

  test('select, within the rows', () => {
    expect(press('jjk').selected).toBe(1);
    expect(press('\x1b[B\x1b[B\x1b[A').selected).toBe(1);
    expect(press('k').selected).toBe(0);
    expect(press('\x1b[6~\x1b[6~').selected).toBe(29);
  });

  test('choose order, view, process and pause', () => {
    expect([press('s').sort, press('S').sort]).toEqual(['rate', 'max']);
    expect([press('\r').view, press('\r\x1b').view, press('h').view]).toEqual(['site', 'list', 'help']);
    expect(
      ['\x1b[C', '\x1b[C\x1b[C', '\x1b[C\x1b[C\x1b[C', '\x1b[D'].map((keys) => press(keys).process),
    ).toEqual([0, 1, -1, 1]);
    expect([press('p').paused, press('p ').paused]).toEqual([true, false]);
    expect([press('q').quit, press('\x03').quit, press('/\x03').quit]).toEqual([true, true, true]);
  });

  test('type a filter; escape keeps the old one', () => {
    expect(press('/qs\x7fx\r')).toMatchObject({ filter: 'qx', typing: null, quit: false });
    expect(press('/ab\r/\x15c\x1b').filter).toBe('ab');
  });
});

describe('the screen', () => {
  const row = (name: string): TopRow => ({
    site: {
      function: 'f',
      opcode: 1,
      opname: 'LOAD_ATTR',
      kind: 'operation',
      name,
      line: 3,
      endLine: 3,
      column: 4,
      endColumn: 9,
      unit: 0,
      file: '/work/a/very/long/path/to/some/module.py',
      key: name,
    },
    count: 12_345,
    raised: 1,
    self: 5e8,
    max: 4e6,
    countRate: 1000,
    raisedRate: 0,
    selfRate: 2.5e8,
  });
  const histogram = { values: [10, 100, 1000], counts: [5, 90, 5] };
  const scene: TopScene = {
    rows: Array.from({ length: 50 }, (_, i) => row(i === 0 ? 'bad\x1b[2J' : `name${i}`)),
    totals: { sites: 50, countRate: 50_000, selfRate: 1.5e9, raisedRate: 0 },
    processes: [
      { label: '7 app.py', ended: false, recording: true },
      { label: '8 app.py', ended: true, recording: true },
    ],
    durations: () => ({ histogram, recent: true }),
    floorNs: 20,
    cwd: '/work',
    message: '',
  };
  const initial = initialState('time', '');
  const sizes = [
    [100, 24],
    [60, 10],
    [20, 6],
    [200, 60],
  ] as const;

  test.each(sizes)('of %d columns and %d rows is filled and not left', (columns, rows) => {
    for (const view of ['list', 'site', 'help'] as const) {
      const lines = renderTop({ ...initial, view, selected: 49 }, scene, { columns, rows, color: false });
      expect(lines).toHaveLength(rows);
      for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns);
      expect(lines.join('')).not.toContain('\x1b');
    }
  });

  test('says what is shown', () => {
    const lines = renderTop({ ...initial, filter: 'name', paused: true }, scene, {
      columns: 120,
      rows: 24,
      color: false,
    });
    expect(lines[0]).toBe(
      'pyrewrite top: 2 processes, 1 ended  50 sites, 50,000 operations/s  150.0% of a CPU',
    );
    expect(lines[1]).toBe('7 app.py');
    expect(lines[2]).toBe("by time, with 'name', paused");
    const silent = scene.processes.map((process) => ({ ...process, recording: false }));
    const size = { columns: 120, rows: 24, color: false };
    expect(renderTop(initial, { ...scene, processes: silent }, size)[2]).toBe('by time, not recording');
    expect(lines[5]).toContain('25.0%    1,000         0  100 ns');
    expect(
      renderTop({ ...initial, process: 1 }, scene, { columns: 120, rows: 24, color: false })[0],
    ).toContain('8 app.py (ended)');
  });

  test('keeps the selected row on it, and marks it in colour', () => {
    const lines = renderTop({ ...initial, selected: 40 }, scene, { columns: 120, rows: 12, color: true });
    expect(lines.filter((line) => line.includes('\x1b[7m'))).toEqual([expect.stringContaining('name40')]);
  });

  test('has bars for durations, whose sums are the executions', () => {
    const lines = histogramLines(histogram, { columns: 80, rows: 20, color: false }, 10);
    const sums = lines.map((line) => Number(/ ([\d,]+)$/.exec(line)?.[1]?.replaceAll(',', '') ?? 0));
    expect(sums.reduce((a, b) => a + b, 0)).toBe(100);
    expect(Math.max(...lines.map((line) => line.split('█').length - 1))).toBe(44);
  });
});

test('recent durations are what came since', () => {
  const recent = new RecentDurations();
  const of = (counts: readonly number[], now: number) =>
    recent.of('key', [{ values: [10, 20], counts }], now);
  expect(of([5, 0], 0)).toMatchObject({ recent: false, histogram: { counts: [5, 0] } });
  expect(of([5, 3], 1)).toEqual({ recent: true, histogram: { values: [20], counts: [3] } });
  expect(of([9, 3], 2).histogram).toMatchObject({ values: [10, 20], counts: [4, 3] });
  expect(of([9, 3], 60)).toMatchObject({ recent: false });
  recent.forget(200);
  expect(of([9, 4], 201)).toMatchObject({ recent: false, histogram: { counts: [9, 4] } });
});
