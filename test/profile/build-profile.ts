import {
  HEADER,
  PROCESS,
  PROFILE_CONSTANTS,
  PROFILE_FLAGS,
  PROFILE_MAGIC,
  RECORD_TYPES,
  SITE,
  SITES,
  TABLE,
} from '../../src/profile/format.ts';

export { encodeRecord, encodeStruct } from '../../src/profile/struct-writer.ts';

import { encodeRecord, encodeStruct } from '../../src/profile/struct-writer.ts';
import { encodeSiteTable, type SiteTableCode } from '../../src/rewrite/site-table.ts';

/** A site of a made-up profile. */
export interface MadeSite {
  readonly name: string;
  readonly count?: number;
  readonly raised?: number;
  readonly total?: number;
  readonly self?: number;
  readonly min?: number;
  readonly max?: number;
  /** 1 for an await. */
  readonly kind?: number;
}

/** A made-up process. */
export interface MadeProcess {
  readonly pid?: number;
  readonly filename?: string;
  readonly cwd?: string;
  readonly sites: readonly MadeSite[];
  readonly header?: Readonly<Record<string, number | bigint>>;
  /** Records behind those of the sites. */
  readonly records?: readonly Buffer[];
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const head = Buffer.alloc(4);
  head.writeUInt32LE(bytes.length);
  return Buffer.concat([head, bytes]);
}

/** The bytes of a process's profile, as the runtime would have written them; one tick is one nanosecond. */
export function buildProfile(process: MadeProcess): Buffer {
  const facts = { cwd: process.cwd ?? '/work', python: '3.12.1 (main)', argument: 'app.py' };
  const pairs = Buffer.concat(Object.entries(facts).flat().map(text));
  const processRecord = encodeRecord(RECORD_TYPES.PROCESS, encodeStruct(PROCESS, { count: 3 }), pairs);
  const table = encodeSiteTable([moduleCode(process.sites)], { python: 0x030c });
  const filename = Buffer.from(process.filename ?? 'app.py');
  const tableRecord = encodeRecord(
    RECORD_TYPES.TABLE,
    encodeStruct(TABLE, { filename_length: filename.length, table_length: table.length }),
    Buffer.concat([filename, table]),
  );
  const tableOffset = HEADER.size + processRecord.length;
  const sites = process.sites.map(({ name: _, kind: _kind, ...counters }) => encodeStruct(SITE, counters));
  const sitesRecord = encodeRecord(
    RECORD_TYPES.SITES,
    encodeStruct(SITES, { table: tableOffset, site_count: sites.length }),
    Buffer.concat(sites),
  );
  const body = Buffer.concat([processRecord, tableRecord, sitesRecord, ...(process.records ?? [])]);
  return Buffer.concat([encodeHeader(process, HEADER.size + body.length), body]);
}

function encodeHeader(process: MadeProcess, size: number): Buffer {
  const header = encodeStruct(HEADER, {
    version: PROFILE_CONSTANTS.FORMAT_VERSION,
    header_size: HEADER.size,
    site_size: SITE.size,
    octaves: PROFILE_CONSTANTS.OCTAVES,
    sub_buckets: PROFILE_CONSTANTS.SUB_BUCKETS,
    flags: PROFILE_FLAGS.FINISHED,
    used: size,
    file_size: size,
    pid: process.pid ?? 7,
    clock: 3,
    start_ticks: 5,
    start_ns: 1_000,
    start_unix_ns: 1_000_000_000_000,
    latest_ticks: 2_000_000_005,
    latest_ns: 2_000_001_000,
    threads: 1,
    ...process.header,
  });
  header.write(PROFILE_MAGIC, 'latin1');
  return header;
}

function moduleCode(sites: readonly MadeSite[]): SiteTableCode {
  return {
    parent: -1,
    constIndex: 0,
    firstConst: 1,
    qualname: '<module>',
    firstlineno: 1,
    suspends: false,
    sites: sites.map(({ name, kind = 0 }, i) => ({
      name,
      opcode: 106,
      opname: 'LOAD_ATTR',
      kind: kind === 1 ? 1 : 0,
      operands: [],
      lineno: i + 1,
      endLineno: i + 1,
      colOffset: 4,
      endColOffset: -1,
      offset: i,
    })),
  };
}
