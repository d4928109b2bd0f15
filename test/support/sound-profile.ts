import {
  fieldOffsets,
  HEADER,
  PROFILE_CONSTANTS,
  RECORD,
  RECORD_TYPES,
  SITE,
  SITES,
} from '../../src/profile/format.ts';
import type { Profile, SiteStats } from '../../src/profile/profile.ts';

/** What contradicts itself in a profile; empty for any that the reader gives, damaged ones included. */
export function impossibleValues(profile: Profile): string[] {
  const problems: string[] = [];
  const number = (what: string, value: number): void => {
    if (!(Number.isFinite(value) && value >= 0)) problems.push(`${what} is ${value}`);
  };
  for (const [name, value] of Object.entries({ ...profile.lost, ...profile.probe })) number(name, value);
  number('durationNs', profile.durationNs);
  number('frequency', profile.clock.ticksPerSecond);
  for (const site of profile.sites) {
    const { count, raised, totalNs, selfNs, histogram } = site;
    for (const [name, value] of Object.entries({ count, raised, totalNs, selfNs })) number(name, value);
    if (raised > count) problems.push(`${raised} raised of ${count}`);
    if (histogram.values.length !== histogram.counts.length) problems.push('values without counts');
    for (const value of [...histogram.values, ...histogram.counts]) number('histogram', value);
    for (const value of [site.minNs, site.maxNs, site.p50Ns, site.p90Ns, site.p99Ns]) {
      if (value !== null) number('duration', value);
    }
  }
  return problems;
}

/**
 * What a sound profile of one process cannot show, however its process ended: the counters of a site agree within the
 * one operation that was being counted.
 */
export function contradictions(profile: Profile): string[] {
  return [
    ...profile.notes,
    ...impossibleValues(profile),
    ...profile.sites.flatMap((site) =>
      siteContradictions(site, profile.lost.unrecordedDurations).map((what) => `${site.name}: ${what}`),
    ),
  ];
}

function siteContradictions(site: SiteStats, missing: number): string[] {
  const { count, minNs, maxNs, p50Ns, p90Ns, p99Ns, histogram } = site;
  const seen = histogram.counts.reduce((sum, one) => sum + one, 0);
  const problems: string[] = [];
  if (seen > count + 1 || seen < count - 1 - missing)
    problems.push(`${count} executions, ${seen} in the histogram`);
  if (count === 0 || minNs === null || maxNs === null) return problems;
  if (minNs > maxNs) problems.push(`shortest ${minNs}, longest ${maxNs}`);
  // A percentile is the middle of a bucket, at most 1/32 wide.
  for (const value of [p50Ns, p90Ns, p99Ns]) {
    if (value !== null && !(value >= minNs * 0.98 - 1 && value <= maxNs * 1.02 + 1)) {
      problems.push(`a percentile of ${value}, shortest ${minNs}, longest ${maxNs}`);
    }
  }
  if (p50Ns !== null && p90Ns !== null && p99Ns !== null && !(p50Ns <= p90Ns && p90Ns <= p99Ns)) {
    problems.push('percentiles fall');
  }
  return problems;
}

const OFFSETS = fieldOffsets(HEADER);

/** A 64-bit field of the header. */
export function headerField(bytes: Uint8Array, name: string): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Number(view.getBigUint64(OFFSETS.get(name) ?? 0, true));
}

/** The records of a sound profile of one process. */
function recordsIn(bytes: Uint8Array): { type: number; at: number; length: number }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const records: { type: number; at: number; length: number }[] = [];
  for (let at: number = PROFILE_CONSTANTS.HEADER_SIZE; at < headerField(bytes, 'used'); ) {
    const length = Number(view.getBigUint64(at + 8, true));
    if (length < RECORD.size || length % PROFILE_CONSTANTS.ALIGNMENT !== 0) {
      throw new Error(`a record of ${length} bytes at ${at}`);
    }
    records.push({ type: view.getUint32(at, true), at, length });
    at += length;
  }
  return records;
}

/** What the header of a file that one process left says otherwise than its records and its size. */
export function misplaced(bytes: Uint8Array): string[] {
  const used = headerField(bytes, 'used');
  const grown = headerField(bytes, 'file_size');
  if (!(used <= grown && grown <= bytes.length))
    return [`used ${used}, grown to ${grown}, ${bytes.length} bytes`];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const records = recordsIn(bytes);
  const last = records.at(-1);
  const end = last === undefined ? HEADER.size : last.at + last.length;
  const tables = records.filter(({ type }) => type === RECORD_TYPES.TABLE).length;
  const sites = siteStructs(bytes).length;
  const said = ['tables', 'sites'].map((name) => view.getUint32(OFFSETS.get(name) ?? 0, true));
  const problems = end === used ? [] : [`records end at ${end}, used is ${used}`];
  // Both are raised just before the records are published.
  if (said[0] !== tables || said[1] !== sites)
    problems.push(`${said} tables and sites, ${tables} and ${sites} there`);
  return problems;
}

/** The site structs of a sound profile of one process, in the order of the reader's sites. */
export function siteStructs(bytes: Uint8Array): DataView[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const countAt = fieldOffsets(SITES).get('site_count') ?? 0;
  return recordsIn(bytes)
    .filter(({ type }) => type === RECORD_TYPES.SITES)
    .flatMap(({ at }) =>
      Array.from({ length: view.getUint32(at + countAt, true) }, (_, i) => {
        return new DataView(bytes.buffer, bytes.byteOffset + at + SITES.size + i * SITE.size, SITE.size);
      }),
    );
}
