import { CONTEXT } from './context-structs.ts';
import {
  CARRY_ENTRY,
  fieldOffsets,
  HEADER,
  PROFILE_CONSTANTS,
  RECORD,
  RECORD_TYPES,
  SITE,
  SITES,
  type Struct,
} from './format.ts';
import { bucketMiddle } from './histogram.ts';
import { COLLECTION, TAX } from './tax-structs.ts';
import { VARIANT, VARIANTS } from './variant-structs.ts';
import { WINDOW_SITE, WINDOWS } from './window-structs.ts';

const { SUB_BUCKETS, OCTAVES, BLOCK_UNIT } = PROFILE_CONSTANTS;
const BLOCK_BYTES = SUB_BUCKETS * 4;

/** An instant on the clock of a process. */
export interface ClockReading {
  readonly ticks: bigint;
  /** CLOCK_MONOTONIC, nanoseconds. */
  readonly ns: bigint;
}

/** A counter of a struct that grows only, or a sum. */
interface Counter {
  readonly offset: number;
  readonly type: 'u32' | 'u64' | 'i64' | 'f64';
}

function countersOf(struct: Struct, names: readonly string[]): Counter[] {
  const offsets = fieldOffsets(struct);
  return names.map((name) => {
    const field = struct.fields.find((one) => one.name === name);
    const offset = offsets.get(name);
    if (field === undefined || offset === undefined || field.type === 'u8')
      throw new RangeError(`${struct.name} has no counter ${name}`);
    return { offset, type: field.type };
  });
}

function offsetOf(struct: Struct, name: string): number {
  return fieldOffsets(struct).get(name) ?? 0;
}

const HEADER_COUNTERS = countersOf(HEADER, [
  ...['lost_spans', 'lost_ends', 'inherited_ends', 'abandoned_awaits', 'refused_tables', 'unrecorded_sites'],
  ...['unrecorded_durations', 'unrecorded_contexts', 'look_ticks', 'switches', 'off_ticks', 'windows'],
  ...[
    'window_counted',
    'window_passed',
    'window_sum',
    'window_squares',
    'window_ns',
    'sampled_cpu_ns',
    'sampling_cost_ns',
    'gates_cost_ns',
    'window_asked',
  ],
]);
/** Site and duration of the latest operation, which stand behind each other. */
const LATEST = [offsetOf(HEADER, 'latest_site'), 16] as const;
const SITE_COUNTERS = countersOf(SITE, ['count', 'raised', 'total', 'self', 'lost']);
const [COUNT] = SITE_COUNTERS;
const MIN = offsetOf(SITE, 'min');
const MAX = offsetOf(SITE, 'max');
const SITE_BLOCKS = offsetOf(SITE, 'blocks');
const CARRY_TIMES = offsetOf(CARRY_ENTRY, 'times');
/** Bytes of the heads of records with rows, and where they tell how many of these are used. */
const HEAD = SITES.size;
const TAKEN = offsetOf(VARIANTS, 'taken');

/** Records with rows of counters: where rows begin, how far apart they are, where their number stands, and their counters. */
const ROWS: ReadonlyMap<
  number,
  { readonly stride: number; readonly number: number; readonly site?: number; readonly counters: Counter[] }
> = new Map([
  [
    RECORD_TYPES.SITES,
    { stride: SITE.size, number: offsetOf(SITES, 'site_count'), site: 0, counters: SITE_COUNTERS },
  ],
  [
    RECORD_TYPES.VARIANTS,
    {
      stride: VARIANT.size + SITE.size,
      number: TAKEN,
      site: VARIANT.size,
      counters: SITE_COUNTERS.map(({ offset, type }) => ({ offset: offset + VARIANT.size, type })),
    },
  ],
  [
    RECORD_TYPES.CONTEXTS,
    {
      stride: CONTEXT.size,
      number: TAKEN,
      counters: countersOf(CONTEXT, ['count', 'raised', 'total', 'self']),
    },
  ],
  [
    RECORD_TYPES.COLLECTIONS,
    {
      stride: COLLECTION.size,
      number: TAKEN,
      counters: countersOf(COLLECTION, ['count', 'collected', 'total']),
    },
  ],
  [
    RECORD_TYPES.TAXES,
    {
      stride: TAX.size,
      number: TAKEN,
      counters: countersOf(
        TAX,
        TAX.fields.slice(2).map(({ name }) => name),
      ),
    },
  ],
  [
    RECORD_TYPES.WINDOWS,
    {
      stride: WINDOW_SITE.size,
      number: offsetOf(WINDOWS, 'site_count'),
      counters: countersOf(
        WINDOW_SITE,
        WINDOW_SITE.fields.filter(({ name }) => !name.startsWith('seen_')).map(({ name }) => name),
      ),
    },
  ],
]);

interface RecordAt {
  readonly offset: number;
  readonly type: number;
  readonly length: number;
}

function* recordsOf(view: DataView, used: number): Generator<RecordAt> {
  for (let offset = HEADER.size; offset + RECORD.size <= used; ) {
    const length = Number(view.getBigUint64(offset + 8, true));
    if (length < RECORD.size || offset + length > used) return;
    yield { offset, type: view.getUint32(offset, true), length };
    offset += length;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * The parts of a profile file, as `[offset, length]`, that who copies the file of a running process reads once more behind the
 * rest, in this order: what is told of the latest operation, then the counters of histograms. So each execution that a site
 * counts is in its histogram, or is the latest one.
 */
export function lateParts(bytes: Uint8Array): (readonly [number, number])[] {
  const histograms = [...recordsOf(viewOf(bytes), bytes.length)].filter(
    ({ type }) => type === RECORD_TYPES.BLOCKS || type === RECORD_TYPES.CARRY,
  );
  return [LATEST, ...histograms.map(({ offset, length }) => [offset, length] as const)];
}

/**
 * Whether each execution that a copy counts is in it with its duration. Where the program was interrupted between counting an
 * execution and adding the duration of the one before, the latter is in no histogram and the latest no more, until it goes on.
 */
export function hasDurations(bytes: Uint8Array): boolean {
  const view = viewOf(bytes);
  if (view.getBigUint64(offsetOf(HEADER, 'unrecorded_durations'), true) > 0n) return true;
  const latest = Number(view.getBigUint64(LATEST[0], true));
  const isMissed = (site: number): boolean => {
    const missing = Number(view.getBigUint64(site + COUNT.offset, true)) - durationsAt(view, site);
    return missing > (site === latest ? 1 : 0) && missing <= MOST_MISSED;
  };
  const records = [...recordsOf(view, bytes.length)].filter(({ type }) => type === RECORD_TYPES.SITES);
  return !records.some((record) => sitesOf(view, record).some(isMissed));
}

/** The latest execution and the one before. Where more are not in a histogram, it overflowed. */
const MOST_MISSED = 2;

function durationsAt(view: DataView, site: number): number {
  let sum = 0;
  for (const { block } of blocksOf(view, site)) {
    for (let at = block; at < block + BLOCK_BYTES; at += 4) sum += view.getUint32(at, true);
  }
  return sum;
}

/** The octaves that a site's histogram has, and where their blocks lie. */
function blocksOf(view: DataView, site: number): { readonly octave: number; readonly block: number }[] {
  return Array.from({ length: OCTAVES }, (_, octave) => ({
    octave,
    block: view.getUint32(site + SITE_BLOCKS + octave * 4, true) * BLOCK_UNIT,
  })).filter(({ block }) => block !== 0 && block + BLOCK_BYTES <= view.byteLength);
}

/**
 * What a process recorded between two copies of its profile, as a profile of its own. Intervals of a run that follow each
 * other add up to the whole: each execution is in one of them.
 * @param later the file, up to `used`; it becomes the interval
 * @param told what this gave for the copy before; empty for the first interval
 * @param begin of the interval; null for the start of the process
 * @returns what is told now: the copy, less executions that are told in the next interval
 */
export function takeInterval(
  later: Uint8Array,
  told: Uint8Array,
  begin: ClockReading | null,
  end: ClockReading,
): Uint8Array {
  endOff(viewOf(later), end);
  const pair: Pair = { now: viewOf(later), before: viewOf(told), next: viewOf(later.slice()) };
  const records = [...recordsOf(pair.now, later.length)];
  if (told.length > 0) {
    subtract(pair, 0, HEADER_COUNTERS);
    for (const record of records.filter(({ offset }) => offset < told.length)) subtractRecord(pair, record);
    borrow(pair, records);
  }
  for (const record of records) for (const site of sitesOf(pair.now, record)) settle(pair, site);
  setClock(pair.now, begin, end);
  return new Uint8Array(pair.next.buffer);
}

/** Time in which recording is off belongs to the interval up to its end. */
function endOff(view: DataView, end: ClockReading): void {
  const [ticks, since] = [offsetOf(HEADER, 'off_ticks'), offsetOf(HEADER, 'off_since')];
  const begin = view.getBigUint64(since, true);
  if (begin === 0n) return;
  const passed = end.ticks > begin ? end.ticks - begin : 0n;
  view.setBigUint64(ticks, view.getBigUint64(ticks, true) + passed, true);
  view.setBigUint64(since, 0n, true);
}

/** The copy, which becomes the interval; what was told before; and what is told with it. */
interface Pair {
  readonly now: DataView;
  readonly before: DataView;
  readonly next: DataView;
}

function rowsOf(view: DataView, record: RecordAt): number[] {
  const rows = ROWS.get(record.type);
  if (rows === undefined) return [];
  const room = Math.floor((record.length - HEAD) / rows.stride);
  const length = Math.min(view.getUint32(record.offset + rows.number, true), room);
  return Array.from({ length }, (_, i) => record.offset + HEAD + i * rows.stride);
}

/** Where the site structs of a record lie. */
function sitesOf(view: DataView, record: RecordAt): number[] {
  const site = ROWS.get(record.type)?.site;
  return site === undefined ? [] : rowsOf(view, record).map((row) => row + site);
}

function subtractRecord(pair: Pair, record: RecordAt): void {
  const { now, before } = pair;
  const counters = ROWS.get(record.type)?.counters ?? [];
  // Rows that are new since were zero before.
  for (const row of rowsOf(now, record)) subtract(pair, row, counters);
  if (record.type === RECORD_TYPES.BLOCKS) {
    for (let at = record.offset + HEAD; at + 4 <= record.offset + record.length; at += 4) {
      now.setUint32(at, now.getUint32(at, true) - before.getUint32(at, true), true);
    }
  }
}

function subtract({ now, before }: Pair, base: number, counters: readonly Counter[]): void {
  for (const { offset, type } of counters) {
    const at = base + offset;
    if (type === 'u32') now.setUint32(at, now.getUint32(at, true) - before.getUint32(at, true), true);
    else if (type === 'f64') now.setFloat64(at, now.getFloat64(at, true) - before.getFloat64(at, true), true);
    else now.setBigInt64(at, now.getBigInt64(at, true) - before.getBigInt64(at, true), true);
  }
}

/** A bucket that overflowed in the interval told one overflow more than the interval has. */
function borrow({ now, before, next }: Pair, records: readonly RecordAt[]): void {
  for (const record of records.filter(({ type }) => type === RECORD_TYPES.CARRY)) {
    const taken = now.getUint32(record.offset + TAKEN, true);
    for (let i = 0; i < taken && HEAD + (i + 1) * CARRY_ENTRY.size <= record.length; i++) {
      const entry = record.offset + HEAD + i * CARRY_ENTRY.size;
      const bucket = now.getUint32(entry, true) * BLOCK_UNIT + now.getUint32(entry + 4, true) * 4;
      const isKnown = entry < before.byteLength;
      const known = isKnown ? before.getBigUint64(entry + CARRY_TIMES, true) : 0n;
      const wrapped =
        bucket + 4 <= before.byteLength && next.getUint32(bucket, true) < before.getUint32(bucket, true);
      const times = now.getBigUint64(entry + CARRY_TIMES, true) - known - (wrapped ? 1n : 0n);
      now.setBigUint64(entry + CARRY_TIMES, times > 0n ? times : 0n, true);
    }
  }
}

/** Executions that the histogram has and the count does not are told next time; and the extremes are those of the interval. */
function settle(pair: Pair, site: number): void {
  const { now, before } = pair;
  const buckets = bucketsOf(now, site).filter(({ at }) => now.getUint32(at, true) > 0);
  const seen = buckets.reduce((sum, { at }) => sum + now.getUint32(at, true), 0);
  defer(pair, buckets, seen - Number(now.getBigUint64(site + COUNT.offset, true)));
  const isOld = site < before.byteLength && before.getBigUint64(site + COUNT.offset, true) > 0n;
  if (isOld) setExtremes(pair, site, buckets);
}

/** Those of the whole run stay where the interval set them, or where it has executions whose durations are not known yet. */
function setExtremes({ now, before }: Pair, site: number, buckets: readonly Bucket[]): void {
  const ticks = durationsOf(now, site, buckets);
  if (ticks.length === 0) return;
  const whole = [MIN, MAX].map((offset) => now.getBigUint64(site + offset, true));
  const [isOldMin, isOldMax] = [MIN, MAX].map(
    (offset, k) => whole[k] === before.getBigUint64(site + offset, true),
  );
  const within = (value: number): bigint => {
    const floor = BigInt(Math.floor(value));
    if (floor < whole[0]) return whole[0];
    return floor > whole[1] ? whole[1] : floor;
  };
  const min = isOldMin ? within(Math.min(...ticks)) : whole[0];
  const max = isOldMax ? within(Math.max(...ticks)) : whole[1];
  now.setBigUint64(site + MIN, min, true);
  now.setBigUint64(site + MAX, max, true);
}

/** The middles of the buckets that are filled, and the duration of the latest execution, which is in none yet. */
function durationsOf(view: DataView, site: number, buckets: readonly Bucket[]): number[] {
  const filled = buckets.filter(({ at }) => view.getUint32(at, true) > 0);
  const seen = filled.reduce((sum, { at }) => sum + view.getUint32(at, true), 0);
  const isLatest = Number(view.getBigUint64(LATEST[0], true)) === site;
  const isMissed = isLatest && seen < Number(view.getBigUint64(site + COUNT.offset, true));
  const latest = isMissed ? [Number(view.getBigUint64(LATEST[0] + 8, true))] : [];
  return [...filled.map(({ ticks }) => ticks), ...latest];
}

interface Bucket {
  readonly at: number;
  /** The middle of its durations. */
  readonly ticks: number;
}

/** Of the shortest durations first. */
function bucketsOf(view: DataView, site: number): Bucket[] {
  return blocksOf(view, site).flatMap(({ octave, block }) =>
    Array.from({ length: SUB_BUCKETS }, (_, bucket) => ({
      at: block + bucket * 4,
      ticks: bucketMiddle(octave, bucket),
    })),
  );
}

function defer({ now, next }: Pair, buckets: readonly Bucket[], excess: number): void {
  let left = excess;
  for (const { at } of buckets.toReversed()) {
    const part = Math.min(left, now.getUint32(at, true), next.getUint32(at, true));
    if (part <= 0) continue;
    now.setUint32(at, now.getUint32(at, true) - part, true);
    next.setUint32(at, next.getUint32(at, true) - part, true);
    left -= part;
  }
}

/** The interval begins and ends like a process of its own. */
function setClock(view: DataView, begin: ClockReading | null, end: ClockReading): void {
  const at = (name: string): number => offsetOf(HEADER, name);
  if (begin !== null) {
    const passed = begin.ns - view.getBigUint64(at('start_ns'), true);
    view.setBigUint64(at('start_unix_ns'), view.getBigUint64(at('start_unix_ns'), true) + passed, true);
    view.setBigUint64(at('start_ticks'), begin.ticks, true);
    view.setBigUint64(at('start_ns'), begin.ns, true);
  }
  view.setBigUint64(at('latest_ticks'), end.ticks, true);
  view.setBigUint64(at('latest_ns'), end.ns, true);
}
