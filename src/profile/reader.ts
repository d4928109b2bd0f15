import { isAbsolute, join } from 'node:path/posix';
import { asPlainBytes } from '../bytes/byte-reader.ts';
import { PyrewriteError } from '../errors.ts';
import { CLOCK_SOURCES, HEADER, PROFILE_CONSTANTS, PROFILE_FLAGS, PROFILE_MAGIC, SITE } from './format.ts';
import { mergeProfiles } from './merge.ts';
import type { Losses, ProcessInfo, Profile } from './profile.ts';
import { type ProfileRecords, readRecords } from './records.ts';
import { latestTick, tableStats } from './site-counters.ts';
import { type StructValues, structReader } from './struct-reader.ts';

const readHeader = structReader(HEADER);

/** A shorter interval gives no better frequency than the process measured itself. */
const LEAST_ANCHOR_NS = 1_000_000;

/** Hz. No clock that we read is slower or faster; with these, no duration is infinite. */
const SLOWEST_CLOCK = 1;
const FASTEST_CLOCK = 1e12;

/**
 * Reads a profile file: the profiles of one process or of several, one after the other; live ones and those of
 * killed processes too. Damage behind the first header gives a partial profile with {@link Profile.notes}.
 * @throws PyrewriteError 'bad-profile' when the bytes do not begin with a profile that this version reads
 */
export function readProfile(bytes: Uint8Array): Profile {
  const plain = asPlainBytes(bytes);
  if (plain.length === 0) throw new PyrewriteError('bad-profile', 'the profile is empty', { offset: 0 });
  const profiles: Profile[] = [];
  const notes: string[] = [];
  const damaged: PyrewriteError[] = [];
  for (let offset = 0; offset < plain.length; ) {
    const end = readAt(plain, offset, profiles, damaged);
    const next = findMagic(plain, end);
    if (next !== end && hasContent(plain.subarray(end, next))) {
      notes.push(`${next - end} bytes between two profiles were not understood`);
    }
    offset = next;
  }
  const [first] = damaged;
  if (first !== undefined) {
    notes.push(
      `profiles of ${damaged.length} processes are damaged and left out; the first: ${first.message}`,
    );
  }
  const merged = mergeProfiles(profiles);
  return { ...merged, notes: [...merged.notes, ...notes] };
}

/** Adds the profile at `offset`; gives its end. One that cannot be read is left out, unless it is the first. */
function readAt(bytes: Uint8Array, offset: number, profiles: Profile[], damaged: PyrewriteError[]): number {
  try {
    const { profile, end } = readOne(bytes, offset);
    profiles.push(profile);
    return end;
  } catch (error) {
    if (offset === 0 || !(error instanceof PyrewriteError)) throw error;
    damaged.push(error);
    return findMagic(bytes, offset + HEADER.size);
  }
}

/** Offset of the next header at or behind `from`, or the end. */
function findMagic(bytes: Uint8Array, from: number): number {
  const at = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(PROFILE_MAGIC, from, 'latin1');
  return at < 0 ? bytes.length : at;
}

/** A file that was grown and not used ends in zeroes. */
function hasContent(bytes: Uint8Array): boolean {
  return bytes.some((byte) => byte !== 0);
}

function readOne(bytes: Uint8Array, offset: number): { profile: Profile; end: number } {
  const header = checkedHeader(bytes, offset);
  const notes = new Set<string>();
  const note = (what: string): void => void notes.add(what);
  const declared = header.number('used');
  const used = Math.max(HEADER.size, Math.min(declared, bytes.length - offset));
  if (declared !== used) note(`the profile is cut: ${used} bytes of ${declared}`);
  const own = bytes.subarray(offset, offset + used);
  const records = readRecords(own, note, absolutePath);
  const profile = profileOf(header, records, own, note);
  const grown = Math.min(Math.max(used, header.number('file_size')), bytes.length - offset);
  // Between the two are zeroes, and what a process that was killed had not finished. A file that was cut after a crash
  // and joined with others is shorter than it says.
  const end = findMagic(bytes.subarray(0, offset + grown), offset + used);
  return { profile: { ...profile, notes: [...notes] }, end };
}

function checkedHeader(bytes: Uint8Array, offset: number): StructValues {
  const magic = Buffer.from(bytes.subarray(offset, offset + PROFILE_MAGIC.length)).toString('latin1');
  if (magic !== PROFILE_MAGIC) throw new PyrewriteError('bad-profile', 'not a pyrewrite profile', { offset });
  const header = readHeader(bytes, offset);
  const version = header.number('version');
  if (version !== PROFILE_CONSTANTS.FORMAT_VERSION) {
    const what =
      version === 1 << 24 ? 'was written on a big-endian machine' : `has format version ${version}`;
    throw new PyrewriteError(
      'bad-profile',
      `the profile ${what}; this pyrewrite reads version 1, little endian`,
      {
        offset: offset + PROFILE_MAGIC.length,
        remedy: 'Read it with the pyrewrite that recorded it.',
      },
    );
  }
  const expected = { header_size: HEADER.size, site_size: SITE.size, ...SHAPE };
  for (const [name, value] of Object.entries(expected)) {
    if (header.number(name) !== value) {
      throw new PyrewriteError('bad-profile', `${name} is ${header.number(name)} and not ${value}`, {
        offset,
      });
    }
  }
  return header;
}

const SHAPE = { octaves: PROFILE_CONSTANTS.OCTAVES, sub_buckets: PROFILE_CONSTANTS.SUB_BUCKETS };

/** `<string>` and the like stay as they are. */
function absolutePath(facts: ProfileRecords['facts'], filename: string): string {
  if (isAbsolute(filename) || filename.startsWith('<')) return filename;
  const cwd = facts.find(([key]) => key === 'cwd')?.[1];
  return cwd === undefined ? filename : join(cwd, filename);
}

function profileOf(
  header: StructValues,
  records: ProfileRecords,
  bytes: Uint8Array,
  note: (what: string) => void,
): Profile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const ticksPerSecond = frequency(header);
  const nsPerTick = 1e9 / ticksPerSecond;
  const latest = { site: header.number('latest_site'), ticks: header.number('latest_duration') };
  const isComplete = header.big('unrecorded_durations') === 0n;
  const { carries, variants, names } = records;
  const process = processInfo(header, records, view, nsPerTick);
  const inNs = (name: string): number => positive(header.number(name) * nsPerTick);
  const stepNs = inNs('step_ticks');
  const claimed = new Set<number>();
  const source = { view, nsPerTick, stepNs, carries, variants, names, latest, isComplete, note, claimed };
  return {
    python: process.python,
    clock: { source: clockName(header.number('clock')), ticksPerSecond },
    probe: {
      pairNs: inNs('pair_ticks'),
      floorNs: inNs('floor_ticks'),
      spreadNs: inNs('spread_ticks'),
      innerNs: inNs('inner_ticks'),
    },
    processes: [process],
    durationNs: process.durationNs,
    lost: losses(header),
    notes: [],
    collections: [],
    contexts: [],
    sampling: null,
    sites: records.tables.flatMap((table) => tableStats(source, table)),
  };
}

function positive(value: number): number {
  return value > 0 && Number.isFinite(value) ? value : 0;
}

/** From the anchors at the start and at the latest event; a process that was short knew it only roughly. */
function frequency(header: StructValues): number {
  const ticks = Number(header.big('latest_ticks') - header.big('start_ticks'));
  const ns = Number(header.big('latest_ns') - header.big('start_ns'));
  const seen = ns >= LEAST_ANCHOR_NS && ticks > 0 ? (ticks * 1e9) / ns : header.number('ticks_per_second');
  return seen >= SLOWEST_CLOCK && seen <= FASTEST_CLOCK ? seen : 1e9;
}

function clockName(source: number): string {
  const found = Object.entries(CLOCK_SOURCES).find(([, value]) => value === source);
  return found === undefined ? 'unknown' : found[0].toLowerCase();
}

function processInfo(
  header: StructValues,
  records: ProfileRecords,
  view: DataView,
  nsPerTick: number,
): ProcessInfo {
  const fact = (name: string): string => records.facts.find(([key]) => key === name)?.[1] ?? '';
  const flags = header.number('flags');
  const end = latestTick(view, records.tables, header.big('latest_ticks'));
  return {
    pid: header.number('pid'),
    parentPid: header.number('ppid'),
    python: fact('python').split(' ')[0] || versionOf(header.number('python')),
    command: records.facts.filter(([key]) => key === 'argument').map(([, value]) => value),
    executable: fact('executable'),
    cwd: fact('cwd'),
    host: fact('host'),
    startUnixNs: header.number('start_unix_ns'),
    durationNs: positive(Number(end - header.big('start_ticks')) * nsPerTick),
    threads: header.number('threads'),
    finished: (flags & PROFILE_FLAGS.FINISHED) !== 0,
    coarse: (flags & PROFILE_FLAGS.COARSE) !== 0,
  };
}

/** sys.hexversion as `3.12.1`. */
function versionOf(hex: number): string {
  return `${hex >>> 24}.${(hex >>> 16) & 255}.${(hex >>> 8) & 255}`;
}

function losses(header: StructValues): Losses {
  const count = (name: string): number => header.number(name);
  return {
    spans: count('lost_spans'),
    ends: count('lost_ends'),
    abandonedAwaits: count('abandoned_awaits'),
    refusedTables: count('refused_tables'),
    unrecordedSites: count('unrecorded_sites'),
    unrecordedDurations: count('unrecorded_durations'),
  };
}
