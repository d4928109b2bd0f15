/**
 * Any bytes are a value or one PyrewriteError with an offset, and what is read is written as it was. Each property
 * runs for a bounded time; PYREWRITE_FUZZ_SECONDS makes it longer.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PyrewriteError } from '../../src/errors.ts';
import {
  NONE,
  newContainer,
  newInt,
  newTuple,
  readMarshal,
  readPyc,
  TYPE_LIST,
  writeMarshal,
  writePyc,
} from '../../src/marshal/index.ts';
import { VERSIONS } from '../../src/opcodes/versions.ts';
import { arbitraryGraph, differenceOf } from '../support/arbitrary-marshal.ts';
import { corpusFiles, loadCorpus } from '../support/corpus.ts';
import { PYTHONS } from '../support/pythons.ts';

const SECONDS = Number(process.env['PYREWRITE_FUZZ_SECONDS'] ?? 3);
const version = fc.constantFrom(...VERSIONS);

/** Type codes and small numbers are likelier, so that some inputs get deep. */
const marshalByte = fc.oneof(
  fc
    .constantFrom(...Buffer.from('NTFS.iIfgxylsuaAzZtr()[{}<>:c0', 'latin1'))
    .chain((type) => fc.constantFrom(type, type | 0x80)),
  fc.constantFrom(0, 1, 2, 3, 255),
  fc.nat(255),
);

interface Tally {
  read: number;
  refused: number;
}

/** Runs a property until the time is over, and fails if it did nothing. */
function run(name: string, tally: Tally, property: fc.IProperty<unknown>): void {
  fc.assert(property, {
    numRuns: 1e9,
    interruptAfterTimeLimit: SECONDS * 1000,
    markInterruptAsFailure: false,
  });
  expect(tally.read).toBeGreaterThan(0);
  console.log(`fuzz ${name}: ${tally.read} read and written, ${tally.refused} refused`);
}

/** Reads and counts; anything thrown but an error with an offset in the input fails the test. */
function attempt<T>(tally: Tally, length: number, read: () => T): T | undefined {
  try {
    const value = read();
    tally.read++;
    return value;
  } catch (error) {
    if (!(error instanceof PyrewriteError)) throw error;
    expect(['bad-marshal', 'bad-header', 'bad-magic']).toContain(error.code);
    expect(error.offset).toBeGreaterThanOrEqual(0);
    expect(error.offset).toBeLessThanOrEqual(length);
    tally.refused++;
    return undefined;
  }
}

test('bytes like marshal data', () => {
  const tally: Tally = { read: 0, refused: 0 };
  const input = fc.array(marshalByte, { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes));
  run(
    'bytes',
    tally,
    fc.property(input, version, (bytes, version) => {
      const object = attempt(tally, bytes.length, () => readMarshal(bytes, version));
      if (object === undefined) return;
      const written = writeMarshal(object, version);
      expect(Buffer.compare(written, bytes.subarray(0, written.length))).toBe(0);
    }),
  );
});

test('generated graphs', () => {
  const tally: Tally = { read: 0, refused: 0 };
  const graph = version.chain((version) => fc.tuple(fc.constant(version), arbitraryGraph(version)));
  run(
    'graphs',
    tally,
    fc.property(graph, ([version, root]) => {
      const bytes = writeMarshal(root, version);
      const again = readMarshal(bytes, version);
      tally.read++;
      expect(differenceOf(root, again)).toBeUndefined();
      expect(Buffer.compare(writeMarshal(again, version), bytes)).toBe(0);
    }),
  );
});

test('the comparison of graphs notices what it should', () => {
  const shared = newContainer(TYPE_LIST, [NONE]);
  const twice = newTuple([shared, shared]);
  expect(differenceOf(twice, newTuple([shared, shared]))).toBeUndefined();
  expect(
    differenceOf(twice, newTuple([newContainer(TYPE_LIST, [NONE]), newContainer(TYPE_LIST, [NONE])])),
  ).toContain('shared');
  expect(differenceOf(twice, newTuple([shared]))).toContain('parts');
  expect(differenceOf(newTuple([newInt(1)]), newTuple([newInt(2)]))).toBe('payload');
  expect(differenceOf(newTuple([NONE]), newTuple([newInt(2)]))).toContain('type');
});

test('damaged .pyc files', () => {
  const files = PYTHONS.filter(({ debug }) => !debug).flatMap((python) =>
    [...corpusFiles(loadCorpus(python), 150)].map(({ bytes }) => new Uint8Array(bytes)),
  );
  const small = files.filter(({ length }) => length < 60_000);
  expect(small.length).toBeGreaterThan(0);
  const tally: Tally = { read: 0, refused: 0 };
  const damage = fc.record({
    edits: fc.array(fc.tuple(fc.nat(), marshalByte), { maxLength: 4 }),
    cut: fc.option(fc.nat(), { freq: 4 }),
  });
  run(
    'damaged files',
    tally,
    fc.property(fc.constantFrom(...small), damage, (file, { edits, cut }) => {
      const bytes = file.slice(0, cut === null ? file.length : cut % (file.length + 1));
      for (const [at, byte] of edits) bytes[at % bytes.length] = byte;
      const pyc = attempt(tally, bytes.length, () => readPyc(bytes));
      if (pyc !== undefined) expect(Buffer.compare(writePyc(pyc), bytes)).toBe(0);
    }),
  );
  expect(tally.refused).toBeGreaterThan(0);
});
