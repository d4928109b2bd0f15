import { ByteReader } from '../bytes/byte-reader.ts';
import type { PyrewriteError } from '../errors.ts';

const MAGIC = 'PYRWSITE';
const VERSION = 1;
const HEADER_SIZE = 64;
const CODE_SIZE = 32;
const SITE_SIZE = 32;

/** A place of the program, as the rewriter described it. */
export interface TableSite {
  /** `co_qualname` of its code object. */
  readonly function: string;
  readonly opcode: number;
  /** The version's own name of the opcode. */
  readonly opname: string;
  readonly kind: 'operation' | 'await';
  /** What the operand names, or null. */
  readonly name: string | null;
  readonly line: number | null;
  readonly endLine: number | null;
  readonly column: number | null;
  readonly endColumn: number | null;
  /** Code unit of the original instruction. */
  readonly unit: number;
}

/** A module's site table. */
export interface SiteTable {
  /** 16 hexadecimal digits: the same table has the same id in every process. */
  readonly id: string;
  /** `major << 8 | minor`. */
  readonly python: number;
  readonly sites: readonly TableSite[];
}

/**
 * Decodes a site table; docs/reference/formats/site-table.md.
 * @throws PyrewriteError 'bad-profile' with the offset in the table, see {@link PyrewriteError.offset}
 */
export function readSiteTable(bytes: Uint8Array): SiteTable {
  const reader = new ByteReader(bytes, 'bad-profile');
  if (Buffer.from(reader.view(8, 'site table')).toString('latin1') !== MAGIC)
    reader.fail('not a site table', 0);
  const version = reader.uint32();
  if (version !== VERSION) reader.fail(`site table of version ${version}, not ${VERSION}`, 8);
  const total = reader.uint32();
  if (total !== bytes.length) reader.fail(`site table says ${total} bytes and has ${bytes.length}`, 12);
  const [codeCount, codesOffset, siteCount, sitesOffset, stringsOffset, stringsLength, python] = words(
    reader,
    7,
  );
  reader.skip(4, 'flags');
  const id = Buffer.from(reader.view(8, 'id')).toString('hex');
  const strings = new Strings(new ByteReader(section(bytes, stringsOffset, stringsLength), 'bad-profile'));
  const codes = section(bytes, codesOffset, codeCount * CODE_SIZE);
  const sites = section(bytes, sitesOffset, siteCount * SITE_SIZE);
  const functions = functionOfSites(new ByteReader(codes, 'bad-profile'), codeCount, siteCount, strings);
  const siteReader = new ByteReader(sites, 'bad-profile');
  return { id, python, sites: functions.map((name) => readSite(siteReader, name, strings)) };
}

function words(reader: ByteReader, count: number): number[] {
  return Array.from({ length: count }, () => reader.uint32('site table'));
}

function section(bytes: Uint8Array, offset: number, length: number): Uint8Array {
  const reader = new ByteReader(bytes, 'bad-profile', Math.min(offset, bytes.length));
  if (offset < HEADER_SIZE) reader.fail('a section of the site table overlaps its header', 0);
  return reader.view(length, 'section of the site table');
}

/** The name of each site's function, from the code records. */
function functionOfSites(
  reader: ByteReader,
  codeCount: number,
  siteCount: number,
  strings: Strings,
): readonly string[] {
  const names = new Array<string>(siteCount).fill('');
  let named = 0;
  for (let c = 0; c < codeCount; c++) {
    const [, , , first, count, qualname] = words(reader, 8);
    named += count;
    // Each site is of one code object: else few bytes could ask for much work.
    if (first + count > siteCount || named > siteCount)
      reader.fail(`sites ${first} to ${first + count} of ${siteCount}`);
    names.fill(strings.at(qualname), first, first + count);
  }
  return names;
}

function readSite(reader: ByteReader, functionName: string, strings: Strings): TableSite {
  const opcode = reader.uint16('site');
  const kind = reader.uint8('site') === 1 ? 'await' : 'operation';
  reader.skip(1, 'site');
  const name = strings.at(reader.uint32('site'));
  const [line, endLine, column, endColumn] = [reader.int32(), reader.int32(), reader.int32(), reader.int32()];
  const opname = strings.at(reader.uint32('site'));
  return {
    function: functionName,
    opcode,
    opname,
    kind,
    name: name === '' ? null : name,
    line: orNull(line),
    endLine: orNull(endLine),
    column: orNull(column),
    endColumn: orNull(endColumn),
    unit: reader.uint32('site'),
  };
}

function orNull(value: number): number | null {
  return value < 0 ? null : value;
}

/** The table's strings, each decoded once. They lie side by side: overlapping ones could be more than there are bytes. */
class Strings {
  readonly #reader: ByteReader;
  readonly #known = new Map<number, string>();
  #decoded = 0;

  constructor(reader: ByteReader) {
    this.#reader = reader;
  }

  at(offset: number): string {
    const known = this.#known.get(offset);
    if (known !== undefined) return known;
    this.#reader.offset = 0;
    this.#reader.skip(offset, 'string');
    const bytes = this.#reader.view(this.#reader.uint32('string'), 'string');
    this.#decoded += bytes.length;
    if (this.#decoded > this.#reader.limit)
      this.#reader.fail('the strings of the site table overlap', offset);
    const text = Buffer.from(bytes).toString('utf8');
    this.#known.set(offset, text);
    return text;
  }
}
