import { createHash } from 'node:crypto';
import { OPERAND_KINDS, type OperandKind } from '../opcodes/operands.ts';
import type { Site } from './site.ts';

// The table that an instrumented module hands to the runtime: docs/reference/formats/site-table.md.
const MAGIC = 'PYRWSITE';
const VERSION = 1;
const HEADER_SIZE = 64;
const CODE_SIZE = 32;
const SITE_SIZE = 32;
const ORIGIN_SIZE = 4;
const ID_OFFSET = 48;
const ORIGINS_FIELD = 56;
const BUDGET_FIELD = 60;
/** In the budget's field: all of the time. */
const WHOLE = 1e6;
/** Header: some code has two bodies. Code record: this one has. */
export const TABLE_SAMPLED = 4;
/** Header: garbage collections are recorded. */
export const TABLE_COLLECTIONS = 2;
export const CODE_SAMPLED = 1;
/** Origin of a site in code with one body. */
const NO_ORIGIN = 0xffffffff;
/** `parent` of the module itself. */
const NO_PARENT = 0xffffffff;
/** In the table's flags: its operations have contexts. */
const TABLE_CALLERS = 1;
/** In a code record's flags: it is a coroutine or a generator. */
export const CODE_SUSPENDS = 2;

/** One code object on the way to a site: where it is found, and what was added to it. */
export interface SiteTableCode {
  /** Record number of the code object whose co_consts holds this one; -1 for the module. */
  readonly parent: number;
  /** Index in the parent's co_consts. */
  readonly constIndex: number;
  /** Index of its first placeholder in its own co_consts. */
  readonly firstConst: number;
  readonly sites: readonly Site[];
  readonly qualname: string;
  readonly firstlineno: number;
  /** Site → code unit of its instruction in the body without probes; undefined where there is no such body. */
  readonly origins?: readonly number[] | undefined;
  /** Whether it is a coroutine or a generator. */
  readonly suspends: boolean;
}

/** What a table says of its module. */
export interface SiteTableOptions {
  /** Major and minor version, e.g. 0x030c. */
  readonly python: number;
  /** Whether the runtime records garbage collections; default false. */
  readonly gc?: boolean;
  /** Whether the runtime counts operations in their contexts; default false. */
  readonly callers?: boolean;
  /** Part of the time that sampling may cost; undefined: what the runtime takes by default. */
  readonly overhead?: number | undefined;
}

/** Encodes the table; parents come before their children, the module first. */
export function encodeSiteTable(
  codes: readonly SiteTableCode[],
  { python, gc = false, callers = false, overhead = 0 }: SiteTableOptions,
): Uint8Array {
  const siteCount = codes.reduce((sum, code) => sum + code.sites.length, 0);
  const strings = new StringPool();
  const codesOffset = HEADER_SIZE;
  const sitesOffset = codesOffset + codes.length * CODE_SIZE;
  const sampled = codes.some(({ origins }) => origins !== undefined);
  const originsOffset = sitesOffset + siteCount * SITE_SIZE;
  const stringsOffset = originsOffset + (sampled ? siteCount * ORIGIN_SIZE : 0);
  const fixed = new DataView(new ArrayBuffer(stringsOffset));
  let firstSite = 0;
  codes.forEach((code, k) => {
    writeCode(fixed, codesOffset + k * CODE_SIZE, code, firstSite, strings);
    code.sites.forEach((site, s) => {
      const number = firstSite + s;
      writeSite(fixed, sitesOffset + number * SITE_SIZE, site, strings);
      if (sampled)
        fixed.setUint32(originsOffset + number * ORIGIN_SIZE, code.origins?.[s] ?? NO_ORIGIN, true);
    });
    firstSite += code.sites.length;
  });
  const pool = strings.bytes();
  for (let k = 0; k < 8; k++) fixed.setUint8(k, MAGIC.charCodeAt(k));
  const words = [
    VERSION,
    stringsOffset + pool.length,
    codes.length,
    codesOffset,
    siteCount,
    sitesOffset,
    stringsOffset,
    pool.length,
    python,
    (callers ? TABLE_CALLERS : 0) | (gc ? TABLE_COLLECTIONS : 0) | (sampled ? TABLE_SAMPLED : 0),
  ];
  words.forEach((word, k) => {
    fixed.setUint32(8 + k * 4, word, true);
  });
  fixed.setUint32(ORIGINS_FIELD, sampled ? originsOffset : 0, true);
  const table = new Uint8Array(stringsOffset + pool.length);
  table.set(new Uint8Array(fixed.buffer));
  table.set(pool, stringsOffset);
  table.set(createHash('sha256').update(table).digest().subarray(0, 8), ID_OFFSET);
  // Behind the hash: sites are the same whatever they may cost.
  new DataView(table.buffer).setUint32(BUDGET_FIELD, Math.round(overhead * WHOLE), true);
  return table;
}

function writeCode(
  view: DataView,
  at: number,
  code: SiteTableCode,
  firstSite: number,
  strings: StringPool,
): void {
  view.setUint32(at, code.parent < 0 ? NO_PARENT : code.parent, true);
  view.setUint32(at + 4, code.constIndex, true);
  view.setUint32(at + 8, code.firstConst, true);
  view.setUint32(at + 12, firstSite, true);
  view.setUint32(at + 16, code.sites.length, true);
  view.setUint32(at + 20, strings.add(code.qualname), true);
  view.setUint32(at + 24, code.firstlineno, true);
  const sampled = code.origins === undefined ? 0 : CODE_SAMPLED;
  view.setUint32(at + 28, sampled | (code.suspends ? CODE_SUSPENDS : 0), true);
}

function writeSite(view: DataView, at: number, site: Site, strings: StringPool): void {
  view.setUint16(at, site.opcode, true);
  view.setUint8(at + 2, site.kind);
  view.setUint8(at + 3, encodeOperands(site.operands));
  view.setUint32(at + 4, strings.add(site.name), true);
  view.setInt32(at + 8, site.lineno, true);
  view.setInt32(at + 12, site.endLineno, true);
  view.setInt32(at + 16, site.colOffset, true);
  view.setInt32(at + 20, site.endColOffset, true);
  view.setUint32(at + 24, strings.add(site.opname), true);
  view.setUint32(at + 28, site.offset, true);
}

/** How many operands are looked at (bits 0–1), and how the first one is (bits 2–7). */
function encodeOperands(operands: readonly OperandKind[]): number {
  return operands.length === 0 ? 0 : operands.length | (OPERAND_KINDS.indexOf(operands[0]) << 2);
}

/** Length-prefixed UTF-8 strings, each once; offset 0 is the empty string. */
class StringPool {
  readonly #offsets = new Map<string, number>([['', 0]]);
  #buffer: Buffer = Buffer.alloc(1024);
  #length = 4;

  add(text: string): number {
    const known = this.#offsets.get(text);
    if (known !== undefined) return known;
    const offset = this.#length;
    this.#reserve(4 + text.length * 3);
    const size = this.#buffer.write(text, offset + 4);
    this.#buffer.writeUInt32LE(size, offset);
    this.#offsets.set(text, offset);
    this.#length += 4 + size;
    return offset;
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(extra: number): void {
    if (this.#length + extra <= this.#buffer.length) return;
    const larger = Buffer.alloc((this.#length + extra) * 2);
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
