import { PyrewriteError } from '../errors.ts';
import { CONTEXT, CONTEXTS } from './context-structs.ts';
import type { CountedContext } from './contexts.ts';
import {
  CARRY,
  CARRY_ENTRY,
  fieldOffsets,
  MERGED,
  NAMES,
  PROCESS,
  PROFILE_CONSTANTS,
  RECORD,
  RECORD_TYPES,
  SITE,
  SITES,
  TABLE,
} from './format.ts';
import type { PagedBytes } from './paged-bytes.ts';
import type { CountedTable, CountedVariant } from './site-counters.ts';
import { readSiteTable } from './site-table.ts';
import { type StructReader, type StructValues, structReader } from './struct-reader.ts';
import { COLLECTION, COLLECTIONS, TAX, TAXES } from './tax-structs.ts';
import { VARIANT, VARIANTS } from './variant-structs.ts';
import { WINDOW_SITE, WINDOWS } from './window-structs.ts';

const readRecordHead = structReader(RECORD);
const readProcessHead = structReader(PROCESS);
const readTableHead = structReader(TABLE);
const readSitesHead = structReader(SITES);
const readCarryHead = structReader(CARRY);
const readCarryEntry = structReader(CARRY_ENTRY);
const readNamesHead = structReader(NAMES);
const readMergedHead = structReader(MERGED);
const readVariantsHead = structReader(VARIANTS);
const readCollectionsHead = structReader(COLLECTIONS);
const readCollection = structReader(COLLECTION);
const readTaxesHead = structReader(TAXES);
const readTax = structReader(TAX);
const readContextsHead = structReader(CONTEXTS);
const readContext = structReader(CONTEXT);
const readWindowsHead = structReader(WINDOWS);

/** What the records of a process's profile say. */
export interface ProfileRecords {
  /** Facts in order: cwd, host, executable, python, argument (several). */
  readonly facts: readonly (readonly [string, string])[];
  readonly tables: readonly CountedTable[];
  /** Overflows of histogram buckets: `block * 32 + bucket` → times. */
  readonly carries: ReadonlyMap<number, number>;
  /** By the number of their site in the process. */
  readonly variants: ReadonlyMap<number, readonly CountedVariant[]>;
  /** Names of types and callables; the first one is number 1. */
  readonly names: readonly string[];
  /** Of sampled sites: where their counters begin → where their sums over windows do. */
  readonly windows: ReadonlyMap<number, number>;
  /** Parts of a merged profile, in order; such a profile has nothing else. */
  readonly merged: readonly Uint8Array[];
  /** Rows of garbage collections. */
  readonly collections: readonly StructValues[];
  /** What else is known of a site, by its number in the process. */
  readonly taxes: ReadonlyMap<number, readonly StructValues[]>;
  /** The tree of contexts; the first one is number 1. */
  readonly contexts: readonly CountedContext[];
}

/**
 * Reads the records of one process's profile; leaves out what is damaged, and tells so through `note`.
 * @param bytes the profile from its header to its used size
 * @param absolute makes an absolute path of a co_filename, given the facts read before it
 */
export function readRecords(
  bytes: PagedBytes,
  note: (what: string) => void,
  absolute: (facts: readonly (readonly [string, string])[], filename: string) => string,
): ProfileRecords {
  const facts: (readonly [string, string])[] = [];
  const counted = new Map<unknown, CountedTable>();
  const carries = new Map<number, number>();
  const variants = new Map<number, CountedVariant[]>();
  const names: string[] = [];
  const windows = new Map<number, number>();
  const merged: Uint8Array[] = [];
  const collections: StructValues[] = [];
  const taxes = new Map<number, StructValues[]>();
  const contexts: CountedContext[] = [];
  const texts = new Map<number, TableText>();
  const read = (place: RecordPlace): void => {
    const { type, offset, length } = place;
    const whole = (): Uint8Array => bytes.read(offset, length);
    if (type === RECORD_TYPES.PROCESS) readFacts(whole(), facts);
    else if (type === RECORD_TYPES.TABLE) {
      const { filename, table } = readTable(whole());
      texts.set(offset, { file: absolute(facts, filename), table });
    } else if (type === RECORD_TYPES.SITES) addSites(counted, readSites(bytes, place, texts));
    else if (type === RECORD_TYPES.CARRY) readCarries(whole(), carries);
    else if (type === RECORD_TYPES.NAMES) names.push(...readNames(whole()));
    else if (type === RECORD_TYPES.VARIANTS) readVariants(bytes, place, variants);
    else if (type === RECORD_TYPES.WINDOWS) readWindows(bytes, place, [...counted.values()], windows);
    else if (type === RECORD_TYPES.MERGED) {
      const record = whole();
      merged.push(part(record, MERGED.size, readMergedHead(record, 0).number('compressed')));
    } else if (type === RECORD_TYPES.COLLECTIONS)
      collections.push(...readRows(whole(), readCollectionsHead, readCollection, COLLECTION.size));
    else if (type === RECORD_TYPES.TAXES) {
      for (const row of readRows(whole(), readTaxesHead, readTax, TAX.size))
        append(taxes, row.number('site'), row);
    } else if (type === RECORD_TYPES.CONTEXTS) readContexts(whole(), contexts);
  };
  noting(note, 'the profile is damaged, what follows is missing', () => {
    for (const place of recordsOf(bytes)) {
      noting(note, 'a part of the profile is damaged and left out', () => read(place));
    }
  });
  const tables = [...counted.values()];
  return { facts, tables, carries, variants, names, contexts, windows, merged, collections, taxes };
}

/** Runs it; what it finds wrong becomes a note. */
function noting(note: (what: string) => void, consequence: string, run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!(error instanceof PyrewriteError)) throw error;
    note(`${consequence}: ${error.message}`);
  }
}

interface RecordPlace {
  readonly type: number;
  /** From the start of the profile. */
  readonly offset: number;
  readonly length: number;
}

function* recordsOf(bytes: PagedBytes): Generator<RecordPlace> {
  let offset: number = PROFILE_CONSTANTS.HEADER_SIZE;
  while (offset < bytes.length) {
    const head = readRecordHead(bytes.read(offset, RECORD.size), 0);
    const length = head.number('length');
    if (
      length < RECORD.size ||
      length % PROFILE_CONSTANTS.ALIGNMENT !== 0 ||
      length > bytes.length - offset
    ) {
      throw new PyrewriteError('bad-profile', `a record of ${length} bytes`, { offset });
    }
    yield { type: head.number('type'), offset, length };
    offset += length;
  }
}

/** `length` bytes of a record from `offset` on. */
function part(record: Uint8Array, offset: number, length: number): Uint8Array {
  checkPart(record, offset, length);
  return record.subarray(offset, offset + length);
}

function checkPart(record: { readonly length: number }, offset: number, length: number): void {
  if (offset + length <= record.length) return;
  throw new PyrewriteError('bad-profile', `${length} bytes wanted, the record has ${record.length - offset}`);
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}

/** The command line, of a process's facts. */
export function commandOf(facts: readonly (readonly [string, string])[]): string[] {
  return facts.filter(([key]) => key === 'argument').map(([, value]) => value);
}

/** Adds the facts of a PROCESS record. */
export function readFacts(record: Uint8Array, facts: (readonly [string, string])[]): void {
  const count = readProcessHead(record, 0).number('count');
  const view = new DataView(record.buffer, record.byteOffset, record.length);
  let offset = PROCESS.size;
  const next = (): string => {
    const length = offset + 4 > record.length ? 0 : view.getUint32(offset, true);
    const bytes = part(record, offset, 4 + length);
    offset += 4 + length;
    // A record may say that it has very many facts, all empty.
    return length === 0 ? '' : text(bytes.subarray(4));
  };
  for (let i = 0; i < count; i++) facts.push([next(), next()]);
}

/** The site table of a TABLE record, and the `co_filename` of its module. */
export function readTable(record: Uint8Array): { filename: string; table: ReturnType<typeof readSiteTable> } {
  const head = readTableHead(record, 0);
  const nameLength = head.number('filename_length');
  return {
    filename: text(part(record, TABLE.size, nameLength)),
    table: readSiteTable(part(record, TABLE.size + nameLength, head.number('table_length'))),
  };
}

type TableText = Pick<CountedTable, 'file' | 'table'>;

function readSites(
  bytes: PagedBytes,
  { offset, length }: RecordPlace,
  texts: ReadonlyMap<number, TableText>,
): CountedTable {
  const head = readSitesHead(bytes.read(offset, SITES.size), 0);
  const count = head.number('site_count');
  const described = texts.get(head.number('table'));
  if (described === undefined || described.table.sites.length !== count) {
    throw new PyrewriteError('bad-profile', `${count} counters without their site table`, { offset });
  }
  checkPart({ length }, SITES.size, count * SITE.size);
  return { ...described, offset: offset + SITES.size, more: [], firstSite: head.number('first_site') };
}

/** Without a GIL each thread has counters of its own for a table: together they are the table's. */
function addSites(tables: Map<unknown, CountedTable>, counted: CountedTable): void {
  const known = tables.get(counted.table);
  if (known === undefined) tables.set(counted.table, counted);
  else known.more.push(counted.offset);
}

function append<T>(lists: Map<number, T[]>, key: number, value: T): void {
  const known = lists.get(key);
  if (known === undefined) lists.set(key, [value]);
  else known.push(value);
}

function readCarries(record: Uint8Array, carries: Map<number, number>): void {
  const taken = readCarryHead(record, 0).number('taken');
  part(record, CARRY.size, taken * CARRY_ENTRY.size);
  for (let i = 0; i < taken; i++) {
    const entry = readCarryEntry(record, CARRY.size + i * CARRY_ENTRY.size);
    const key = entry.number('block') * PROFILE_CONSTANTS.SUB_BUCKETS + entry.number('bucket');
    carries.set(key, (carries.get(key) ?? 0) + entry.number('times'));
  }
}

function readNames(record: Uint8Array): string[] {
  const count = readNamesHead(record, 0).number('count');
  const names: string[] = [];
  let offset = NAMES.size;
  for (let i = 0; i < count; i++) {
    const head = part(record, offset, 4);
    const length = new DataView(head.buffer, head.byteOffset).getUint32(0, true);
    names.push(text(part(record, offset + 4, length)));
    offset += (4 + length + 3) & ~3;
  }
  return names;
}

/** Rows behind a head of 64 bytes that says how many are used. */
function readRows(
  record: Uint8Array,
  readHead: StructReader,
  readRow: StructReader,
  size: number,
): StructValues[] {
  const taken = readHead(record, 0).number('taken');
  const rows = part(record, COLLECTIONS.size, taken * size);
  return Array.from({ length: taken }, (_, i) => readRow(rows, i * size));
}

const VARIANT_OFFSETS = fieldOffsets(VARIANT);
const [VARIANT_SITE, HOW, LEFT, RIGHT, FREED] = ['site', 'how', 'left', 'right', 'freed'].map(
  (name) => VARIANT_OFFSETS.get(name) ?? 0,
);

function readVariants(
  bytes: PagedBytes,
  { offset, length }: RecordPlace,
  variants: Map<number, CountedVariant[]>,
): void {
  const taken = readVariantsHead(bytes.read(offset, VARIANTS.size), 0).number('taken');
  const size = VARIANT.size + SITE.size;
  checkPart({ length }, VARIANTS.size, taken * size);
  for (let i = 0; i < taken; i++) {
    const entry = offset + VARIANTS.size + i * size;
    const at = bytes.locate(entry);
    const number = (place: number): number => bytes.view.getUint32(at + place, true);
    append(variants, number(VARIANT_SITE), {
      how: number(HOW),
      left: number(LEFT),
      right: number(RIGHT),
      freed: number(FREED),
      offset: entry + VARIANT.size,
    });
  }
}

function readContexts(record: Uint8Array, contexts: CountedContext[]): void {
  const taken = readContextsHead(record, 0).number('taken');
  part(record, CONTEXTS.size, taken * CONTEXT.size);
  for (let i = 0; i < taken; i++) {
    const entry = readContext(record, CONTEXTS.size + i * CONTEXT.size);
    contexts.push({
      parent: entry.number('parent'),
      site: entry.number('site'),
      kind: entry.number('kind'),
      label: entry.number('label'),
      count: entry.number('count'),
      raised: entry.number('raised'),
      total: entry.number('total'),
      self: entry.number('self'),
    });
  }
}

function readWindows(
  bytes: PagedBytes,
  { offset, length }: RecordPlace,
  tables: readonly CountedTable[],
  windows: Map<number, number>,
): void {
  const head = readWindowsHead(bytes.read(offset, WINDOWS.size), 0);
  const count = head.number('site_count');
  const sites = head.number('sites') + SITES.size;
  if (!tables.some((table) => table.offset === sites && table.table.sites.length === count))
    throw new PyrewriteError('bad-profile', `sums of ${count} sampled sites without their counters`, {
      offset,
    });
  checkPart({ length }, WINDOWS.size, count * WINDOW_SITE.size);
  windows.set(sites, offset + WINDOWS.size);
}
