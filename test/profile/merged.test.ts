/** A merged file reads as the sum of what was merged, whatever the order and the grouping; damage is told. */
import { describe, expect, test } from 'vitest';
import { PyrewriteError } from '../../src/errors.ts';
import { HEADER, MERGED, RECORD_TYPES } from '../../src/profile/format.ts';
import { mergeAll, mergeProfiles } from '../../src/profile/merge.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { toJson } from '../../src/report/index.ts';
import { runScript } from '../native/runtime.ts';
import { mergedBytes } from '../support/merged.ts';
import { PYTHONS } from '../support/pythons.ts';
import { contradictions } from '../support/sound-profile.ts';
import { buildProfile, encodeRecord, encodeStruct } from './build-profile.ts';

const [python] = PYTHONS;
const real = runScript(python, ['scenarios.py', 'basic']).files.map((file) => readProfile(file));
const made = [1, 2, 3].map((pid) =>
  readProfile(
    buildProfile({
      pid,
      filename: pid === 3 ? 'other.py' : 'app.py',
      sites: [{ name: 'x', count: 10 * pid, raised: pid, total: 1000, self: 900, min: 50, max: 200 * pid }],
      header: { lost_spans: pid },
    }),
  ),
);

describe('a merged file', () => {
  test('reads as the very profile that was written', () => {
    let sites = 0;
    for (const profile of [...real, ...made, mergeProfiles([...real, ...made])]) {
      expect(readProfile(mergedBytes(profile))).toEqual(profile);
      sites += profile.sites.length;
    }
    console.log(`merged: ${sites} sites written and read`);
    expect(sites).toBeGreaterThan(10);
  });

  test('carries every field of a profile', () => {
    const interval = { value: 2, low: 1, high: 3, error: 0.5 };
    const [site] = made[0].sites;
    const full: Profile = {
      ...made[0],
      notes: ['a note'],
      collections: [{ generation: 2, site: 0, count: 3, collected: 9, totalNs: 5, maxNs: 4 }],
      contexts: [
        { parent: -1, site: -1, label: 'MainThread', count: 0, raised: 0, totalNs: 0, selfNs: 0 },
        { parent: 0, site: 0, label: null, count: 10, raised: 1, totalNs: 1000, selfNs: 900 },
      ],
      sampling: { budget: 0.03, overhead: 0.02, bursts: 7, cpuNs: 9e9, insideNs: 1e8 },
      sites: [
        {
          ...site,
          suspensions: { count: 1, times: 2, totalNs: 3 },
          swallowed: 1,
          offCpu: { count: 1, totalNs: 2, leastNs: 1, gilNs: 2 },
          estimate: {
            bursts: 7,
            count: interval,
            totalNs: interval,
            selfNs: interval,
            p50Ns: interval,
            p90Ns: null,
            p99Ns: null,
          },
        },
      ],
    };
    expect(readProfile(mergedBytes(full))).toEqual(full);
  });

  test('of many sites is read from many records', () => {
    const sites = Array.from({ length: 30_000 }, (_, position) => ({ ...real[0].sites[0], position }));
    const bytes = mergedBytes({ ...real[0], sites });
    expect(readProfile(bytes).sites).toEqual(sites);
    expect(bytes.length / sites.length).toBeLessThan(100);
    expect(bytes.readUInt32LE(HEADER.size)).toBe(RECORD_TYPES.MERGED);
  });

  test('can be merged again, and stands before and behind others', () => {
    const all = toJson(mergeProfiles(made));
    const [one, two, three] = made;
    const twice = readProfile(
      mergedBytes(mergeProfiles([readProfile(mergedBytes(mergeProfiles([one, two]))), three])),
    );
    expect(toJson(twice)).toEqual(all);
    const joined = Buffer.concat([mergedBytes(mergeProfiles([one, two])), mergedBytes(three)]);
    expect(toJson(readProfile(joined))).toEqual(all);
  });

  test('whose bytes are changed is an error or tells that something is missing', () => {
    const bytes = mergedBytes(mergeProfiles(made));
    let told = 0;
    for (let at = HEADER.size; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] ^= 0x55;
      const found = outcome(changed);
      if (found instanceof PyrewriteError) {
        expect(found.code).toBe('bad-profile');
        told++;
      } else if (found.notes.length > 0) told++;
      else expect(found).toEqual(readProfile(bytes));
    }
    console.log(`merged: ${told} of ${bytes.length - HEADER.size} changes told, the others mean nothing`);
    expect(told).toBeGreaterThan(100);
  });

  test.each(['{"sites": 5}', '[]', 'x', '{"sites":[{"count":-1}]}', '{"__proto__":{"sites":[]}}'])(
    'with other JSON in it is refused: %s',
    async (line) => {
      const { gzipSync } = await import('node:zlib');
      const body = gzipSync(line);
      const record = encodeRecord(
        RECORD_TYPES.MERGED,
        encodeStruct(MERGED, { compressed: body.length }),
        body,
      );
      const head = mergedBytes(made[0]).subarray(0, HEADER.size);
      expect(() => readProfile(Buffer.concat([head, record]))).toThrow('the merged profile is damaged');
    },
  );
});

describe('mergeAll', () => {
  test('gives what mergeProfiles gives, whatever the number', () => {
    const many = Array.from({ length: 150 }, (_, i) => made[i % made.length]);
    expect(toJson(mergeAll(many))).toEqual(toJson(mergeProfiles(many)));
    expect(() => mergeAll([])).toThrow('there is no profile');
  });

  test('keeps histograms small, although each process measures the frequency of its clock itself', () => {
    const [one] = real;
    const drifting = Array.from({ length: 200 }, (_, i) => scaled(one, 1 + (i - 100) * 2e-7));
    const merged = mergeAll(drifting);
    expect(contradictions({ ...merged, notes: [] })).toEqual([]);
    const sizes = (profile: Profile): number =>
      profile.sites.reduce((sum, { histogram }) => sum + histogram.values.length, 0);
    console.log(`merged: ${sizes(one)} values of one process, ${sizes(merged)} of ${drifting.length}`);
    expect(sizes(merged)).toBeLessThanOrEqual(2 * sizes(one));
    merged.sites.forEach(({ p50Ns, p99Ns, count }, i) => {
      expect(count).toBe(one.sites[i].count * drifting.length);
      expect(Math.abs((p50Ns ?? 0) - (one.sites[i].p50Ns ?? 0))).toBeLessThanOrEqual((p50Ns ?? 0) / 64);
      expect(Math.abs((p99Ns ?? 0) - (one.sites[i].p99Ns ?? 0))).toBeLessThanOrEqual((p99Ns ?? 0) / 64);
    });
  });
});

function outcome(bytes: Uint8Array): Profile | PyrewriteError {
  try {
    return readProfile(bytes);
  } catch (error) {
    if (!(error instanceof PyrewriteError)) throw error;
    return error;
  }
}

/** As another process would have recorded it that took its clock for a little slower. */
function scaled(profile: Profile, factor: number): Profile {
  return {
    ...profile,
    sites: profile.sites.map((site) => ({
      ...site,
      histogram: { ...site.histogram, values: site.histogram.values.map((value) => value * factor) },
    })),
  };
}
