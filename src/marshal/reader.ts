import { ByteReader } from '../bytes/byte-reader.ts';
import { blankCode, completeCode, type FieldSpec, fieldSpecs, setField } from './code-fields.ts';
import { isFloatText } from './float-text.ts';
import { singletonOf } from './singletons.ts';
import { invalidUtf8At } from './text.ts';
import {
  type CodeObject,
  type ContainerObject,
  type ContainerType,
  FLAG_REF,
  FROZENDICT_FORMAT,
  isBytes,
  isCompletedBeforeReferenced,
  isStr,
  isTuple,
  MAX_MARSHAL_STACK_DEPTH,
  type MarshalObject,
  type MarshalTraits,
  type ScalarObject,
  type ScalarType,
  SLICE_FORMAT,
  TYPE_ASCII,
  TYPE_ASCII_INTERNED,
  TYPE_BINARY_COMPLEX,
  TYPE_BINARY_FLOAT,
  TYPE_CODE,
  TYPE_COMPLEX,
  TYPE_DICT,
  TYPE_ELLIPSIS,
  TYPE_FALSE,
  TYPE_FLOAT,
  TYPE_FROZENDICT,
  TYPE_FROZENSET,
  TYPE_INT,
  TYPE_INT64,
  TYPE_INTERNED,
  TYPE_LIST,
  TYPE_LONG,
  TYPE_NONE,
  TYPE_NULL,
  TYPE_REF,
  TYPE_SET,
  TYPE_SHORT_ASCII,
  TYPE_SHORT_ASCII_INTERNED,
  TYPE_SLICE,
  TYPE_SMALL_TUPLE,
  TYPE_STOPITER,
  TYPE_STRING,
  TYPE_TRUE,
  TYPE_TUPLE,
  TYPE_UNICODE,
} from './types.ts';

type MutableContainer = { -readonly [K in keyof ContainerObject]: ContainerObject[K] };

/** Number of items for which room is made at once. */
const MAX_PREALLOCATED = 255;

/** Stands for the items of a container whose end has not been read yet. */
const UNFINISHED: readonly MarshalObject[] = [];

/** Reads one object graph from marshal data, as CPython's `r_object` does. */
export class MarshalReader extends ByteReader {
  private readonly version: MarshalTraits;
  private readonly specs: readonly FieldSpec[];
  /** Objects by reference index; undefined while only reserved. */
  private readonly refs: (MarshalObject | undefined)[] = [];
  /** Number of objects around the one being read. */
  private depth = 0;

  constructor(bytes: Uint8Array, version: MarshalTraits, offset = 0) {
    super(bytes, 'bad-marshal', offset);
    this.version = version;
    this.specs = fieldSpecs(version.codeFields);
  }

  /** Reads the object at `offset` and moves behind it. */
  readObject(): MarshalObject {
    const at = this.offset;
    if (at >= this.limit) this.fail('data ends where an object is expected');
    if (this.depth >= MAX_MARSHAL_STACK_DEPTH) this.fail(`more than ${this.depth} nested objects`);
    const byte = this.bytes[at];
    const flag = byte & FLAG_REF;
    const type = byte & ~FLAG_REF;
    this.offset = at + 1;
    // The most frequent first: V8 compares one by one.
    switch (type) {
      case TYPE_REF:
        return this.reference(at, flag);
      case TYPE_SHORT_ASCII_INTERNED:
      case TYPE_SHORT_ASCII:
        return this.scalar(type, flag, 1 + this.peekUint8());
      case TYPE_INT:
        return this.scalar(type, flag, 4);
      case TYPE_SMALL_TUPLE:
        return this.sequence(type, flag, this.uint8('tuple size'));
      case TYPE_STRING:
        return this.scalar(type, flag, 4 + this.peekSize('bytes object'));
      case TYPE_NONE:
      case TYPE_TRUE:
      case TYPE_FALSE:
      case TYPE_ELLIPSIS:
      case TYPE_STOPITER:
        return singletonOf(type, flag);
      case TYPE_CODE:
        return this.code(flag);
      case TYPE_TUPLE:
      case TYPE_LIST:
      case TYPE_SET:
      case TYPE_FROZENSET:
        return this.sequence(type, flag, this.size());
      case TYPE_UNICODE:
      case TYPE_INTERNED:
        return this.utf8(type, flag);
      case TYPE_ASCII:
      case TYPE_ASCII_INTERNED:
        return this.scalar(type, flag, 4 + this.peekSize('str'));
      case TYPE_BINARY_FLOAT:
      case TYPE_INT64:
        return this.scalar(type, flag, 8);
      case TYPE_BINARY_COMPLEX:
        return this.scalar(type, flag, 16);
      case TYPE_LONG:
        return this.long(flag);
      case TYPE_DICT:
        return this.dict(type, flag);
      case TYPE_FROZENDICT:
        this.needFormat(FROZENDICT_FORMAT, 'a frozendict', at);
        return this.dict(type, flag);
      case TYPE_SLICE:
        this.needFormat(SLICE_FORMAT, 'a slice', at);
        return this.sequence(type, flag, 3);
      case TYPE_FLOAT:
        return this.textFloats(type, flag, 1);
      case TYPE_COMPLEX:
        return this.textFloats(type, flag, 2);
      case TYPE_NULL:
        return this.fail('NULL where an object is expected', at);
      default:
        return this.fail(`unknown type code 0x${type.toString(16)}`, at);
    }
  }

  /** An object whose payload, length field included, is the next `length` bytes. */
  private scalar(type: ScalarType, flag: number, length: number): ScalarObject {
    const start = this.offset;
    const end = start + length;
    if (end > this.limit) this.fail(`data too short: ${length} bytes wanted, ${this.remaining} left`, start);
    this.offset = end;
    const object: ScalarObject = { type, flag, ref: 0, source: this.bytes, start, end };
    if (flag !== 0) this.refs.push(object);
    return object;
  }

  private reference(at: number, flag: number): MarshalObject {
    const index = this.int32('reference');
    // CPython ignores the flag here and never writes it; an object can not keep it.
    if (flag !== 0) this.fail('reference with FLAG_REF', at);
    if (index < 0 || index >= this.refs.length) this.fail(`invalid reference ${index}: no such object`, at);
    const object = this.refs[index];
    if (object === undefined) return this.fail(`invalid reference ${index}: the object is not complete`, at);
    return object;
  }

  /** Tuples, lists, sets and slices: `count` objects. */
  private sequence(type: ContainerType, flag: number, count: number): ContainerObject {
    const object: MutableContainer = { type, flag, ref: 0, items: UNFINISHED };
    const index = flag === 0 ? -1 : this.reserve(object);
    // Larger ones grow: nested counts could each be as large as the rest of the input.
    const items: MarshalObject[] = count <= MAX_PREALLOCATED ? new Array(count) : [];
    this.depth++;
    for (let i = 0; i < count; i++) items[i] = this.readObject();
    this.depth--;
    object.items = items;
    if (index >= 0) this.refs[index] = object;
    return object;
  }

  /** Dicts and frozendicts: keys and values up to a NULL key. */
  private dict(type: ContainerType, flag: number): ContainerObject {
    const object: MutableContainer = { type, flag, ref: 0, items: UNFINISHED };
    const index = flag === 0 ? -1 : this.reserve(object);
    const items: MarshalObject[] = [];
    this.depth++;
    while (this.peekUint8() !== TYPE_NULL) {
      items.push(this.readObject());
      items.push(this.readObject());
    }
    this.depth--;
    this.offset++;
    object.items = items;
    if (index >= 0) this.refs[index] = object;
    return object;
  }

  private code(flag: number): CodeObject {
    const index = flag === 0 ? -1 : this.refs.push(undefined) - 1;
    const blank = blankCode(flag);
    this.depth++;
    const specs = this.specs;
    for (let i = 0; i < specs.length; i++) {
      const spec = specs[i];
      const start = this.offset;
      if (spec.kind === 'int') setField(blank, spec.slot, this.int32(spec.field));
      else setField(blank, spec.slot, this.checkField(spec, this.readObject(), start));
    }
    this.depth--;
    const object = completeCode(blank);
    if (index >= 0) this.refs[index] = object;
    return object;
  }

  private checkField({ field, kind }: FieldSpec, value: MarshalObject, start: number): MarshalObject {
    const fits = kind === 'bytes' ? isBytes(value) : kind === 'str' ? isStr(value) : isTuple(value);
    if (!fits) this.fail(`${field} is not a ${kind} object`, start);
    // CPython would look into a tuple that is half empty.
    if (isTuple(value) && value.items === UNFINISHED) this.fail(`${field} contains its own code`, start);
    return value;
  }

  /** Gives a container its reference index: registered at once, unless references to it must wait. */
  private reserve(object: ContainerObject): number {
    return this.refs.push(isCompletedBeforeReferenced(object.type) ? undefined : object) - 1;
  }

  /** str in UTF-8, surrogates passed: CPython's decoder fails on anything else. */
  private utf8(type: ScalarType, flag: number): ScalarObject {
    const object = this.scalar(type, flag, 4 + this.peekSize('str'));
    const bad = invalidUtf8At(object.source, object.start + 4, object.end);
    if (bad >= 0) this.fail('str is not valid UTF-8', bad);
    return object;
  }

  /** int of any size: a count of 15-bit digits, negative for a negative int, then the digits. */
  private long(flag: number): ScalarObject {
    const start = this.offset;
    const count = Math.abs(this.peekInt32());
    const object = this.scalar(TYPE_LONG, flag, 4 + 2 * count);
    const bytes = this.bytes;
    for (let at = start + 5; at < object.end; at += 2) {
      if (bytes[at] > 0x7f) this.fail('digit out of range in long', at - 1);
    }
    if (count > 0 && (bytes[object.end - 1] | bytes[object.end - 2]) === 0) {
      this.fail('unnormalized long', start);
    }
    return object;
  }

  /** Legacy float and complex: numbers as text, each after its length. */
  private textFloats(type: ScalarType, flag: number, count: number): ScalarObject {
    const start = this.offset;
    for (let i = 0; i < count; i++) {
      const text = this.view(this.uint8('float'), 'float');
      if (!isFloatText(text)) this.fail('text is not a float', this.offset - text.length);
    }
    const length = this.offset - start;
    this.offset = start;
    return this.scalar(type, flag, length);
  }

  private size(): number {
    const size = this.peekSize('container');
    this.offset += 4;
    return size;
  }

  /** The int32 count at `offset`, of things that take a byte each at least. Does not move. */
  private peekSize(what: string): number {
    const size = this.peekInt32();
    const left = this.remaining - 4;
    if (size < 0 || size > left) this.fail(`${what} of ${size >>> 0} items exceeds the ${left} bytes left`);
    return size;
  }

  private peekInt32(): number {
    const value = this.int32('size');
    this.offset -= 4;
    return value;
  }

  private peekUint8(): number {
    if (this.offset >= this.limit) this.fail('data ends where an object is expected');
    return this.bytes[this.offset];
  }

  private needFormat(format: number, what: string, at: number): void {
    if (this.version.marshalVersion >= format) return;
    this.fail(
      `${what} needs marshal format ${format}, Python ${this.version.name} has ${this.version.marshalVersion}`,
      at,
    );
  }
}

/**
 * Reads the object graph at `offset`. Bytes behind it are ignored, as `marshal.loads` does.
 * The graph shares memory with `bytes`, which must not change while it is in use.
 *
 * @throws PyrewriteError 'bad-marshal' with the offset in `bytes`
 */
export function readMarshal(bytes: Uint8Array, version: MarshalTraits, offset = 0): MarshalObject {
  return new MarshalReader(bytes, version, offset).readObject();
}
