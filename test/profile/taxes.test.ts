import { describe, expect, test } from 'vitest';
import { RECORD_TYPES, RECORDED, type Struct } from '../../src/profile/format.ts';
import { mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { COLLECTION, COLLECTIONS, TAX, TAXES } from '../../src/profile/tax-structs.ts';
import { toJson } from '../../src/report/json.ts';
import { buildProfile, encodeRecord, encodeStruct, type MadeSite } from './build-profile.ts';

type Row = Readonly<Record<string, number>>;

function rowsRecord(type: number, head: Struct, row: Struct, rows: readonly Row[]): Buffer {
  const counts = { capacity: rows.length + 1, taken: rows.length };
  const body = [...rows.map((values) => encodeStruct(row, values)), Buffer.alloc(row.size)];
  return encodeRecord(type, encodeStruct(head, counts), Buffer.concat(body));
}

function profileOf(sites: readonly MadeSite[], collections: readonly Row[], taxes: readonly Row[]): Profile {
  const recorded = RECORDED.COLLECTIONS | RECORDED.SUSPENSIONS;
  const records = [
    rowsRecord(RECORD_TYPES.COLLECTIONS, COLLECTIONS, COLLECTION, collections),
    rowsRecord(RECORD_TYPES.TAXES, TAXES, TAX, taxes),
  ];
  return readProfile(buildProfile({ sites, records, header: { recorded } }));
}

const X = { name: 'x', count: 1, max: 1 };
const Y = { name: 'y', count: 1, max: 1 };
const NONE = 0xffffffff;

describe('garbage collections', () => {
  test('are read with the index of their site; those without one, or beyond the sites, have none', () => {
    const rows = [
      { site: 1, generation: 0, count: 3, collected: 5, total: 300, max: 200 },
      { site: NONE, generation: 2, count: 1, collected: 7, total: 50, max: 50 },
      { site: 2, generation: 2, count: 1, collected: 1, total: 70, max: 70 },
      { site: 0, generation: 1, count: 0 },
    ];
    const { collections, notes } = profileOf([X, Y], rows, []);
    expect(notes).toEqual([]);
    expect(collections).toEqual([
      { site: 1, generation: 0, count: 3, collected: 5, totalNs: 300, maxNs: 200 },
      { site: null, generation: 2, count: 2, collected: 8, totalNs: 120, maxNs: 70 },
    ]);
  });

  test('of several processes add up, by where their site is in the merged profile', () => {
    const row = { generation: 0, count: 1, collected: 2, total: 30, max: 30 };
    const first = profileOf([X, Y], [{ ...row, site: 0 }], []);
    const other = profileOf([{ ...X, name: 'z' }, Y], [{ ...row, site: 1 }], []);
    const again = profileOf(
      [X, Y],
      [
        { ...row, site: 0, max: 40 },
        { ...row, site: NONE },
      ],
      [],
    );
    const { sites, collections } = mergeProfiles([first, other, again]);
    expect(sites.map(({ name }) => name)).toEqual(['x', 'y', 'z', 'y']);
    const common = { generation: 0, count: 1, collected: 2, totalNs: 30, maxNs: 30 };
    expect(collections).toEqual([
      { ...common, site: 0, count: 2, collected: 4, totalNs: 60, maxNs: 40 },
      { ...common, site: 3 },
      { ...common, site: null },
    ]);
  });

  test('rows that do not fit their record are damage', () => {
    const record = encodeRecord(
      RECORD_TYPES.COLLECTIONS,
      encodeStruct(COLLECTIONS, { capacity: 9, taken: 9 }),
    );
    const { notes, sites } = readProfile(buildProfile({ sites: [X], records: [record] }));
    expect(notes).toEqual([expect.stringContaining('a part of the profile is damaged and left out')]);
    expect(sites).toHaveLength(1);
  });
});

describe('taxes of a site', () => {
  const offCpu = { off_count: 2, off_most: 900, off_least: 700, off_gil: 100 };

  test('are zero or null where nothing is known', () => {
    const { sites } = profileOf([X, Y], [], [{ site: 1, swallowed: 4, ...offCpu }]);
    expect(sites).toMatchObject([
      { swallowed: 0, suspensions: null, offCpu: null },
      { swallowed: 4, suspensions: null, offCpu: { count: 2, totalNs: 900, leastNs: 700, gilNs: 100 } },
    ]);
  });

  test('of several processes add up', () => {
    const one = profileOf([X, Y], [], [{ site: 1, swallowed: 4, ...offCpu }]);
    const two = profileOf([X, Y], [], [{ site: 1, swallowed: 1 }]);
    const three = profileOf([X, Y], [], [{ site: 1, ...offCpu }]);
    expect(mergeProfiles([one, two, three]).sites).toMatchObject([
      { swallowed: 0, offCpu: null },
      { swallowed: 5, offCpu: { count: 4, totalNs: 1800, leastNs: 1400, gilNs: 200 } },
    ]);
  });

  test('of an await are its suspensions, none where they were not recorded', () => {
    const row = { site: 0, suspended: 2, suspensions: 3, suspended_ticks: 500 };
    const sites = [{ ...X, kind: 1 }, { ...Y, kind: 1 }, Y];
    const profile = profileOf(sites, [], [row]);
    expect(profile.sites.map(({ suspensions }) => suspensions)).toEqual([
      { count: 2, times: 3, totalNs: 500 },
      { count: 0, times: 0, totalNs: 0 },
      null,
    ]);
    const merged = mergeProfiles([profile, profile]);
    expect(merged.sites[0].suspensions).toEqual({ count: 4, times: 6, totalNs: 1000 });
    expect(readProfile(buildProfile({ sites })).sites[0].suspensions).toBe(null);
  });

  test('are in the report', () => {
    const { sites, collections } = toJson(
      profileOf([X], [{ site: 0, count: 1 }], [{ site: 0, swallowed: 4, ...offCpu }]),
    );
    expect(collections).toHaveLength(1);
    expect(sites).toMatchObject([{ swallowed: 4, suspensions: null, offCpu: { count: 2 } }]);
  });
});
