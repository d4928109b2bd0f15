import { gunzipSync } from 'node:zlib';
import { PyrewriteError } from '../errors.ts';
import { isProfile } from './merged-shape.ts';
import type { Profile } from './profile.ts';

/** Bytes that a record may unpack to: written ones have little more than 8 MiB. */
const MOST_UNPACKED = 256 << 20;

/**
 * The profile that `encodeMerged` made records of.
 * @param records gzip of lines of JSON, in order
 * @throws PyrewriteError 'bad-profile' when they are damaged, or something is missing
 */
export function decodeMerged(records: readonly Uint8Array[]): Profile {
  const fields: Record<string, unknown> = {};
  for (const record of records) {
    for (const line of unpack(record).split('\n')) {
      if (line !== '') addFields(fields, parse(line));
    }
  }
  if (!isProfile(fields)) throw damaged('a part is missing or is not what it should be');
  return fields;
}

function damaged(why: string): PyrewriteError {
  return new PyrewriteError('bad-profile', `the merged profile is damaged: ${why}`, {
    remedy: 'Merge the profiles of the processes again.',
  });
}

function unpack(record: Uint8Array): string {
  try {
    return gunzipSync(record, { maxOutputLength: MOST_UNPACKED }).toString();
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error));
  }
}

function parse(line: string): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below.
  }
  throw damaged('a line is not a JSON object');
}

/** Lists come in parts. */
function addFields(fields: Record<string, unknown>, line: object): void {
  for (const [key, value] of Object.entries(line)) {
    const known = Object.hasOwn(fields, key) ? fields[key] : undefined;
    if (Array.isArray(known) && Array.isArray(value)) {
      for (const item of value) known.push(item);
    } else fields[key] = value;
  }
}
