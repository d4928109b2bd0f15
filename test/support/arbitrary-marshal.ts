/** Generators of valid marshal graphs for fast-check: every type code, shared objects, cycles. */
import fc from 'fast-check';
import { blankCode, completeCode, fieldSpecs, setField } from '../../src/marshal/code-fields.ts';
import {
  type BytesObject,
  ELLIPSIS,
  FALSE,
  FLAG_REF,
  FROZENDICT_FORMAT,
  type MarshalObject,
  NONE,
  newBytes,
  newContainer,
  newFloat,
  newInt,
  newStr,
  newTuple,
  type ScalarObject,
  SLICE_FORMAT,
  STOPITER,
  type StrObject,
  TRUE,
  type TupleObject,
  TYPE_BINARY_COMPLEX,
  TYPE_COMPLEX,
  TYPE_DICT,
  TYPE_FLOAT,
  TYPE_FROZENDICT,
  TYPE_FROZENSET,
  TYPE_INT64,
  TYPE_LIST,
  TYPE_SET,
  TYPE_SLICE,
  TYPE_TUPLE,
} from '../../src/marshal/index.ts';
import type { BytecodeVersion } from '../../src/opcodes/types.ts';

/** Containers that may contain themselves. */
const CYCLIC_TYPES = [TYPE_LIST, TYPE_TUPLE, TYPE_SET, TYPE_DICT] as const;

const flag = fc.constantFrom(0, FLAG_REF);

function raw(type: ScalarObject['type'], payload: Uint8Array): ScalarObject {
  return { type, flag: 0, ref: 0, source: payload, start: 0, end: payload.length };
}

function flagged<T extends MarshalObject>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T> {
  return fc.tuple(arbitrary, flag).map(([object, flag]) => ({ ...object, flag, ref: 0 }));
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.string({
    unit: fc.integer({ min: 0xd700, max: 0xe100 }).map((unit) => String.fromCharCode(unit)),
    maxLength: 6,
  }),
  fc.constantFrom('x'.repeat(255), 'x'.repeat(256), 'é'.repeat(200)),
);

const str: fc.Arbitrary<StrObject> = flagged(
  fc.tuple(text, fc.boolean()).map(([value, interned]) => newStr(value, interned)),
);
const bytes: fc.Arbitrary<BytesObject> = flagged(fc.uint8Array({ maxLength: 80 }).map(newBytes));

const scalar: fc.Arbitrary<MarshalObject> = fc.oneof(
  fc.constantFrom(NONE, TRUE, FALSE, ELLIPSIS, STOPITER),
  flagged(fc.oneof(fc.integer(), fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n })).map(newInt)),
  flagged(fc.double().map(newFloat)),
  flagged(fc.uint8Array({ minLength: 8, maxLength: 8 }).map((payload) => raw(TYPE_INT64, payload))),
  flagged(
    fc.uint8Array({ minLength: 16, maxLength: 16 }).map((payload) => raw(TYPE_BINARY_COMPLEX, payload)),
  ),
  flagged(fc.constant(raw(TYPE_FLOAT, new Uint8Array(Buffer.from('\u0004-1e3', 'latin1'))))),
  flagged(fc.constant(raw(TYPE_COMPLEX, new Uint8Array(Buffer.from('\u00011\u0003inf', 'latin1'))))),
  str,
  bytes,
);

/** A graph, and how many objects it was made of; the last pool members are containers over earlier ones. */
export function arbitraryGraph(version: BytecodeVersion): fc.Arbitrary<MarshalObject> {
  const steps = fc.array(
    fc.tuple(fc.nat(99), fc.array(fc.nat(), { maxLength: 6 }), fc.boolean(), fc.boolean()),
    {
      minLength: 1,
      maxLength: 25,
    },
  );
  return fc
    .tuple(fc.array(scalar, { minLength: 1, maxLength: 12 }), steps, fc.context())
    .map(([scalars, makers]) => {
      const pool = [...scalars];
      for (const [kind, picks, isFlagged, isCyclic] of makers) {
        const items = picks.map((pick) => pool[pick % pool.length]);
        const made = makeContainer(version, kind, items, isCyclic);
        pool.push(isFlagged ? Object.assign(made, { flag: FLAG_REF }) : made);
      }
      return newTuple(pool.slice(-4));
    });
}

function makeContainer(
  version: BytecodeVersion,
  kind: number,
  items: MarshalObject[],
  isCyclic: boolean,
): MarshalObject {
  if (isCyclic) {
    const type = CYCLIC_TYPES[kind % CYCLIC_TYPES.length];
    const object = newContainer(type, items);
    items.push(object, NONE);
    if (items.length % 2 !== 0) items.push(NONE);
    return object;
  }
  const pairs = items.slice(0, items.length & ~1);
  const makers: (() => MarshalObject)[] = [
    () => newTuple(items),
    () => newContainer(TYPE_TUPLE, items),
    () => newContainer(TYPE_LIST, items),
    () => newContainer(TYPE_SET, items),
    () => newContainer(TYPE_FROZENSET, items),
    () => newContainer(TYPE_DICT, pairs),
    () => makeCode(version, items),
  ];
  if (version.marshalVersion >= SLICE_FORMAT)
    makers.push(() => newContainer(TYPE_SLICE, [NONE, items[0] ?? TRUE, NONE]));
  if (version.marshalVersion >= FROZENDICT_FORMAT) makers.push(() => newContainer(TYPE_FROZENDICT, pairs));
  return makers[kind % makers.length]();
}

/** A code object of the right kinds, which no interpreter should run. */
function makeCode(version: BytecodeVersion, items: MarshalObject[]): MarshalObject {
  const blank = blankCode(0);
  const values: { int: number; bytes: BytesObject; str: StrObject; tuple: TupleObject } = {
    int: items.length,
    bytes: newBytes(Uint8Array.of(9, 0)),
    str: newStr('name', true),
    tuple: newTuple(items),
  };
  for (const { slot, kind } of fieldSpecs(version.codeFields)) setField(blank, slot, values[kind]);
  return completeCode(blank);
}

/**
 * How two graphs differ, if they do: in types, payloads, or in which objects are shared. Of objects that contain
 * nothing only flagged ones must be shared alike.
 */
export function differenceOf(one: MarshalObject, two: MarshalObject): string | undefined {
  const partners = new Map<MarshalObject, MarshalObject>();
  const visit = (a: MarshalObject, b: MarshalObject): string | undefined => {
    const known = [partners.get(a), partners.get(b)];
    if (known[0] === b && known[1] === a) return undefined;
    const isShared = !('source' in a) || a.flag !== 0;
    if (a.type !== b.type) return `type ${a.type} became ${b.type}`;
    if (isShared && (known[0] !== undefined || known[1] !== undefined))
      return `type ${a.type} is shared otherwise`;
    if (isShared) partners.set(a, b).set(b, a);
    if ('source' in a && 'source' in b)
      return Buffer.compare(payloadOf(a), payloadOf(b)) === 0 ? undefined : 'payload';
    const [left, right] = [partsOf(a), partsOf(b)];
    if (left.length !== right.length) return `${left.length} parts became ${right.length}`;
    for (const [index, part] of left.entries()) {
      const difference = visit(part, right[index]);
      if (difference !== undefined) return difference;
    }
    return undefined;
  };
  return visit(one, two);
}

function payloadOf({ source, start, end }: ScalarObject): Uint8Array {
  return source.subarray(start, end);
}

function partsOf(object: MarshalObject): readonly MarshalObject[] {
  if ('items' in object) return object.items;
  return Object.values(object).filter(
    (value): value is MarshalObject => typeof value === 'object' && 'type' in value,
  );
}
