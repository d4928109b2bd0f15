import { gzipSync } from 'node:zlib';
import {
  CLOCK_SOURCES,
  HEADER,
  MERGED,
  PROFILE_CONSTANTS,
  PROFILE_FLAGS,
  PROFILE_MAGIC,
  RECORD_TYPES,
  SITE,
} from './format.ts';
import type { Profile } from './profile.ts';
import { encodeRecord, encodeStruct } from './struct-writer.ts';

/** Elements of a list on a line. */
const ITEMS_OF_LINE = 100;
/** Characters of lines after which a record ends. */
const CHARACTERS_OF_RECORD = 1 << 20;

/**
 * A profile as the pieces of a file that reads as this very profile, to the last digit, however many processes it is the sum of. The
 * file is of the profile format: it can stand before and behind others.
 */
export function encodeMerged(profile: Profile): Buffer[] {
  const records: Buffer[] = [];
  let lines: string[] = [];
  let characters = 0;
  for (const line of linesOf(profile)) {
    lines.push(line);
    characters += line.length;
    if (characters < CHARACTERS_OF_RECORD) continue;
    records.push(encodeLines(lines));
    lines = [];
    characters = 0;
  }
  if (lines.length > 0) records.push(encodeLines(lines));
  const size = records.reduce((sum, record) => sum + record.length, HEADER.size);
  return [encodeHeader(profile, size), ...records];
}

/** One field on a line, or a part of one that is a list. */
function* linesOf(profile: Profile): Generator<string> {
  for (const [key, value] of Object.entries(profile)) {
    if (!Array.isArray(value)) yield JSON.stringify({ [key]: value });
    else if (value.length === 0) yield JSON.stringify({ [key]: [] });
    else {
      for (let at = 0; at < value.length; at += ITEMS_OF_LINE) {
        yield JSON.stringify({ [key]: value.slice(at, at + ITEMS_OF_LINE) });
      }
    }
  }
}

function encodeLines(lines: readonly string[]): Buffer {
  const text = Buffer.from(`${lines.join('\n')}\n`);
  const body = gzipSync(text);
  const head = encodeStruct(MERGED, { compressed: body.length, length: text.length });
  return encodeRecord(RECORD_TYPES.MERGED, head, body);
}

/** What a tool that knows nothing of merged profiles can still tell. */
function encodeHeader(profile: Profile, size: number): Buffer {
  const [first] = profile.processes;
  const clock = Object.entries(CLOCK_SOURCES).find(([name]) => name.toLowerCase() === profile.clock.source);
  const header = encodeStruct(HEADER, {
    version: PROFILE_CONSTANTS.FORMAT_VERSION,
    header_size: HEADER.size,
    site_size: SITE.size,
    octaves: PROFILE_CONSTANTS.OCTAVES,
    sub_buckets: PROFILE_CONSTANTS.SUB_BUCKETS,
    flags: PROFILE_FLAGS.FINISHED | PROFILE_FLAGS.MERGED,
    used: size,
    file_size: size,
    pid: first?.pid ?? 0,
    ppid: first?.parentPid ?? 0,
    clock: clock?.[1] ?? 0,
    start_unix_ns: BigInt(Math.round(first?.startUnixNs ?? 0)),
    ticks_per_second: profile.clock.ticksPerSecond,
  });
  header.write(PROFILE_MAGIC, 'latin1');
  return header;
}
