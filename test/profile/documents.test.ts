/** The format pages say what the code does: tables against src/profile/format.ts, examples against bytes. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { fieldOffsets, PROCESS, PROFILE_STRUCTS, RECORD_TYPES } from '../../src/profile/format.ts';
import { inMemory, PagedBytes } from '../../src/profile/paged-bytes.ts';
import { readRecords } from '../../src/profile/records.ts';
import { readSiteTable } from '../../src/profile/site-table.ts';
import { encodeSiteTable } from '../../src/rewrite/site-table.ts';
import { bytesOf, hexOf } from '../support/hex.ts';
import { encodeRecord, encodeStruct } from './build-profile.ts';

function page(name: string): string {
  return readFileSync(new URL(`../../docs/reference/formats/${name}`, import.meta.url), 'utf8');
}

/** Bytes of the page's `hex` block; each line starts with its offset. */
function exampleOf(name: string): Uint8Array {
  const block = /```hex\n([\s\S]*?)```/.exec(page(name))?.[1] ?? '';
  let hex = '';
  for (const line of block.trim().split('\n')) {
    const [, offset, bytes] = /^([0-9a-f]{2}) {2}((?:[0-9a-f]{2} )*[0-9a-f]{2})(?: {2}|$)/.exec(line) ?? [];
    expect(Number.parseInt(offset, 16), line).toBe(hex.length / 2);
    hex += bytes.replaceAll(' ', '');
  }
  return bytesOf(hex);
}

test('profile.md lists every field of the format at its offset', () => {
  const rows = page('profile.md').split('\n');
  let fields = 0;
  for (const struct of PROFILE_STRUCTS) {
    const offsets = fieldOffsets(struct);
    for (const field of struct.fields.filter(({ name }) => name !== 'record')) {
      const type = field.count === undefined ? field.type : `${field.type}[${field.count}]`;
      const start = `| ${offsets.get(field.name)} | ${type} | \`${field.name}\` | ${field.doc}`;
      expect(
        rows.some((row) => row.startsWith(start)),
        start,
      ).toBe(true);
      fields++;
    }
  }
  const listed = rows.filter((row) => /^\| \d+ \| \w+(\[\d+\])? \| `/.test(row)).length;
  expect(listed).toBe(fields);
  console.log(`profile.md: ${fields} fields compared`);
});

describe('examples', () => {
  test('profile.md', () => {
    const example = exampleOf('profile.md');
    const text = (value: string): Buffer =>
      Buffer.concat([Buffer.from([value.length, 0, 0, 0]), Buffer.from(value)]);
    const pairs = Buffer.concat([text('cwd'), text('/srv')]);
    expect(hexOf(example)).toBe(
      hexOf(encodeRecord(RECORD_TYPES.PROCESS, encodeStruct(PROCESS, { count: 1 }), pairs)),
    );
    const profile = Buffer.concat([Buffer.alloc(512), example]);
    const fail = (what: string): never => {
      throw new Error(what);
    };
    expect(
      readRecords(new PagedBytes(inMemory(profile), 0, profile.length), fail, (_, filename) => filename)
        .facts,
    ).toEqual([['cwd', '/srv']]);
  });

  test('site-table.md', () => {
    const example = exampleOf('site-table.md');
    const site = {
      ...{ name: 'y', opcode: 106, opname: 'LOAD_ATTR', kind: 0 as const, operands: [], offset: 2 },
      ...{ lineno: 1, endLineno: 1, colOffset: 0, endColOffset: 3 },
    };
    const code = {
      parent: -1,
      constIndex: 0,
      firstConst: 1,
      qualname: '<module>',
      firstlineno: 1,
      suspends: false,
      sites: [site],
    };
    expect(hexOf(example)).toBe(hexOf(encodeSiteTable([code], { python: 0x030c })));
    expect(readSiteTable(example)).toEqual({
      id: hexOf(example.subarray(48, 56)),
      python: 0x030c,
      sites: [
        {
          ...{
            function: '<module>',
            opcode: 106,
            opname: 'LOAD_ATTR',
            kind: 'operation',
            name: 'y',
            unit: 2,
          },
          ...{ line: 1, endLine: 1, column: 0, endColumn: 3 },
        },
      ],
    });
  });
});
