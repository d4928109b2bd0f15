import { isAbsolute, join } from 'node:path/posix';
import { asPlainBytes } from '../bytes/byte-reader.ts';
import { PyrewriteError } from '../errors.ts';
import { contextStats } from './contexts.ts';
import {
  CLOCK_SOURCES,
  HEADER,
  PROFILE_CONSTANTS,
  PROFILE_FLAGS,
  PROFILE_MAGIC,
  RECORDED,
} from './format.ts';
import { checkedHeader, frequency } from './header.ts';
import { mergeAll } from './merge.ts';
import { decodeMerged } from './merged-reader.ts';
import { type ByteSource, inMemory, PagedBytes } from './paged-bytes.ts';
import type { Losses, ProcessInfo, Profile, SiteStats } from './profile.ts';
import { commandOf, type ProfileRecords, readRecords } from './records.ts';
import { samplingOf, windowsOf } from './sampled-sites.ts';
import { latestTick, newScratch, tableStats } from './site-counters.ts';
import type { StructValues } from './struct-reader.ts';
import { collectionStats } from './taxes.ts';

/**
 * Reads a profile file: the profiles of one process or of several, one after the other; live ones and those of
 * killed processes too. Damage behind the first header gives a partial profile with {@link Profile.notes}.
 * @throws PyrewriteError 'bad-profile' when the bytes do not begin with a profile that this version reads
 */
export function readProfile(bytes: Uint8Array): Profile {
  const notes: string[] = [];
  const merged = mergeAll(readProfiles(inMemory(asPlainBytes(bytes)), notes));
  return { ...merged, notes: [...merged.notes, ...notes] };
}

/**
 * The profile of each process in a file, one after the other: only the one being read is in memory.
 * @param notes gets what is wrong between them, when the last one was read
 * @throws PyrewriteError 'bad-profile' as {@link readProfile}
 */
export function* readProfiles(source: ByteSource, notes: string[]): Generator<Profile> {
  if (source.length === 0) throw new PyrewriteError('bad-profile', 'the profile is empty', { offset: 0 });
  const damaged: PyrewriteError[] = [];
  for (let offset = 0; offset < source.length; ) {
    const { profile, end } = readAt(source, offset, damaged);
    if (profile !== undefined) yield profile;
    const next = findMagic(source, end);
    if (next !== end && hasContent(source, end, next)) {
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
}

/** The profile at `offset`, and its end. One that cannot be read is left out, unless it is the first. */
function readAt(
  source: ByteSource,
  offset: number,
  damaged: PyrewriteError[],
): { readonly profile?: Profile; readonly end: number } {
  try {
    return readOne(source, offset);
  } catch (error) {
    if (offset === 0 || !(error instanceof PyrewriteError)) throw error;
    damaged.push(error);
    return { end: findMagic(source, offset + HEADER.size) };
  }
}

/** Bytes that are searched at once. */
const SEARCHED = 1 << 20;

/** Offset of the next header at or behind `from`, or `limit`. */
function findMagic(source: ByteSource, from: number, limit: number = source.length): number {
  for (let at = from; at < limit; at += SEARCHED) {
    // One that begins in this part may end in the next.
    const bytes = source.read(at, Math.min(SEARCHED + PROFILE_MAGIC.length - 1, limit - at));
    const found = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(
      PROFILE_MAGIC,
      0,
      'latin1',
    );
    if (found >= 0) return at + found;
  }
  return limit;
}

/** A file that was grown and not used ends in zeroes. */
function hasContent(source: ByteSource, from: number, end: number): boolean {
  for (let at = from; at < end; at += SEARCHED) {
    if (source.read(at, Math.min(SEARCHED, end - at)).some((byte) => byte !== 0)) return true;
  }
  return false;
}

function readOne(source: ByteSource, offset: number): { profile: Profile; end: number } {
  const rest = source.length - offset;
  const header = checkedHeader(source.read(offset, HEADER.size), offset);
  const notes = new Set<string>();
  const note = (what: string): void => void notes.add(what);
  const declared = header.number('used');
  const used = Math.max(HEADER.size, Math.min(declared, rest));
  if (declared !== used) note(`the profile is cut: ${used} bytes of ${declared}`);
  const own = new PagedBytes(source, offset, used);
  const records = readRecords(own, note, absolutePath);
  const isMerged = (header.number('flags') & PROFILE_FLAGS.MERGED) !== 0;
  const profile = isMerged ? decodeMerged(records.merged) : profileOf(header, records, own, note);
  const grown = Math.min(Math.max(used, header.number('file_size')), rest);
  // Between the two are zeroes, and what a process that was killed had not finished. A file that was cut after a crash
  // and joined with others is shorter than it says.
  const end = findMagic(source, offset + used, offset + grown);
  return { profile: { ...profile, notes: [...profile.notes, ...notes] }, end };
}

/** The path of a `co_filename`; `<string>` and the like stay as they are. */
export function absolutePath(facts: ProfileRecords['facts'], filename: string): string {
  if (isAbsolute(filename) || filename.startsWith('<')) return filename;
  const cwd = facts.find(([key]) => key === 'cwd')?.[1];
  return cwd === undefined ? filename : join(cwd, filename);
}

function profileOf(
  header: StructValues,
  records: ProfileRecords,
  bytes: PagedBytes,
  note: (what: string) => void,
): Profile {
  const ticksPerSecond = frequency(header);
  const nsPerTick = 1e9 / ticksPerSecond;
  const latest = { site: header.number('latest_site'), ticks: header.number('latest_duration') };
  const isComplete = header.big('unrecorded_durations') === 0n;
  const { carries, variants, names, taxes } = records;
  const suspensions = (header.number('recorded') & RECORDED.SUSPENSIONS) !== 0;
  const all = windowsOf(header);
  const sampled = all === undefined ? undefined : { bytes, nsPerTick, all, sums: records.windows };
  const process = processInfo(header, records, bytes, nsPerTick);
  const inNs = (name: string): number => positive(header.number(name) * nsPerTick);
  const stepNs = inNs('step_ticks');
  const claimed = new Uint8Array(Math.ceil(bytes.length / PROFILE_CONSTANTS.BLOCK_UNIT));
  const source = {
    bytes,
    nsPerTick,
    stepNs,
    carries,
    variants,
    names,
    taxes,
    suspensions,
    latest,
    sampled,
    excess: { ns: 0 },
    isComplete,
    note,
    claimed,
    scratch: newScratch(),
  };
  const sites: SiteStats[] = [];
  for (const table of records.tables) for (const site of tableStats(source, table)) sites.push(site);
  return {
    python: process.python,
    clock: { source: clockName(header.number('clock')), ticksPerSecond },
    probe: {
      pairNs: inNs('pair_ticks'),
      floorNs: inNs('floor_ticks'),
      spreadNs: inNs('spread_ticks'),
      innerNs: inNs('inner_ticks'),
      looksNs: inNs('look_ticks'),
      excessNs: source.excess.ns,
    },
    processes: [process],
    durationNs: process.durationNs,
    lost: losses(header),
    notes: [],
    collections: collectionStats(records.collections, sites.length, nsPerTick),
    contexts: contextStats({ nsPerTick, names, tables: siteRanges(records), note }, records.contexts),
    sampling: samplingOf(header),
    sites,
  };
}

function siteRanges({ tables }: ProfileRecords): { firstSite: number; count: number }[] {
  return tables.map(({ firstSite, table }) => ({ firstSite, count: table.sites.length }));
}

function positive(value: number): number {
  return value > 0 && Number.isFinite(value) ? value : 0;
}

const CLOCK_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(CLOCK_SOURCES).map(([name, value]) => [value, name.toLowerCase()]),
);

function clockName(source: number): string {
  return CLOCK_NAMES.get(source) ?? 'unknown';
}

function processInfo(
  header: StructValues,
  records: ProfileRecords,
  bytes: PagedBytes,
  nsPerTick: number,
): ProcessInfo {
  const fact = (name: string): string => records.facts.find(([key]) => key === name)?.[1] ?? '';
  const flags = header.number('flags');
  const end = latestTick(bytes, records.tables, header.big('latest_ticks'));
  return {
    pid: header.number('pid'),
    parentPid: header.number('ppid'),
    python: fact('python').split(' ')[0] || versionOf(header.number('python')),
    command: commandOf(records.facts),
    executable: fact('executable'),
    cwd: fact('cwd'),
    host: fact('host'),
    startUnixNs: header.number('start_unix_ns'),
    durationNs: positive(Number(end - header.big('start_ticks')) * nsPerTick),
    offNs: positive(offTicks(header, end) * nsPerTick),
    threads: header.number('threads'),
    finished: (flags & PROFILE_FLAGS.FINISHED) !== 0,
    coarse: (flags & PROFILE_FLAGS.COARSE) !== 0,
  };
}

/** @param end the latest tick that is known */
function offTicks(header: StructValues, end: bigint): number {
  const since = header.big('off_since');
  return header.number('off_ticks') + (since === 0n ? 0 : Math.max(0, Number(end - since)));
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
    unrecordedContexts: count('unrecorded_contexts'),
  };
}
