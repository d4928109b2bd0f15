/**
 * Random code: what is assembled is disassembled to the same instructions, and any bytes are instructions or one
 * PyrewriteError. Each property runs for a bounded time; PYREWRITE_FUZZ_SECONDS makes it longer.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkCode } from '../../src/code/check.ts';
import { formatCode } from '../../src/code/format.ts';
import {
  assemble,
  disassemble,
  type InstructionList,
  locationAt,
  NO_HANDLER,
  NO_LABEL,
  stackDepths,
} from '../../src/code/index.ts';
import { PyrewriteError } from '../../src/errors.ts';
import { bytesValue, type CodeObject } from '../../src/marshal/index.ts';
import type { BytecodeVersion } from '../../src/opcodes/types.ts';
import { VERSIONS } from '../../src/opcodes/versions.ts';
import { CodeEditor } from '../../src/rewrite/code-editor.ts';
import { arbitraryList, codeOf, codeWith, FIRST_LINE } from '../support/arbitrary-code.ts';

const SECONDS = Number(process.env['PYREWRITE_FUZZ_SECONDS'] ?? 3);

function run(name: string, tally: { done: number; refused: number }, property: fc.IProperty<unknown>): void {
  fc.assert(property, {
    numRuns: 1e9,
    interruptAfterTimeLimit: SECONDS * 1000,
    markInterruptAsFailure: false,
    endOnFailure: true,
  });
  expect(tally.done).toBeGreaterThan(20);
  console.log(`fuzz ${name}: ${tally.done} done, ${tally.refused} refused`);
}

/** What an instruction says, by the instructions that it names and not by numbers of rows. */
function described(list: InstructionList, i: number): unknown {
  const label = list.target[i];
  const number = list.handler[i];
  const handler = number === NO_HANDLER ? undefined : list.handlers[number];
  return {
    opcode: list.opcode[i],
    oparg: label === NO_LABEL ? list.oparg[i] >>> 0 : undefined,
    target: label === NO_LABEL ? undefined : list.labels[label],
    location: list.lineMarks === undefined ? locationAt(list.locations, list.location[i]) : undefined,
    handler: handler === undefined ? undefined : { ...handler, target: list.labels[handler.target] },
  };
}

function describedMarks({ lineMarks }: InstructionList): unknown {
  if (lineMarks === undefined) return undefined;
  const { count, label, delta } = lineMarks;
  return Array.from({ length: count }, (_, k) => [label[k], delta[k]]);
}

function expectSame(actual: InstructionList, expected: InstructionList): void {
  expect(actual.count).toBe(expected.count);
  // NOPs fill most of a long list: a look at each instruction, and a comparison where it is not one of them
  for (let i = 0; i < expected.count; i++) {
    const plain = expected.count > 500 && i % 97 !== 0 && expected.target[i] === NO_LABEL;
    if (!plain) expect(described(actual, i)).toEqual(described(expected, i));
    else if (actual.opcode[i] !== expected.opcode[i]) expect(actual.opcode[i]).toBe(expected.opcode[i]);
  }
  expect(describedMarks(actual)).toEqual(describedMarks(expected));
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

const versionAndList = fc
  .constantFrom(...VERSIONS)
  .chain((version) => arbitraryList(version).map((list) => ({ version, list })));

/** Assembles, disassembles, and assembles again; returns the code units of the jumps. */
function roundTrip(list: InstructionList): Set<number> {
  const bytes = assemble(list, FIRST_LINE);
  const again = disassemble(codeWith(list.version, bytes), list.version);
  expectSame(again, list);
  const second = assemble(again, FIRST_LINE);
  expect(isSame(second.co_code, bytes.co_code)).toBe(true);
  expect(isSame(second.linetable, bytes.linetable)).toBe(true);
  expect(isSame(second.co_exceptiontable, bytes.co_exceptiontable)).toBe(true);
  const jumps = [...again.target].flatMap((label, i) => (label === NO_LABEL ? [] : [again.width[i]]));
  return new Set(jumps);
}

test('assembled instructions are disassembled to the same, and assembled again to the same bytes', () => {
  const tally = { done: 0, refused: 0 };
  const widths = new Set<number>();
  run(
    'instructions',
    tally,
    fc.property(versionAndList, ({ list }) => {
      for (const width of roundTrip(list)) widths.add(width);
      tally.done++;
    }),
  );
  expect(widths).toContain(1);
});

/** Round trips of lists of about `units` units of every version, until a jump of this width was among them. */
function roundTripsUntil(width: number, units: fc.Arbitrary<number>): number {
  const widths = new Set<number>();
  let lists = 0;
  for (let round = 0; round < 20 && (round === 0 || !widths.has(width)); round++) {
    for (const version of VERSIONS) {
      const property = fc.property(arbitraryList(version, units), (list) => {
        for (const found of roundTrip(list)) widths.add(found);
        lists++;
      });
      fc.assert(property, { numRuns: 5, endOnFailure: true });
    }
  }
  expect(widths).toContain(width);
  return lists;
}

test('so are jumps of about 255 and 65,535 units', () => {
  const lists = [
    roundTripsUntil(2, fc.integer({ min: 240, max: 300 })),
    roundTripsUntil(3, fc.integer({ min: 65_400, max: 65_560 })),
  ];
  console.log(`fuzz jumps: ${lists.join(' and ')} lists`);
});

test('jumps are as short as they can be', () => {
  const tally = { done: 0, refused: 0 };
  run(
    'jump widths',
    tally,
    fc.property(versionAndList, ({ version, list }) => {
      const again = disassemble(codeOf(list), version);
      for (let i = 0; i < again.count; i++) {
        const width = again.width[i];
        const oparg = again.oparg[i] >>> 0;
        // one more unit at most: a jump that needs it only because it has it
        expect(width === 1 || oparg >= 256 ** (width - 1) - 8).toBe(true);
      }
      tally.done++;
    }),
  );
});

test('every valid list can be checked, measured, shown and edited', () => {
  const tally = { done: 0, refused: 0 };
  run(
    'all that reads code',
    tally,
    fc.property(versionAndList, ({ version, list }) => {
      if (list.count > 2000) return;
      const code = codeOf(list);
      checkCode(code, version);
      stackDepths(list, 0);
      expect(formatCode(code, version).length).toBeGreaterThan(list.count * 10);
      const editor = new CodeEditor(code, version);
      expect(editor.toCode()).toBe(code);
      for (const instruction of editor.instructions) editor.insertBefore(instruction, [{ opname: 'NOP' }]);
      const edited = disassemble(editor.toCode(), version);
      expect(edited.count).toBe(list.count * 2);
      for (let i = 0; i < list.count; i++) {
        expect(edited.opcode[i * 2 + 1]).toBe(list.opcode[i]);
        if (list.target[i] !== NO_LABEL)
          expect(edited.labels[edited.target[i * 2 + 1]]).toBe(list.target[i] * 2);
      }
      tally.done++;
    }),
  );
});

/** Bytes that are code more often than not: real opcodes, EXTENDED_ARG, zero caches. */
function arbitraryBytes(version: BytecodeVersion): fc.Arbitrary<Uint8Array> {
  const opcodes = [...version.opmap.values()];
  const unit = fc.oneof(
    fc.tuple(fc.constantFrom(...opcodes), fc.nat(12)),
    fc.tuple(fc.constantFrom(version.extendedArg, ...opcodes.slice(0, 9)), fc.nat(255)),
    fc.constant([0, 0]),
  );
  return fc.array(unit, { maxLength: 60 }).map((units) => Uint8Array.from(units.flat()));
}

const anyCode = fc.constantFrom(...VERSIONS).chain((version) =>
  fc.record({
    version: fc.constant(version),
    co_code: fc.oneof(fc.uint8Array({ maxLength: 80 }), arbitraryBytes(version)),
    linetable: fc.uint8Array({ maxLength: 20 }),
    co_exceptiontable: fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 12 })),
  }),
);

function attempt(code: CodeObject, version: BytecodeVersion): InstructionList | undefined {
  try {
    return disassemble(code, version);
  } catch (error) {
    if (!(error instanceof PyrewriteError)) throw error;
    expect(['bad-code', 'bad-table']).toContain(error.code);
    return undefined;
  }
}

test('any bytes are instructions, which give the bytes back, or one error', () => {
  const tally = { done: 0, refused: 0 };
  run(
    'bytes as code',
    tally,
    fc.property(anyCode, ({ version, ...bytes }) => {
      const code = codeWith(version, bytes);
      const list = attempt(code, version);
      const violations = checkCode(code, version);
      if (list === undefined) {
        expect(violations.map(({ invariant }) => invariant)).toEqual(['decodable']);
        tally.refused++;
        return;
      }
      expect(isSame(assemble(list, FIRST_LINE).co_code, bytesValue(code.co_code))).toBe(true);
      formatCode(code, version);
      tally.done++;
    }),
  );
});
