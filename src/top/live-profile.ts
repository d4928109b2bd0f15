import { PyrewriteError } from '../errors.ts';
import {
  fieldOffsets,
  HEADER,
  PROFILE_CONSTANTS,
  PROFILE_FLAGS,
  PROFILE_MAGIC,
  RECORD,
  RECORD_TYPES,
  SITE,
  SITES,
} from '../profile/format.ts';
import { nsPerTick } from '../profile/header.ts';
import { bucketMiddle, type Histogram, mergeHistograms } from '../profile/histogram.ts';
import { absolutePath } from '../profile/reader.ts';
import { commandOf, readFacts, readTable } from '../profile/records.ts';
import type { TableSite } from '../profile/site-table.ts';
import { type StructValues, structReader } from '../profile/struct-reader.ts';

/** Reads bytes of a file that a process is writing; fewer than asked for where it ends. */
export type ReadAt = (offset: number, length: number) => Uint8Array;

/** A site, and by what it is known in other processes. */
export interface LiveSite extends TableSite {
  readonly file: string;
  readonly key: string;
}

/** Sites that are read together: as many as fit in 64 KiB. */
const CHUNK_SITES = 256;
/** A chunk that did not change is read again after this many ticks at the latest. */
const COLD_TICKS = 8;
/** A chunk that changed is read in each tick for this long. */
const HOT_TICKS = 20;

const { OCTAVES, SUB_BUCKETS, BLOCK_UNIT, ALIGNMENT } = PROFILE_CONSTANTS;
const OFFSETS = fieldOffsets(SITE);
const [COUNT, RAISED, SELF, MAX, BLOCKS] = ['count', 'raised', 'self', 'max', 'blocks'].map(
  (name) => OFFSETS.get(name) ?? 0,
);

const readHeader = structReader(HEADER);
const readHead = structReader(RECORD);
const readSitesHead = structReader(SITES);

interface Chunk {
  readonly offset: number;
  readonly first: number;
  readonly count: number;
  /** Seconds; of the latest two times that it was read. */
  readAt: number;
  hotUntil: number;
}

/** Numbers of all sites of a process, by the index of the site. Sums are since the start; rates since the time before the latest. */
export interface LiveNumbers {
  readonly count: Float64Array;
  readonly raised: Float64Array;
  /** Nanoseconds. */
  readonly self: Float64Array;
  readonly max: Float64Array;
  /** Per second. */
  readonly countRate: Float64Array;
  readonly raisedRate: Float64Array;
  /** Nanoseconds per second. */
  readonly selfRate: Float64Array;
}

/**
 * The profile of a running process, read again and again. Records never change their place, so each is understood once; of the
 * counters, those are read that changed of late, and a share of the others.
 */
export class LiveProfile {
  readonly sites: LiveSite[] = [];
  readonly #read: ReadAt;
  readonly #chunks: Chunk[] = [];
  readonly #places: number[] = [];
  /** Without a GIL each thread has a site of its own. */
  readonly #byKey = new Map<string, number[]>();
  readonly #facts: (readonly [string, string])[] = [];
  readonly #tables = new Map<number, ReturnType<typeof readTable>>();
  #numbers = emptyNumbers(0);
  #header: StructValues;
  #understood: number = PROFILE_CONSTANTS.HEADER_SIZE;
  #tick = 0;

  /** @throws PyrewriteError 'bad-profile' for what is no profile of this version */
  constructor(read: ReadAt) {
    this.#read = read;
    this.#header = this.#freshHeader();
  }

  get numbers(): LiveNumbers {
    return this.#numbers;
  }

  get pid(): number {
    return this.#header.number('pid');
  }

  /** The process ended in order. */
  get finished(): boolean {
    return (this.#header.number('flags') & PROFILE_FLAGS.FINISHED) !== 0;
  }

  /** False while the process was asked not to record. */
  get recording(): boolean {
    return this.#header.big('off_since') === 0n;
  }

  /** Durations up to this one cannot be told from zero, nanoseconds. */
  get floorNs(): number {
    return this.#header.number('floor_ticks') * this.#nsPerTick;
  }

  /** The command line, as far as the process knew it. */
  get command(): readonly string[] {
    return commandOf(this.#facts);
  }

  /**
   * Reads what is new.
   * @param now seconds, of any clock
   * @param all whether every counter is read, and not those alone that are likely to have changed
   */
  refresh(now: number, all = false): void {
    this.#header = this.#freshHeader();
    this.#readRecords(now);
    this.#tick++;
    this.#chunks.forEach((chunk, i) => {
      const isDue = chunk.hotUntil >= this.#tick || (i + this.#tick) % COLD_TICKS === 0;
      if (all || isDue) this.#readChunk(chunk, now);
    });
  }

  /** The durations of a site since the start, by {@link LiveSite.key}; none where the process does not have it. */
  histogram(key: string): Histogram {
    const all = (this.#byKey.get(key) ?? []).map((site) => this.#histogramAt(this.#places[site]));
    return all.length === 1 ? all[0] : mergeHistograms(all);
  }

  #histogramAt(place: number): Histogram {
    const values: number[] = [];
    const counts: number[] = [];
    const bytes = this.#read(place, SITE.size);
    if (bytes.length < SITE.size) return { values, counts };
    const view = viewOf(bytes);
    for (let octave = 0; octave < OCTAVES; octave++) {
      const block = view.getUint32(BLOCKS + octave * 4, true);
      if (block === 0) continue;
      const buckets = this.#read(block * BLOCK_UNIT, SUB_BUCKETS * 4);
      if (buckets.length < SUB_BUCKETS * 4) continue;
      const counters = viewOf(buckets);
      for (let bucket = 0; bucket < SUB_BUCKETS; bucket++) {
        const count = counters.getUint32(bucket * 4, true);
        if (count === 0) continue;
        values.push(bucketMiddle(octave, bucket) * this.#nsPerTick);
        counts.push(count);
      }
    }
    return { values, counts, stepNs: this.#header.number('step_ticks') * this.#nsPerTick };
  }

  get #nsPerTick(): number {
    return nsPerTick(this.#header);
  }

  #freshHeader(): StructValues {
    const bytes = this.#read(0, HEADER.size);
    const magic = Buffer.from(bytes.subarray(0, PROFILE_MAGIC.length)).toString('latin1');
    if (bytes.length < HEADER.size || magic !== PROFILE_MAGIC) {
      throw new PyrewriteError('bad-profile', 'not a pyrewrite profile', { offset: 0 });
    }
    const header = readHeader(bytes, 0);
    if (
      header.number('version') !== PROFILE_CONSTANTS.FORMAT_VERSION ||
      header.number('site_size') !== SITE.size
    ) {
      throw new PyrewriteError('bad-profile', 'the profile is of another version of pyrewrite', {
        offset: 0,
      });
    }
    return header;
  }

  #readRecords(now: number): void {
    const used = this.#header.number('used');
    while (this.#understood + RECORD.size <= used) {
      const offset = this.#understood;
      const bytes = this.#read(offset, SITES.size);
      if (bytes.length < RECORD.size) return;
      const head = readHead(bytes, 0);
      const length = head.number('length');
      if (length < RECORD.size || length % ALIGNMENT !== 0 || offset + length > used) return;
      const type = head.number('type');
      if (type === RECORD_TYPES.PROCESS) readFacts(this.#read(offset, length), this.#facts);
      else if (type === RECORD_TYPES.TABLE) this.#tables.set(offset, readTable(this.#read(offset, length)));
      else if (type === RECORD_TYPES.SITES) this.#addSites(offset, bytes, now);
      this.#understood += length;
    }
  }

  #addSites(offset: number, bytes: Uint8Array, now: number): void {
    const described = this.#tables.get(readSitesHead(bytes, 0).number('table'));
    if (described === undefined) return;
    const file = absolutePath(this.#facts, described.filename);
    const { id, sites } = described.table;
    const start = this.sites.length;
    sites.forEach((site, i) => {
      const key = `${id} ${i} ${file}`;
      this.#byKey.set(key, [...(this.#byKey.get(key) ?? []), this.sites.length]);
      this.sites.push({ ...site, file, key });
      this.#places.push(offset + SITES.size + i * SITE.size);
    });
    for (let i = 0; i < sites.length; i += CHUNK_SITES) {
      const count = Math.min(CHUNK_SITES, sites.length - i);
      const place = offset + SITES.size + i * SITE.size;
      this.#chunks.push({ offset: place, first: start + i, count, readAt: now, hotUntil: this.#tick + 2 });
    }
    this.#numbers = grown(this.#numbers, this.sites.length);
  }

  #readChunk(chunk: Chunk, now: number): void {
    const bytes = this.#read(chunk.offset, chunk.count * SITE.size);
    const view = viewOf(bytes);
    const seconds = now - chunk.readAt;
    const numbers = this.#numbers;
    const nsPerTick = this.#nsPerTick;
    let changed = false;
    for (let i = 0; i < chunk.count && (i + 1) * SITE.size <= bytes.length; i++) {
      const at = i * SITE.size;
      const site = chunk.first + i;
      const count = unsigned(view, at + COUNT);
      const executed = count - numbers.count[site];
      numbers.countRate[site] = seconds > 0 ? executed / seconds : 0;
      if (executed === 0) {
        numbers.selfRate[site] = 0;
        numbers.raisedRate[site] = 0;
        continue;
      }
      changed = true;
      const raised = unsigned(view, at + RAISED);
      const self = signed(view, at + SELF) * nsPerTick;
      if (seconds > 0) {
        numbers.raisedRate[site] = (raised - numbers.raised[site]) / seconds;
        numbers.selfRate[site] = Math.max(0, self - numbers.self[site]) / seconds;
      }
      numbers.count[site] = count;
      numbers.raised[site] = raised;
      numbers.self[site] = self;
      numbers.max[site] = unsigned(view, at + MAX) * nsPerTick;
    }
    chunk.readAt = now;
    if (changed) chunk.hotUntil = this.#tick + HOT_TICKS;
  }
}

function emptyNumbers(length: number): LiveNumbers {
  const [count, raised, self, max, countRate, raisedRate, selfRate] = Array.from(
    { length: 7 },
    () => new Float64Array(length),
  );
  return { count, raised, self, max, countRate, raisedRate, selfRate };
}

function grown(numbers: LiveNumbers, length: number): LiveNumbers {
  const larger = emptyNumbers(length);
  for (const name of Object.keys(larger) as (keyof LiveNumbers)[]) larger[name].set(numbers[name]);
  return larger;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function unsigned(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

function signed(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getInt32(at + 4, true) * 2 ** 32;
}
