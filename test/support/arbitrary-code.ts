/** Generators of valid instruction lists for fast-check, with jumps and opargs around the sizes that need a prefix. */
import fc from 'fast-check';
import {
  type AssembledCode,
  assemble,
  type Handler,
  type InstructionList,
  NO_HANDLER,
  NO_LABEL,
  NO_LOCATION,
} from '../../src/code/index.ts';
import type { LineMarks } from '../../src/code/lnotab.ts';
import { addLocation, newLocations } from '../../src/code/locations.ts';
import { blankCode, completeCode, fieldSpecs, setField } from '../../src/marshal/code-fields.ts';
import { type CodeObject, newBytes, newStr, newTuple } from '../../src/marshal/index.ts';
import type { BytecodeVersion, OpcodeInfo } from '../../src/opcodes/types.ts';

/** Line where the generated code starts. */
export const FIRST_LINE = 1000;

/** One random choice per property; what does not apply to the instruction is not used. */
interface Draft {
  readonly opcode: number;
  readonly oparg: number;
  /** Picks a target among those that the jump can reach. */
  readonly target: number;
  /** Index of a location, or none. */
  readonly location: number;
  readonly handler: number;
  /** NOPs behind it. */
  readonly padding: number;
}

const oparg = fc.oneof(
  fc.nat(20),
  fc.constantFrom(
    254,
    255,
    256,
    257,
    65_534,
    65_535,
    65_536,
    65_537,
    0xff_ffff,
    0x100_0000,
    0x7fff_ffff,
    0xffff_ffff,
  ),
);

/** Mostly none; sometimes nearly as many code units as fit an oparg of one byte. */
const padding = fc.oneof(
  { weight: 40, arbitrary: fc.nat(2) },
  { weight: 1, arbitrary: fc.integer({ min: 60, max: 260 }) },
);

const draft: fc.Arbitrary<Draft> = fc.record({
  opcode: fc.nat(255),
  oparg,
  target: fc.nat(),
  location: fc.integer({ min: -2, max: 40 }),
  handler: fc.integer({ min: -6, max: 4 }),
  padding,
});

const line = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -400, max: 400 }),
  fc.constant(70_000),
);
const column = fc.oneof(fc.integer({ min: -1, max: 130 }), fc.nat(100_000));
const place = fc.record({ line, lines: fc.nat(5), column, width: fc.integer({ min: -5, max: 40 }) });
const handler = fc.record({ target: fc.nat(), depth: fc.nat(40), lasti: fc.boolean() });

/**
 * A list of a version, which `assemble` takes.
 * @param wide NOPs in its middle, for jumps over as many code units
 */
export function arbitraryList(
  version: BytecodeVersion,
  wide: fc.Arbitrary<number> = fc.constant(0),
): fc.Arbitrary<InstructionList> {
  return fc
    .tuple(
      fc.array(draft, { minLength: 1, maxLength: 25 }),
      fc.array(place, { minLength: 1, maxLength: 12 }),
      fc.array(handler, { maxLength: 4 }),
      wide,
    )
    .map(([drafts, places, handlers, more]) => {
      const middle = drafts.length >> 1;
      const padded = drafts.map((one, k) => (k === middle ? { ...one, padding: one.padding + more } : one));
      return makeList(version, padded, places, handlers);
    });
}

interface Place {
  readonly line: number;
  readonly lines: number;
  readonly column: number;
  readonly width: number;
}

function makeList(
  version: BytecodeVersion,
  drafts: readonly Draft[],
  places: readonly Place[],
  handlers: readonly Handler[],
): InstructionList {
  const real = version.opcodes.filter(
    (info): info is OpcodeInfo =>
      info !== undefined && info.opname !== 'EXTENDED_ARG' && info.opname !== 'CACHE',
  );
  const nop = version.opmap.get('NOP') ?? 9;
  const padded = drafts.flatMap((one): Draft[] => [
    one,
    ...Array.from({ length: one.padding }, () => ({ ...one, opcode: -1 })),
  ]);
  const count = padded.length;
  const rows = makeLocations(version, places);
  const list = {
    version,
    count,
    opcode: new Uint8Array(count),
    oparg: new Int32Array(count),
    width: new Uint8Array(count).fill(1),
    target: new Int32Array(count).fill(NO_LABEL),
    location: new Int32Array(count).fill(NO_LOCATION),
    handler: new Int32Array(count).fill(NO_HANDLER),
    labels: Int32Array.from({ length: count + 1 }, (_, i) => i),
    handlers: version.hasExceptionTable
      ? handlers.map((entry) => ({ ...entry, target: entry.target % count }))
      : [],
    locations: rows.locations,
    lineMarks: version.locationFormat === 'lnotab' ? makeMarks(padded, places) : undefined,
  };
  for (const [i, one] of padded.entries()) {
    const info = one.opcode < 0 ? undefined : real[one.opcode % real.length];
    list.opcode[i] = info?.opcode ?? nop;
    if (version.locationFormat !== 'lnotab' && one.location >= 0)
      list.location[i] = rows.numbers[one.location % rows.numbers.length];
    if (list.handlers.length > 0 && one.handler >= 0) list.handler[i] = one.handler % list.handlers.length;
    if (info === undefined) continue;
    const reach = reachOf(info, i, count);
    if (reach !== undefined) list.target[i] = reach[0] + (one.target % (reach[1] - reach[0] + 1));
    else list.oparg[i] = info.oparg === 'none' ? 0 : one.oparg | 0;
  }
  return list;
}

/** First and last instruction that a jump can name; undefined for what is no jump. */
function reachOf(info: OpcodeInfo, i: number, count: number): readonly [number, number] | undefined {
  if (info.jump === 'forward') return [i + 1, count];
  if (info.jump === 'absolute') return [0, count];
  return info.jump === 'backward' || info.refers === 'backward' ? [0, i] : undefined;
}

function makeLocations(version: BytecodeVersion, places: readonly Place[]) {
  const locations = newLocations(places.length);
  const hasColumns = version.locationFormat === 'locations';
  const numbers = places.map(({ line, lines, column, width }) => {
    const lineno = FIRST_LINE + line;
    if (!hasColumns) return addLocation(locations, lineno, -1, -1, -1);
    if (column < 0) return addLocation(locations, lineno, lineno, -1, -1);
    return addLocation(locations, lineno, lineno + lines, column, Math.max(0, column + width));
  });
  return { locations, numbers };
}

/** Line changes at some instructions, several at one place and within a prefixed instruction too. */
function makeMarks(drafts: readonly Draft[], places: readonly Place[]): LineMarks {
  const marked = drafts.flatMap(({ location, opcode }, i) =>
    location >= 0 && opcode >= 0 ? [{ i, location }] : [],
  );
  return {
    count: marked.length,
    label: Int32Array.from(marked, ({ i }) => i),
    inside: new Uint8Array(marked.length),
    delta: Int8Array.from(marked, ({ location }) => places[location % places.length].line | 1),
  };
}

/** A code object of given fields, the others empty, which no interpreter should run. */
export function codeWith(version: BytecodeVersion, bytes: AssembledCode): CodeObject {
  const blank = blankCode(0);
  const empty = { int: 0, bytes: newBytes(new Uint8Array(0)), str: newStr('name'), tuple: newTuple([]) };
  for (const { slot, kind } of fieldSpecs(version.codeFields)) setField(blank, slot, empty[kind]);
  const linetable = newBytes(bytes.linetable);
  return {
    ...completeCode(blank),
    co_firstlineno: FIRST_LINE,
    co_code: newBytes(bytes.co_code),
    ...(version.locationFormat === 'lnotab' ? { co_lnotab: linetable } : { co_linetable: linetable }),
    ...(version.hasExceptionTable ? { co_exceptiontable: newBytes(bytes.co_exceptiontable) } : {}),
  };
}

/** The code object that a list assembles to. */
export function codeOf(list: InstructionList): CodeObject {
  return codeWith(list.version, assemble(list, FIRST_LINE));
}
