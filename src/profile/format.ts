/**
 * The profile file, described once: `tools/generate-profile-header.ts` writes `native/profile_format.h` from this
 * data, and the reader takes its offsets from it, so that writer and reader cannot disagree.
 * docs/reference/formats/profile.md explains it in words.
 */
import { CONTEXT, CONTEXTS } from './context-structs.ts';
import { CONTROL_FIELDS } from './control.ts';
import { RECORD_HEAD, type Struct } from './struct.ts';
import { COLLECTION, COLLECTIONS, TAX, TAXES } from './tax-structs.ts';
import { VARIANT, VARIANTS } from './variant-structs.ts';
import { SAMPLING_FIELDS, WINDOW_SITE, WINDOWS } from './window-structs.ts';

export { FIELD_SIZES, type Field, type FieldType, fieldOffsets, type Struct } from './struct.ts';

/** First eight bytes of each process profile. */
export const PROFILE_MAGIC = 'PYRWPROF';

/** Plain numbers that both sides need. `PROFILE_` + name in C. */
export const PROFILE_CONSTANTS = {
  FORMAT_VERSION: 1,
  /** Bytes of the fixed header; the first record follows. */
  HEADER_SIZE: 512,
  /** Records start and end at multiples of this. */
  ALIGNMENT: 64,
  /** Bytes that one unit of a block index stands for. */
  BLOCK_UNIT: 64,
  /** Linear sub-buckets of each octave of a histogram. */
  SUB_BUCKETS: 32,
  /** Octave blocks that a site can have: the first is linear (0–31 ticks), the k-th covers [2^(k+4), 2^(k+5)). */
  OCTAVES: 48,
  /** Octave blocks inside a CALIBRATION record of its first site, the last for all longer durations; two more for the other sites. */
  CALIBRATION_OCTAVES: 14,
  /** Variants of a site that are told apart; the others share one more. */
  VARIANTS_PER_SITE: 8,
  /** Names that are kept; later ones are number 0. */
  MOST_NAMES: 65_535,
  /** Contexts that are told apart; operations in later ones share one more for each site. */
  MOST_CONTEXTS: 131_072,
  /** Threads and tasks that are told apart in the tree of contexts; later ones share one more each. */
  MOST_ROOTS: 1024,
  /** `site` of a context that is no operation. */
  NO_SITE: 0xffffffff,
} as const;

/** Record types: `u32 type` of each record. */
export const RECORD_TYPES = {
  /** Facts about the process: pairs of strings. */
  PROCESS: 1,
  /** A module's site table as it was in its code, with the module's co_filename. */
  TABLE: 2,
  /** Counters of the sites of one TABLE. */
  SITES: 3,
  /** Pool of histogram blocks. */
  BLOCKS: 4,
  /** What probes around nothing measured at start. */
  CALIBRATION: 5,
  /** Buckets whose 32 bits overflowed. */
  CARRY: 6,
  /** Names of types and callables. */
  NAMES: 7,
  /** Counters of sites by what the operation ran on. */
  VARIANTS: 8,
  /** Of sites that are sampled: what their counters came to, window by window. */
  WINDOWS: 15,
  /** A part of the sum of many processes. */
  MERGED: 19,
  /** Garbage collections, by generation and by the operation in which they struck. */
  COLLECTIONS: 11,
  /** What else is known of a site: suspensions, time off the CPU, swallowed exceptions. */
  TAXES: 12,
  /** The tree of calling contexts. */
  CONTEXTS: 9,
} as const;

/** Bits of the header's `flags`. */
export const PROFILE_FLAGS = {
  /** The process ended through `exit`; the file was cut to its used size. */
  FINISHED: 1,
  /** Written by a child of `fork`. */
  FORKED: 2,
  /** Times come from Python code, not from the C runtime. */
  COARSE: 4,
  /** The file could not grow: some sites or durations are missing, see the counters. */
  FULL: 8,
  /** The sum of many processes: everything is in MERGED records. */
  MERGED: 256,
} as const;

/** Bits of the header's `recorded`. */
export const RECORDED = {
  /** Garbage collections, from when a module asked for them. */
  COLLECTIONS: 1,
  /** Suspensions of awaits. */
  SUSPENSIONS: 2,
} as const;

/** The header's `clock`. */
export const CLOCK_SOURCES = { TSC: 1, CNTVCT: 2, MONOTONIC: 3, PERF_COUNTER: 4 } as const;

/** The fixed header. */
export const HEADER: Struct = {
  name: 'profile_header',
  doc: 'At the start of each process profile.',
  size: PROFILE_CONSTANTS.HEADER_SIZE,
  fields: [
    { name: 'magic', type: 'u8', count: 8, doc: 'PYRWPROF' },
    { name: 'version', type: 'u32', doc: 'Format version, 1' },
    { name: 'header_size', type: 'u32', unit: 'bytes', doc: 'Size of this header' },
    { name: 'site_size', type: 'u32', unit: 'bytes', doc: 'Size of a site struct' },
    { name: 'octaves', type: 'u32', doc: 'Octave blocks that a site can have' },
    { name: 'sub_buckets', type: 'u32', doc: 'Buckets of an octave block' },
    { name: 'flags', type: 'u32', doc: 'Bits of PROFILE_FLAG_*' },
    {
      name: 'used',
      type: 'u64',
      unit: 'bytes',
      doc: 'Everything before this offset is complete; stored with release',
    },
    { name: 'file_size', type: 'u64', unit: 'bytes', doc: 'Size that the file was grown to' },
    { name: 'pid', type: 'u32', doc: 'Process' },
    { name: 'ppid', type: 'u32', doc: 'Its parent when the profile was made' },
    { name: 'clock', type: 'u32', doc: 'PROFILE_CLOCK_*: what a tick is' },
    { name: 'python', type: 'u32', doc: 'sys.hexversion' },
    { name: 'start_ticks', type: 'u64', unit: 'ticks', doc: 'Clock when the profile was made' },
    { name: 'start_ns', type: 'u64', unit: 'ns', doc: 'CLOCK_MONOTONIC at start_ticks' },
    { name: 'start_unix_ns', type: 'u64', unit: 'ns', doc: 'CLOCK_REALTIME at start_ticks' },
    { name: 'latest_ticks', type: 'u64', unit: 'ticks', doc: 'Clock at the latest anchor' },
    { name: 'latest_ns', type: 'u64', unit: 'ns', doc: 'CLOCK_MONOTONIC at latest_ticks' },
    { name: 'ticks_per_second', type: 'f64', doc: 'As far as known when the latest anchor was taken' },
    {
      name: 'inner_ticks',
      type: 'f64',
      unit: 'ticks',
      doc: 'What the probes add to a duration itself; the mean of the run',
    },
    {
      name: 'pair_ticks',
      type: 'f64',
      unit: 'ticks',
      doc: 'What a begin and end pair costs its surroundings; the mean of the run',
    },
    {
      name: 'spread_ticks',
      type: 'f64',
      unit: 'ticks',
      doc: 'Half of what pair_ticks differs by, between operations or between rounds',
    },
    { name: 'step_ticks', type: 'f64', unit: 'ticks', doc: 'Smallest step that the clock was seen to make' },
    {
      name: 'floor_ticks',
      type: 'f64',
      unit: 'ticks',
      doc: 'What an empty operation shows on the average after the correction, and what inner_ticks differs by',
    },
    { name: 'inner_subtracted', type: 'u32', unit: 'ticks', doc: 'Taken off each duration, of late' },
    {
      name: 'pair_subtracted',
      type: 'u32',
      unit: 'ticks',
      doc: 'Taken off each duration for each pair inside, of late',
    },
    { name: 'threads', type: 'u32', doc: 'Threads that ran a probe' },
    { name: 'forks', type: 'u32', doc: 'Forks between the first process and this one' },
    { name: 'lost_spans', type: 'u64', doc: 'Operations that began and whose end was never seen' },
    { name: 'lost_ends', type: 'u64', doc: 'Ends without a begin' },
    {
      name: 'inherited_ends',
      type: 'u64',
      doc: 'Ends of operations that began before the fork: not counted at their site',
    },
    { name: 'abandoned_awaits', type: 'u64', doc: 'Awaits that began and were dropped' },
    { name: 'refused_tables', type: 'u64', doc: 'Site tables that were not valid for their code' },
    {
      name: 'unrecorded_sites',
      type: 'u64',
      doc: 'Sites that got no counters because the file could not grow',
    },
    {
      name: 'unrecorded_durations',
      type: 'u64',
      doc: 'Durations missing in histograms because the file could not grow',
    },
    { name: 'tables', type: 'u32', doc: 'TABLE records' },
    { name: 'sites', type: 'u32', doc: 'Sites of all tables' },
    {
      name: 'latest_site',
      type: 'u64',
      unit: 'file offset',
      doc: 'Site of the latest operation; its duration is counted, but not yet in the histogram. 0 = none',
    },
    { name: 'latest_duration', type: 'u64', unit: 'ticks', doc: 'Corrected duration of that operation' },
    {
      name: 'first_subtracted',
      type: 'u32',
      unit: 'ticks',
      doc: 'Taken off each duration with operations inside, for the first of them beside its pair, of late',
    },
    {
      name: 'parent_subtracted',
      type: 'u32',
      unit: 'ticks',
      doc: 'Taken off the surroundings of each such operation beside its pair, of late',
    },
    {
      name: 'unrecorded_contexts',
      type: 'u64',
      offset: 256,
      doc: 'Operations that have no context because the file could not grow',
    },
    { name: 'recorded', type: 'u32', offset: 320, doc: 'Bits of PROFILE_RECORDED_*: what else was recorded' },
    ...SAMPLING_FIELDS,
    {
      name: 'look_ticks',
      type: 'u64',
      offset: 448,
      unit: 'ticks',
      doc: 'What looking at operands took in all; taken off the operations around',
    },
    ...CONTROL_FIELDS,
  ],
};

/** Head of each record. */
export const RECORD: Struct = {
  name: 'profile_record',
  doc: 'Head of each record.',
  size: 16,
  fields: [
    { name: 'type', type: 'u32', doc: 'PROFILE_RECORD_*' },
    { name: 'reserved', type: 'u32', doc: 'Zero' },
    {
      name: 'length',
      type: 'u64',
      unit: 'bytes',
      doc: 'Length with this head and the padding; a multiple of 64',
    },
  ],
};

/** PROCESS: head, then `count` pairs of strings (u32 length, UTF-8 bytes), not padded. */
export const PROCESS: Struct = {
  name: 'profile_process',
  doc: 'PROCESS record: then count pairs of strings, each u32 length + UTF-8 bytes.',
  size: 32,
  fields: [RECORD_HEAD, { name: 'count', type: 'u32', doc: 'Number of pairs' }],
};

/** TABLE: head, then co_filename, then the table. */
export const TABLE: Struct = {
  name: 'profile_table',
  doc: 'TABLE record: then filename_length bytes of co_filename, then table_length bytes of the site table.',
  size: 32,
  fields: [
    RECORD_HEAD,
    { name: 'filename_length', type: 'u32', unit: 'bytes', doc: 'co_filename in UTF-8 (surrogatepass)' },
    { name: 'table_length', type: 'u32', unit: 'bytes', doc: 'Site table' },
    { name: 'first_site', type: 'u32', doc: 'Number of its first site in this process' },
  ],
};

/** SITES: head, then the site structs. */
export const SITES: Struct = {
  name: 'profile_sites',
  doc: 'SITES record: then site_count site structs.',
  size: 64,
  fields: [
    RECORD_HEAD,
    {
      name: 'table',
      type: 'u64',
      unit: 'file offset',
      doc: 'Its TABLE record, from the start of this profile',
    },
    { name: 'site_count', type: 'u32', doc: 'Number of sites' },
    { name: 'first_site', type: 'u32', doc: 'Number of its first site in this process' },
  ],
};

/** Counters of one site. */
export const SITE: Struct = {
  name: 'profile_site',
  doc: 'Counters of one site. Durations are corrected by the cost of the probes; sums are signed so that they stay unbiased.',
  size: 256,
  fields: [
    { name: 'count', type: 'u64', doc: 'Executions that ended, raised ones included' },
    { name: 'raised', type: 'u64', doc: 'Executions that ended by an exception' },
    {
      name: 'total',
      type: 'i64',
      unit: 'ticks',
      doc: 'Sum of inclusive durations of the outermost activations (recursion counts once)',
    },
    {
      name: 'self',
      type: 'i64',
      unit: 'ticks',
      doc: 'Sum of durations without the probed operations inside',
    },
    { name: 'min', type: 'u64', unit: 'ticks', doc: 'Shortest inclusive duration; 0 while count is 0' },
    { name: 'max', type: 'u64', unit: 'ticks', doc: 'Longest inclusive duration' },
    { name: 'last', type: 'u64', unit: 'ticks', doc: 'Clock when the latest execution ended' },
    {
      name: 'lost',
      type: 'u64',
      doc: 'Executions that began and whose end was never seen, or awaits dropped',
    },
    {
      name: 'blocks',
      type: 'u32',
      count: 48,
      unit: 'block index',
      doc: 'Histogram block of each octave, 0 = none',
    },
  ],
};

/** BLOCKS: head, then `capacity` blocks of SUB_BUCKETS u32 counters. */
export const BLOCKS: Struct = {
  name: 'profile_blocks',
  doc: 'BLOCKS record: then capacity blocks of 32 u32 counters.',
  size: 64,
  fields: [
    RECORD_HEAD,
    { name: 'capacity', type: 'u32', doc: 'Blocks in this record' },
    { name: 'taken', type: 'u32', doc: 'Blocks given to sites' },
  ],
};

/** CALIBRATION: head, sites, then their blocks. */
export const CALIBRATION: Struct = {
  name: 'profile_calibration',
  doc: 'CALIBRATION record: then site_count site structs, then CALIBRATION_OCTAVES + 2 blocks.',
  size: 64,
  fields: [
    RECORD_HEAD,
    { name: 'ticks', type: 'u64', unit: 'ticks', doc: 'Clock when it was taken' },
    { name: 'duration', type: 'u64', unit: 'ticks', doc: 'How long it took' },
    { name: 'nested', type: 'u32', doc: 'Empty operations in a round' },
    {
      name: 'site_count',
      type: 'u32',
      doc: 'Sites: empty, around empty; parent, child, around parents; then for each operation: around it, probed, around that; last a pair around nothing, the measure of all',
    },
    { name: 'rounds', type: 'u32', doc: 'Repetitions' },
    {
      name: 'method',
      type: 'u32',
      doc: '1 bytecode as the rewriter writes it, 2 slots called from C (a tracer was active), 3 Python recorder',
    },
  ],
};

/** CARRY: head, then `capacity` entries. */
export const CARRY: Struct = {
  name: 'profile_carry',
  doc: 'CARRY record: then capacity carry entries.',
  size: 64,
  fields: [
    RECORD_HEAD,
    { name: 'capacity', type: 'u32', doc: 'Entries in this record' },
    { name: 'taken', type: 'u32', doc: 'Entries used' },
  ],
};

/** One bucket that overflowed. */
export const CARRY_ENTRY: Struct = {
  name: 'profile_carry_entry',
  doc: 'A bucket that overflowed `times` times: add times · 2^32 to it.',
  size: 16,
  fields: [
    { name: 'block', type: 'u32', unit: 'block index', doc: 'Its block' },
    { name: 'bucket', type: 'u32', doc: 'Its number in the block' },
    { name: 'times', type: 'u64', doc: 'Overflows' },
  ],
};

/** NAMES: head, then entries of u32 length + UTF-8 bytes, each padded to 4 bytes. */
export const NAMES: Struct = {
  name: 'profile_names',
  doc: 'NAMES record: then names, each u32 length + UTF-8 bytes, padded to 4 bytes. They count from 1, over all records.',
  size: 64,
  fields: [
    RECORD_HEAD,
    { name: 'count', type: 'u32', doc: 'Names in this record' },
    { name: 'length', type: 'u32', unit: 'bytes', doc: 'What they take' },
  ],
};

/** MERGED: head, then `compressed` bytes: gzip of lines of JSON. */
export const MERGED: Struct = {
  name: 'profile_merged',
  doc: 'MERGED record: then compressed bytes, gzip of lines of JSON. All of a profile is in them.',
  size: 64,
  fields: [
    RECORD_HEAD,
    { name: 'compressed', type: 'u32', unit: 'bytes', doc: 'What follows' },
    { name: 'length', type: 'u32', unit: 'bytes', doc: 'Its length when it is unpacked' },
  ],
};

/** Every struct, in the order of the generated header. */
export const PROFILE_STRUCTS: readonly Struct[] = [
  HEADER,
  RECORD,
  PROCESS,
  TABLE,
  SITES,
  SITE,
  BLOCKS,
  CALIBRATION,
  CARRY,
  CARRY_ENTRY,
  NAMES,
  VARIANTS,
  VARIANT,
  WINDOWS,
  WINDOW_SITE,
  MERGED,
  COLLECTIONS,
  COLLECTION,
  TAXES,
  TAX,
  CONTEXTS,
  CONTEXT,
];
