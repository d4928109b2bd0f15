import { ByteReader } from '../bytes/byte-reader.ts';
import { OPERAND_KINDS, type OperandKind } from '../opcodes/operands.ts';
import { SITE_AWAIT, SITE_OPERATION, type Site } from './site.ts';
import { CODE_SAMPLED, CODE_SUSPENDS, type SiteTableCode } from './site-table.ts';

export type { SiteTableCode } from './site-table.ts';

const MAGIC = 'PYRWSITE';
const VERSION = 1;
const CODE_SIZE = 32;
const SITE_SIZE = 32;
const ORIGIN_SIZE = 4;
const ORIGINS_FIELD = 56;

/** Whether a constant is a site table. */
export function isSiteTable(bytes: Uint8Array): boolean {
  return (
    bytes.length >= MAGIC.length && Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') === MAGIC
  );
}

/**
 * Decodes what `encodeSiteTable` wrote.
 * @throws PyrewriteError 'bad-table' with the offset in the table
 */
export function readSiteTable(bytes: Uint8Array): SiteTableCode[] {
  const reader = new ByteReader(bytes, 'bad-table');
  if (!isSiteTable(bytes)) reader.fail('not a site table', 0);
  reader.skip(MAGIC.length);
  const version = reader.uint32('version');
  if (version !== VERSION) reader.fail(`site table of version ${version}, not ${VERSION}`, MAGIC.length);
  reader.skip(4);
  const [codeCount, codesOffset, siteCount, sitesOffset, stringsOffset] = words(reader, 5);
  const originsOffset = new ByteReader(bytes, 'bad-table', ORIGINS_FIELD).uint32('origins');
  const text = (offset: number): string => textAt(bytes, stringsOffset + offset);
  const sites = records(bytes, sitesOffset, siteCount, SITE_SIZE, (at) => readSite(at, text));
  return records(bytes, codesOffset, codeCount, CODE_SIZE, (at) => {
    const [parent, constIndex, firstConst, firstSite, count, qualname, firstlineno, flags] = words(at, 8);
    return {
      parent: parent | 0,
      constIndex,
      firstConst,
      sites: sites.slice(firstSite, firstSite + count),
      qualname: text(qualname),
      firstlineno,
      origins:
        (flags & CODE_SAMPLED) === 0
          ? undefined
          : records(bytes, originsOffset + firstSite * ORIGIN_SIZE, count, ORIGIN_SIZE, (origin) =>
              origin.uint32('origin'),
            ),
      suspends: (flags & CODE_SUSPENDS) !== 0,
    };
  });
}

function words(reader: ByteReader, count: number): number[] {
  return Array.from({ length: count }, () => reader.uint32('site table'));
}

/** Fixed-size records; a count that the table has no room for is an error before anything is made of it. */
function records<T>(
  bytes: Uint8Array,
  offset: number,
  count: number,
  size: number,
  read: (at: ByteReader) => T,
): T[] {
  const whole = new ByteReader(bytes, 'bad-table', Math.min(offset, bytes.length));
  whole.skip(count * size, 'records');
  return Array.from({ length: count }, (_, k) => read(new ByteReader(bytes, 'bad-table', offset + k * size)));
}

function readSite(reader: ByteReader, text: (offset: number) => string): Site {
  const opcode = reader.uint16('site');
  const kind = reader.uint8('site') === SITE_AWAIT ? SITE_AWAIT : SITE_OPERATION;
  const operands = decodeOperands(reader.uint8('site'));
  const name = text(reader.uint32('site'));
  const [lineno, endLineno, colOffset, endColOffset] = [
    reader.int32(),
    reader.int32(),
    reader.int32(),
    reader.int32(),
  ];
  const opname = text(reader.uint32('site'));
  return {
    kind,
    operands,
    opcode,
    opname,
    name,
    offset: reader.uint32('site'),
    lineno,
    endLineno,
    colOffset,
    endColOffset,
  };
}

/** Of two operands both are looked at for their type. */
function decodeOperands(flags: number): OperandKind[] {
  return Array<OperandKind>(flags & 3).fill(OPERAND_KINDS[flags >> 2] ?? 'type');
}

function textAt(bytes: Uint8Array, offset: number): string {
  const reader = new ByteReader(bytes, 'bad-table', Math.min(offset, bytes.length));
  return Buffer.from(reader.view(reader.uint32('string'), 'string')).toString('utf8');
}
