/** Whatever bytes are read as a profile: a typed error, or a profile without impossible values, in bounded time. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PyrewriteError } from '../../src/errors.ts';
import {
  BLOCKS,
  FIELD_SIZES,
  fieldOffsets,
  HEADER,
  PROCESS,
  PROFILE_CONSTANTS,
  RECORD_TYPES,
  SITE,
  SITES,
  TABLE,
} from '../../src/profile/format.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { formatTable, toJson } from '../../src/report/index.ts';
import { runScript } from '../native/runtime.ts';
import { buildProfile, encodeRecord, encodeStruct } from '../profile/build-profile.ts';
import { FULL } from '../support/full.ts';
import { MEASURED, measured } from '../support/measured.ts';
import { PYTHONS } from '../support/pythons.ts';
import { contradictions, headerField, impossibleValues } from '../support/sound-profile.ts';

const NOTHING_MISSING = { files: [], operations: [] };

/** What came of reading. */
interface Outcome {
  readonly profile: Profile | undefined;
  readonly error: PyrewriteError | undefined;
}

function read(bytes: Uint8Array): Outcome {
  try {
    const profile = readProfile(bytes);
    const impossible = impossibleValues(profile);
    if (impossible.length > 0) throw new Error(`impossible values: ${impossible.join(', ')}`);
    return { profile, error: undefined };
  } catch (error) {
    if (!(error instanceof PyrewriteError) || error.code !== 'bad-profile') throw error;
    return { profile: undefined, error };
  }
}

/** Counts what came of many inputs. */
class Tally {
  inputs = 0;
  errors = 0;
  partial = 0;
  whole = 0;

  read(bytes: Uint8Array, what: string): Outcome {
    this.inputs++;
    const started = process.cpuUsage();
    try {
      const outcome = read(bytes);
      if (outcome.profile === undefined) this.errors++;
      else if (outcome.profile.notes.length > 0) this.partial++;
      else this.whole++;
      // The report of anything that can be read can be printed.
      if (outcome.profile !== undefined && this.inputs % 50 === 0) {
        formatTable(outcome.profile, { color: false, cwd: '/', notMeasured: NOTHING_MISSING });
        JSON.stringify(toJson(outcome.profile, NOTHING_MISSING));
      }
      const passed = process.cpuUsage(started).user / 1000;
      if (passed > 5000) throw new Error(`it took ${passed} ms of the CPU`);
      return outcome;
    } catch (error) {
      throw new Error(`${what}: ${String(error)}`, { cause: error });
    }
  }

  report(title: string): void {
    const { inputs, errors, partial, whole } = this;
    console.log(
      `profile fuzz, ${title}: ${inputs} inputs, ${errors} errors, ${partial} partial, ${whole} whole`,
    );
    expect(inputs).toBeGreaterThan(0);
  }
}

/** A profile that the runtime wrote, its last record cut to the blocks that are used. */
function smallProfile(): Buffer {
  const [python] = PYTHONS;
  const [file] = runScript(python, ['scenarios.py', 'basic']).files;
  const bytes = Buffer.from(file);
  let last: number = PROFILE_CONSTANTS.HEADER_SIZE;
  // Behind the blocks there may be a record of taxes, where the process was long off the CPU: it is cut off.
  for (let at = last; at < bytes.length; at += Number(bytes.readBigUInt64LE(at + 8)))
    if (bytes.readUInt32LE(at) === RECORD_TYPES.BLOCKS) last = at;
  expect(bytes.readUInt32LE(last)).toBe(RECORD_TYPES.BLOCKS);
  const taken = bytes.readUInt32LE(last + (fieldOffsets(BLOCKS).get('taken') ?? 0));
  const length = BLOCKS.size + taken * PROFILE_CONSTANTS.SUB_BUCKETS * 4;
  bytes.writeBigUInt64LE(BigInt(length), last + 8);
  bytes.writeUInt32LE(taken, last + (fieldOffsets(BLOCKS).get('capacity') ?? 0));
  for (const field of ['used', 'file_size']) {
    bytes.writeBigUInt64LE(BigInt(last + length), fieldOffsets(HEADER).get(field) ?? 0);
  }
  return bytes.subarray(0, last + length);
}

const small = smallProfile();
const whole = readProfile(small);

test('the small profile is sound', () => {
  expect(contradictions(whole)).toEqual([]);
  expect(headerField(small, 'used')).toBe(small.length);
  expect(small.length).toBeLessThan(20_000);
});

test('each byte changed', () => {
  const tally = new Tally();
  const changes = FULL ? Array.from({ length: 255 }, (_, i) => i + 1) : [0x01, 0x80, 0xff];
  const bytes = Buffer.from(small);
  for (let at = 0; at < small.length; at++) {
    for (const change of changes) {
      bytes[at] = small[at] ^ change;
      tally.read(bytes, `byte ${at} xor ${change}`);
    }
    bytes[at] = small[at];
  }
  tally.report('one byte');
  expect(tally.errors).toBeGreaterThan(50);
  expect(tally.partial).toBeGreaterThan(500);
});

test('cut at each byte: an error in the header, behind it a report that says so', () => {
  const tally = new Tally();
  for (let length = 0; length < small.length; length++) {
    const { profile, error } = tally.read(small.subarray(0, length), `cut to ${length}`);
    if (length < HEADER.size) expect(error?.code).toBe('bad-profile');
    else expect(profile?.notes[0]).toBe(`the profile is cut: ${length} bytes of ${small.length}`);
  }
  tally.report('cut');
  expect(tally.partial).toBe(small.length - HEADER.size);
});

test('a second profile that is cut or changed in its header leaves the first', () => {
  const tally = new Tally();
  const bytes = Buffer.concat([small, small]);
  for (let length = small.length + 8; length < small.length + HEADER.size; length += 7) {
    const { profile } = tally.read(bytes.subarray(0, length), `second cut to ${length}`);
    expect(profile?.sites).toEqual(whole.sites);
    expect(profile?.notes).toHaveLength(1);
  }
  for (let at = 0; at < 28; at++) {
    bytes[small.length + at] ^= 0xff;
    const { profile } = tally.read(bytes, `second changed at ${at}`);
    bytes[small.length + at] ^= 0xff;
    expect(profile?.processes.length).toBeGreaterThanOrEqual(1);
    expect(profile?.notes).toHaveLength(1);
  }
  tally.report('second header');
});

describe('random', () => {
  const edit = fc.record({
    at: fc.nat(small.length - 1),
    value: fc.oneof(fc.constantFrom(0, 1, 0x7f, 0x80, 0xff), fc.nat(255)),
    length: fc.constantFrom(1, 1, 4, 8, 64),
  });
  const numRuns = FULL ? 200_000 : 4_000;

  test('edits, cuts, insertions and repetitions', () => {
    const tally = new Tally();
    const edits = fc.array(edit, { maxLength: 12 });
    const pieces = fc.array(fc.record({ from: fc.nat(small.length), to: fc.nat(small.length) }), {
      maxLength: 3,
    });
    fc.assert(
      fc.property(edits, pieces, (changes, parts) => {
        const bytes = Buffer.concat([small, ...parts.map(({ from, to }) => small.subarray(from, to))]);
        for (const { at, value, length } of changes)
          bytes.fill(value, at, Math.min(bytes.length, at + length));
        tally.read(bytes, 'random edits');
      }),
      { numRuns },
    );
    tally.report('random edits');
    expect(tally.partial).toBeGreaterThan(100);
  });

  test('64-bit and 32-bit fields get extreme values', () => {
    const tally = new Tally();
    const value = fc.oneof(
      fc.constantFrom(
        0n,
        1n,
        2n ** 31n,
        2n ** 32n - 1n,
        2n ** 53n,
        2n ** 63n,
        2n ** 64n - 1n,
        0x7ff0000000000000n,
      ),
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
    );
    const field = fc.record({ word: fc.nat(small.length / 8 - 1), value });
    fc.assert(
      fc.property(fc.array(field, { minLength: 1, maxLength: 6 }), (fields) => {
        const bytes = Buffer.from(small);
        for (const { word, value: bits } of fields) bytes.writeBigUInt64LE(bits, word * 8);
        tally.read(bytes, 'extreme fields');
      }),
      { numRuns },
    );
    tally.report('extreme values');
    expect(tally.whole + tally.partial).toBeGreaterThan(100);
  });

  test('any bytes, with a sound header and without', () => {
    const tally = new Tally();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4096 }), fc.boolean(), (bytes, isHeaded) => {
        tally.read(isHeaded ? Buffer.concat([small.subarray(0, HEADER.size), bytes]) : bytes, 'any bytes');
      }),
      { numRuns },
    );
    tally.report('any bytes');
  });
});

test('each field of the header has extreme values', () => {
  const tally = new Tally();
  const doubles = [5e-324, 1e-310, -1, 1e-9, 1e300, Number.NaN, Number.POSITIVE_INFINITY].map((value) => {
    const bytes = Buffer.alloc(8);
    bytes.writeDoubleLE(value);
    return bytes.readBigUInt64LE();
  });
  const values = [...doubles, 0n, 1n, 2n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n];
  for (const [name, at] of fieldOffsets(HEADER)) {
    for (const value of values) {
      const bytes = Buffer.from(small);
      if (FIELD_SIZES[HEADER.fields.find((field) => field.name === name)?.type ?? 'u64'] === 8) {
        bytes.writeBigUInt64LE(value, at);
      } else bytes.writeUInt32LE(Number(value & 0xffffffffn), at);
      tally.read(bytes, `${name} ${value}`);
    }
  }
  tally.report('fields of the header');
  expect(tally.inputs).toBeGreaterThan(500);
});

test('foreign files are refused', () => {
  const tally = new Tally();
  const foreign = {
    'a .pyc': Buffer.from('cb0d0d0a000000000000000000000000e3', 'hex'),
    ELF: Buffer.from('\x7fELF\x02\x01\x01', 'latin1'),
    gzip: Buffer.from('1f8b0800', 'hex'),
    JSON: Buffer.from('{"format": "pyrewrite-report/1"}'),
    zeroes: Buffer.alloc(1 << 20),
    'a profile behind a byte': Buffer.concat([Buffer.from([0]), small]),
    'a byte-swapped profile': Buffer.from(small).swap64(),
  };
  for (const [name, bytes] of Object.entries(foreign)) {
    expect([name, tally.read(bytes, name).error?.code]).toEqual([name, 'bad-profile']);
  }
  tally.report('foreign files');
});

/** Small files made to ask for much. `limit` is in bytes of the heap. */
const HOSTILE: Readonly<Record<string, () => Buffer>> = {
  'a process with a million facts': () =>
    withRecords([
      encodeRecord(RECORD_TYPES.PROCESS, encodeStruct(PROCESS, { count: 1 << 20 }), Buffer.alloc(8 << 20)),
    ]),
  '100000 processes': () => {
    const one = small.subarray(0, HEADER.size);
    const header = Buffer.from(one);
    for (const field of ['used', 'file_size']) {
      header.writeBigUInt64LE(BigInt(HEADER.size), fieldOffsets(HEADER).get(field) ?? 0);
    }
    return Buffer.concat(Array.from({ length: 100_000 }, () => header));
  },
  'one histogram block for everything': () => {
    const count = 20_000;
    const site = encodeStruct(SITE, { count: 1 });
    const at = fieldOffsets(SITE).get('blocks') ?? 0;
    for (let octave = 0; octave < PROFILE_CONSTANTS.OCTAVES; octave++) site.writeUInt32LE(8, at + octave * 4);
    return withSites(count, Buffer.concat(Array.from({ length: count }, () => site)));
  },
  'each code object has all sites': () => {
    const count = 100_000;
    const codes = Buffer.alloc(count * 32);
    for (let c = 0; c < count; c++) codes.writeUInt32LE(count, c * 32 + 16);
    return withTable(siteTable({ codes, sites: Buffer.alloc(count * 32), strings: Buffer.alloc(4) }), count);
  },
  'names within names': () => {
    // Each 4 bytes begin a string that reaches to the end.
    const words = 100_000;
    const strings = Buffer.alloc(words * 4);
    for (let w = 0; w < words; w++) strings.writeUInt32LE((words - w - 1) * 4, w * 4);
    const sites = Buffer.alloc(words * 32);
    for (let s = 0; s < words; s++) sites.writeUInt32LE(s * 4, s * 32 + 4);
    return withTable(siteTable({ codes: Buffer.alloc(32), sites, strings }), words);
  },
  'headers everywhere': () => Buffer.concat([small, Buffer.from('PYRWPROF'.repeat(500_000))]),
  'tiny records': () =>
    withRecords(Array.from({ length: 100_000 }, () => encodeRecord(99, Buffer.alloc(64)))),
};

function withRecords(records: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(records);
  const header = Buffer.from(small.subarray(0, HEADER.size));
  for (const field of ['used', 'file_size']) {
    header.writeBigUInt64LE(BigInt(HEADER.size + body.length), fieldOffsets(HEADER).get(field) ?? 0);
  }
  return Buffer.concat([header, body]);
}

function siteTable(parts: { codes: Buffer; sites: Buffer; strings: Buffer }): Buffer {
  const { codes, sites, strings } = parts;
  const head = Buffer.alloc(64);
  head.write('PYRWSITE', 'latin1');
  const sitesAt = 64 + codes.length;
  const stringsAt = sitesAt + sites.length;
  const words = [
    ...[1, stringsAt + strings.length, codes.length / 32, 64],
    ...[sites.length / 32, sitesAt, stringsAt, strings.length, 0x030c],
  ];
  words.forEach((word, i) => {
    head.writeUInt32LE(word, 8 + i * 4);
  });
  return Buffer.concat([head, codes, sites, strings]);
}

function withTable(table: Buffer, count: number): Buffer {
  const text = encodeRecord(RECORD_TYPES.TABLE, encodeStruct(TABLE, { table_length: table.length }), table);
  const head = encodeStruct(SITES, { table: HEADER.size, site_count: count });
  return withRecords([text, encodeRecord(RECORD_TYPES.SITES, head, Buffer.alloc(count * SITE.size))]);
}

/** A profile of this many sites with these structs. */
function withSites(count: number, structs: Buffer): Buffer {
  const made = buildProfile({ sites: Array.from({ length: count }, () => ({ name: 'x' })) });
  structs.copy(made, made.length - structs.length);
  return made;
}

test.each(Object.keys(HOSTILE))('hostile: %s', MEASURED, (name) => {
  const bytes = HOSTILE[name]();
  const tally = new Tally();
  const before = process.memoryUsage().heapUsed;
  const started = process.cpuUsage();
  const { profile, error } = tally.read(bytes, name);
  const grown = process.memoryUsage().heapUsed - before;
  // CPU time: a busy machine must not look like a reader whose time grows with the square of what it reads.
  const passed = process.cpuUsage(started).user / 1000;
  console.log(
    `hostile profile, ${name}: ${bytes.length} bytes, ${Math.round(passed)} ms, ${Math.round(grown / 1e6)} MB, ` +
      `${error?.message ?? `${profile?.sites.length} sites, ${profile?.notes.length} notes`}`,
  );
  expect(grown).toBeLessThan(40 * bytes.length + 50e6);
  expect(passed, measured('CPU time')).toBeLessThan(5_000);
});

test('a report of as many operations as there may be', () => {
  const count = 200_000;
  const sites = Array.from({ length: count }, (_, i) => ({ name: `x${i}`, count: 1 }));
  const text = formatTable(readProfile(buildProfile({ sites })), { limit: 0 });
  const lines = text.split('\n').length;
  console.log(`a report of ${lines} lines`);
  expect(lines).toBeGreaterThan(count);
});
