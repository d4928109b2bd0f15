import { join } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import { mergeProfiles } from '../../profile/merge.ts';
import type { Profile } from '../../profile/profile.ts';
import { parseLabel } from './labels.ts';

/** A folder level of a partitioned table. */
export interface PartitionKey {
  readonly name: string;
  /** Null where it is not one value. */
  readonly read: (profile: Profile) => string | null;
}

/** What Hive calls a partition whose value is null; Spark, DuckDB and ClickHouse know it. */
const NO_VALUE = '__HIVE_DEFAULT_PARTITION__';

const KNOWN: Readonly<Record<string, PartitionKey['read']>> = {
  host: ({ processes }) => only(processes.map(({ host }) => host)),
  python: ({ python }) => python,
  date: ({ processes }) => only(processes.map(({ startUnixNs }) => utc(startUnixNs).slice(0, 10))),
  hour: ({ processes }) => only(processes.map(({ startUnixNs }) => utc(startUnixNs).slice(11, 13))),
};

/**
 * `host,service=web,date` as keys, in order.
 * @throws PyrewriteError 'usage' for a key that is neither known nor NAME=VALUE
 */
export function parsePartition(text: string): PartitionKey[] {
  return text.split(',').map((part) => {
    if (Object.hasOwn(KNOWN, part)) return { name: part, read: KNOWN[part] };
    if (!part.includes('=')) {
      throw new PyrewriteError('usage', `--partition: there is no key '${part}'`, {
        remedy: `there are ${Object.keys(KNOWN).join(', ')} and NAME=VALUE, e.g. host,service=web,date`,
      });
    }
    const [name, value] = parseLabel(part, 'partition');
    return { name, read: () => value };
  });
}

/** The folder of a profile: `host=a/service=web/date=2026-11-27`. */
export function partitionOf(profile: Profile, keys: readonly PartitionKey[]): string {
  return join(...keys.map(({ name, read }) => `${name}=${pathValue(read(profile))}`));
}

/** Sums of profiles by partition; each is taken in when it comes. */
export function sumByPartition(
  profiles: Iterable<Profile>,
  keys: readonly PartitionKey[],
): Map<string, Profile> {
  const sums = new Map<string, Profile>();
  for (const profile of profiles) {
    const partition = partitionOf(profile, keys);
    const sum = sums.get(partition);
    sums.set(partition, sum === undefined ? profile : mergeProfiles([sum, profile]));
  }
  return sums;
}

function utc(unixNs: number): string {
  return new Date(unixNs / 1e6).toISOString();
}

function only(values: readonly string[]): string | null {
  return values.length > 0 && values.every((value) => value === values[0]) ? values[0] : null;
}

/** As Hive writes values in paths. */
function pathValue(value: string | null): string {
  if (value === null || value === '') return NO_VALUE;
  return value.replace(/[^A-Za-z0-9._ -]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}
