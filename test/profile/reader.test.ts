import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PyrewriteError } from '../../src/errors.ts';
import {
  fieldOffsets,
  HEADER,
  PROFILE_CONSTANTS,
  RECORD_TYPES,
  SITE,
  SITES as SITES_RECORD,
} from '../../src/profile/format.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { TAX, TAXES } from '../../src/profile/tax-structs.ts';
import { runScript } from '../native/runtime.ts';
import { PYTHONS } from '../support/pythons.ts';
import { buildProfile, encodeRecord, encodeStruct, type MadeSite } from './build-profile.ts';

const SITES = [
  { name: 'x', count: 10, raised: 2, total: 1000, self: 900, min: 50, max: 200 },
  { name: '', total: -5 },
];

/** Where the records of a type begin. */
function recordsOf(bytes: Buffer, type: number): number[] {
  const found: number[] = [];
  for (let at: number = HEADER.size; at < bytes.length; at += Number(bytes.readBigUInt64LE(at + 8)))
    if (bytes.readUInt32LE(at) === type) found.push(at);
  return found;
}

/** The profile, or the typed error's code and offset; anything else fails the test. */
function readOrRefuse(
  bytes: Uint8Array,
): ReturnType<typeof readProfile> | { code: string; offset: number | undefined } {
  try {
    return readProfile(bytes);
  } catch (error) {
    if (!(error instanceof PyrewriteError)) throw error;
    expect(error.code).toBe('bad-profile');
    return { code: error.code, offset: error.offset };
  }
}

describe('readProfile', () => {
  test('gives the statistics of a process', () => {
    const profile = readProfile(buildProfile({ sites: SITES }));
    expect(profile).toMatchObject({
      python: '3.12.1',
      clock: { source: 'monotonic', ticksPerSecond: 1e9 },
      processes: [
        { pid: 7, python: '3.12.1', command: ['app.py'], cwd: '/work', finished: true, coarse: false },
      ],
      durationNs: 2e9,
      notes: [],
    });
    expect(profile.sites).toMatchObject([
      {
        ...{ file: '/work/app.py', function: '<module>', line: 1, endLine: 1, column: 4, endColumn: null },
        ...{ opcode: 'LOAD_ATTR', name: 'x', kind: 'operation', count: 10, raised: 2 },
        ...{ totalNs: 1000, selfNs: 900, minNs: 50, maxNs: 200, p50Ns: null },
      },
      { name: null, count: 0, totalNs: 0, minNs: null, maxNs: null, p50Ns: null, histogram: { values: [] } },
    ]);
  });

  test('what self times came out below zero is in no site, and known', () => {
    const below = (self: number): MadeSite => ({ name: 'x', count: 1, total: 900, self, min: 900, max: 900 });
    const profile = readProfile(buildProfile({ sites: [below(900), below(-300), below(-50)] }));
    expect(profile.sites.map(({ selfNs }) => selfNs)).toEqual([900, 0, 0]);
    expect(profile.probe.excessNs).toBe(350);
  });

  test('the whole takes no less than what is left without the operations inside', () => {
    const sites = [-200, 700, 1000].map((total) => ({
      name: 'x',
      count: 3,
      total,
      self: 900,
      min: 1,
      max: 500,
    }));
    const profile = readProfile(buildProfile({ sites }));
    expect(profile.sites.map(({ totalNs, selfNs }) => [totalNs, selfNs])).toEqual([
      [900, 900],
      [900, 900],
      [1000, 900],
    ]);
  });

  test('adds up the counters of threads that each have their own', () => {
    const alone = buildProfile({ sites: SITES });
    const table = recordsOf(alone, RECORD_TYPES.TABLE)[0];
    const head = { table, site_count: SITES.length };
    const second = { count: 5, raised: 1, total: 300, self: 300, min: 20, max: 90 };
    const third = { count: 1, total: 400, self: 100, min: 400, max: 400 };
    const records = [second, third].map((first) =>
      encodeRecord(
        RECORD_TYPES.SITES,
        encodeStruct(SITES_RECORD, head),
        Buffer.concat([encodeStruct(SITE, first), encodeStruct(SITE, { count: 7, min: 1, max: 2 })]),
      ),
    );
    const taxes = [3, 4].map((swallowed) =>
      encodeRecord(
        RECORD_TYPES.TAXES,
        encodeStruct(TAXES, { taken: 1, capacity: 1 }),
        encodeStruct(TAX, { site: 0, swallowed }),
      ),
    );
    const { sites } = readProfile(buildProfile({ sites: SITES, records: [...records, ...taxes] }));
    expect(sites).toMatchObject([
      { name: 'x', count: 16, raised: 3, totalNs: 1700, selfNs: 1300, minNs: 20, maxNs: 400, swallowed: 7 },
      { name: null, count: 14, minNs: 1, maxNs: 2 },
    ]);
  });

  test('adds the latest duration, which the histogram does not hold yet', () => {
    const sites = [{ name: 'x', count: 1, total: 1000, self: 1000, min: 1000, max: 1000 }];
    const offset = buildProfile({ sites }).length - SITE.size;
    for (const [latest_site, values] of [
      [offset, [999.5]],
      [0, []],
      [offset + 1, []],
    ] as const) {
      const profile = readProfile(buildProfile({ sites, header: { latest_site, latest_duration: 1000 } }));
      expect(profile.sites[0].histogram.values).toEqual(values);
    }
  });

  test.each([
    ['/abs/app.py', '/abs/app.py'],
    ['lib/../app.py', '/work/app.py'],
    ['<string>', '<string>'],
  ])('the file of %s is %s', (filename, file) => {
    expect(readProfile(buildProfile({ filename, sites: SITES })).sites[0].file).toBe(file);
  });

  test('reads profiles one after the other, padded with zeroes or not', () => {
    const one = buildProfile({ pid: 1, sites: SITES });
    const two = buildProfile({ pid: 2, sites: SITES, header: { file_size: 4096 } });
    const padded = Buffer.concat([two, Buffer.alloc(4096 - two.length)]);
    for (const bytes of [
      [one, padded, one],
      [padded, one, padded],
      [two, one],
    ]) {
      const profile = readProfile(Buffer.concat(bytes));
      expect(profile.processes).toHaveLength(bytes.length);
      expect(profile.sites[0].count).toBe(10 * bytes.length);
      expect(profile.notes).toEqual([]);
    }
  });

  test('tells of bytes between profiles that it does not understand', () => {
    const one = buildProfile({ sites: SITES });
    const { notes, processes } = readProfile(Buffer.concat([one, Buffer.from('garbage'), one]));
    expect(processes).toHaveLength(2);
    expect(notes).toEqual(['7 bytes between two profiles were not understood']);
  });

  test('refuses what is not a profile, with an offset', () => {
    expect(readOrRefuse(new Uint8Array(0))).toEqual({ code: 'bad-profile', offset: 0 });
    expect(readOrRefuse(Buffer.from('not a profile at all'))).toEqual({ code: 'bad-profile', offset: 0 });
    const other = buildProfile({ sites: SITES, header: { version: 2 } });
    expect(() => readProfile(other)).toThrow('format version 2');
    const swapped = buildProfile({ sites: SITES, header: { version: 1 << 24 } });
    expect(() => readProfile(swapped)).toThrow('big-endian');
    expect(() => readProfile(buildProfile({ sites: SITES, header: { site_size: 8 } }))).toThrow(
      'site_size is 8',
    );
  });

  test('a profile that is cut anywhere is an error or says that it is partial', () => {
    const whole = buildProfile({ sites: SITES });
    let partial = 0;
    for (let length = 0; length < whole.length; length++) {
      const result = readOrRefuse(whole.subarray(0, length));
      if ('code' in result) expect(length).toBeLessThan(HEADER.size);
      else partial += Number(result.notes.length > 0);
    }
    expect(partial).toBe(whole.length - HEADER.size);
  });

  test('a damaged table is left out, the others remain', () => {
    const bytes = buildProfile({ sites: SITES });
    bytes.write('X', bytes.indexOf('PYRWSITE'));
    const profile = readProfile(bytes);
    expect(profile.sites).toEqual([]);
    expect(profile.notes[0]).toContain('a part of the profile is damaged and left out: not a site table');
  });

  test('a record that claims another length ends the profile', () => {
    for (const length of [0, 8, 65, 1 << 30]) {
      const bytes = buildProfile({ sites: SITES });
      bytes.writeUInt32LE(length, HEADER.size + 8);
      expect(readProfile(bytes).notes[0]).toContain(`a record of ${length} bytes`);
    }
  });
});

describe('on what the runtime wrote', () => {
  const [python] = PYTHONS;
  const [real] = runScript(python, ['scenarios.py', 'basic']).files;

  test('every field has a sensible value', () => {
    const profile = readProfile(real);
    expect(profile.clock.ticksPerSecond).toBeGreaterThan(1e6);
    expect(profile.probe.pairNs).toBeGreaterThan(profile.probe.innerNs);
    expect(profile.probe.innerNs).toBeGreaterThan(0);
    expect(profile.probe.floorNs).toBeGreaterThan(0);
    expect(profile.probe.spreadNs).toBeGreaterThanOrEqual(0);
    expect(profile.processes[0].startUnixNs / 1e6).toBeGreaterThan(Date.now() - 600_000);
    expect(profile.processes[0].threads).toBe(1);
    expect(profile.sites.length).toBeGreaterThan(5);
    for (const site of profile.sites) {
      if (site.minNs === null || site.p50Ns === null || site.maxNs === null) continue;
      // a percentile lies in its bucket, which is 1/32 wide, or in a step of the clock
      expect(site.p50Ns).toBeGreaterThan(site.minNs * 0.98 - 1);
      expect(site.p50Ns).toBeLessThan(site.maxNs * 1.02 + 1);
    }
  });

  test('its calibration record is there and its used size is its size', () => {
    const view = new DataView(real.buffer, real.byteOffset, real.length);
    expect(Number(view.getBigUint64(fieldOffsets(HEADER).get('used') ?? 0, true))).toBe(real.length);
    const types = [];
    for (let at: number = PROFILE_CONSTANTS.HEADER_SIZE; at < real.length; ) {
      types.push(view.getUint32(at, true));
      at += Number(view.getBigUint64(at + 8, true));
    }
    // A process that was long off the CPU has one of these, too.
    expect(types.filter((type) => type !== RECORD_TYPES.TAXES)).toEqual([
      RECORD_TYPES.PROCESS,
      RECORD_TYPES.CALIBRATION,
      RECORD_TYPES.TABLE,
      RECORD_TYPES.SITES,
      RECORD_TYPES.BLOCKS,
    ]);
  });

  test('fuzz: changed and cut bytes give a profile or a typed error', () => {
    let read = 0;
    const edits = fc.array(fc.record({ at: fc.nat(real.length - 1), value: fc.nat(255) }), { maxLength: 8 });
    fc.assert(
      fc.property(edits, fc.nat(real.length), fc.boolean(), (changes, length, cut) => {
        const bytes = Buffer.from(real);
        // most of the file is counters: aim at the structure half of the time
        for (const { at, value } of changes) bytes[at % 2 === 0 ? at % 8192 : at] = value;
        read += Number('sites' in readOrRefuse(cut ? bytes.subarray(0, length) : bytes));
      }),
      { numRuns: 2000 },
    );
    console.log(`profile fuzz: 2000 inputs, ${read} of them gave a profile`);
    expect(read).toBeGreaterThan(100);
  });

  test('fuzz: any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2048 }), fc.boolean(), (bytes, isHeaded) => {
        readOrRefuse(isHeaded ? Buffer.concat([real.subarray(0, HEADER.size), bytes]) : bytes);
      }),
      { numRuns: 1000 },
    );
  });
});
