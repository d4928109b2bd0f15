import { ByteWriter } from '../bytes/byte-writer.ts';
import { PyrewriteError } from '../errors.ts';
import { type FieldSpec, fieldSpecs, getField } from './code-fields.ts';
import {
  type CodeObject,
  type ContainerObject,
  FLAG_REF,
  FROZENDICT_FORMAT,
  isCompletedBeforeReferenced,
  MAX_MARSHAL_STACK_DEPTH,
  type MarshalObject,
  type MarshalTraits,
  type ScalarObject,
  SLICE_FORMAT,
  TYPE_CODE,
  TYPE_DICT,
  TYPE_ELLIPSIS,
  TYPE_FALSE,
  TYPE_FROZENDICT,
  TYPE_FROZENSET,
  TYPE_LIST,
  TYPE_NONE,
  TYPE_NULL,
  TYPE_REF,
  TYPE_SET,
  TYPE_SLICE,
  TYPE_SMALL_TUPLE,
  TYPE_STOPITER,
  TYPE_TRUE,
  TYPE_TUPLE,
} from './types.ts';

/**
 * Writes one object graph as marshal data, as CPython's `w_object` does, but keeping each object's FLAG_REF.
 *
 * Reference indices are given anew, in writing order. An object knows the index it was last given (`ref`);
 * that is only a guess until `flagged[ref]` is found to be the object, so that no reset and no Map is needed.
 */
class MarshalWriter extends ByteWriter {
  private readonly version: MarshalTraits;
  private readonly specs: readonly FieldSpec[];
  /** Objects with a reference index, by index. */
  private readonly flagged: MarshalObject[] = [];
  /** Containers and code objects written without an index: `ref` is the guess here, too. */
  private readonly unflagged: MarshalObject[] = [];
  /** Unflagged objects that the graph uses more than once: they are to be flagged. */
  private readonly promoted: Set<MarshalObject>;
  /** The objects being written, from the root inwards. */
  private readonly path: MarshalObject[] = [];
  private depth = 0;
  /** Another pass is needed, now that more objects are promoted. */
  incomplete = false;

  constructor(version: MarshalTraits, capacity: number, promoted: Set<MarshalObject>) {
    super('bad-marshal', capacity);
    this.version = version;
    this.specs = fieldSpecs(version.codeFields);
    this.promoted = promoted;
  }

  writeObject(object: MarshalObject): void {
    if (this.depth >= MAX_MARSHAL_STACK_DEPTH) this.fail(`more than ${this.depth} nested objects`);
    const ref = object.ref;
    if (ref < this.flagged.length && this.flagged[ref] === object) {
      this.reference(object);
      return;
    }
    switch (object.type) {
      case TYPE_SMALL_TUPLE:
      case TYPE_TUPLE:
      case TYPE_LIST:
      case TYPE_SET:
      case TYPE_FROZENSET:
      case TYPE_DICT:
      case TYPE_FROZENDICT:
      case TYPE_SLICE:
        if (this.begin(object)) this.container(object);
        return;
      case TYPE_CODE:
        if (this.begin(object)) this.code(object);
        return;
      default:
        this.scalar(object);
    }
  }

  private scalar(object: ScalarObject): void {
    const { type, flag } = object;
    if (flag !== 0 && !isSingleton(type)) object.ref = this.flagged.push(object) - 1;
    this.reserve(1);
    this.bytes[this.length++] = type | flag;
    this.copy(object.source, object.start, object.end);
  }

  /** Writes the type byte and gives the index; false if the object was written before. */
  private begin(object: ContainerObject | CodeObject): boolean {
    let flag = object.flag;
    if (flag === 0) {
      if (object.ref < this.unflagged.length && this.unflagged[object.ref] === object) {
        this.promoted.add(object);
        this.incomplete = true;
        return false;
      }
      if (this.promoted.size > 0 && this.promoted.has(object)) flag = FLAG_REF;
      else object.ref = this.unflagged.push(object) - 1;
    }
    if (flag !== 0) object.ref = this.flagged.push(object) - 1;
    this.uint8(object.type | flag);
    return true;
  }

  private reference(object: MarshalObject): void {
    if (isCompletedBeforeReferenced(object.type) && this.isOpen(object)) {
      this.fail('a code object, frozenset, slice or frozendict contains itself');
    }
    this.uint8(TYPE_REF);
    this.int32(object.ref);
  }

  private container(object: ContainerObject): void {
    const { type, items } = object;
    this.size(type, items.length);
    this.path[this.depth++] = object;
    for (let i = 0; i < items.length; i++) this.writeObject(items[i]);
    this.depth--;
    if (type === TYPE_DICT || type === TYPE_FROZENDICT) this.uint8(TYPE_NULL);
  }

  private size(type: number, count: number): void {
    if (type === TYPE_SMALL_TUPLE) {
      if (count > 0xff) this.fail(`small tuple of ${count} items: 255 is the most`);
      this.uint8(count);
    } else if (type === TYPE_SLICE) {
      this.needFormat(SLICE_FORMAT, 'a slice');
      if (count !== 3) this.fail(`slice of ${count} parts`);
    } else if (type === TYPE_DICT || type === TYPE_FROZENDICT) {
      if (type === TYPE_FROZENDICT) this.needFormat(FROZENDICT_FORMAT, 'a frozendict');
      if (count % 2 !== 0) this.fail('dict with a key that has no value');
    } else {
      this.int32(count);
    }
  }

  private code(object: CodeObject): void {
    this.path[this.depth++] = object;
    const specs = this.specs;
    for (let i = 0; i < specs.length; i++) {
      const { field, kind, slot } = specs[i];
      const value = getField(object, slot);
      if (value === undefined)
        this.fail(`code object without ${field}, which Python ${this.version.name} has`);
      else if (typeof value === 'number') this.int32(value);
      else {
        // CPython would look into a tuple that is half empty.
        if (kind === 'tuple' && this.isOpen(value)) this.fail(`${field} contains its own code`);
        this.writeObject(value);
      }
    }
    this.depth--;
  }

  private isOpen(object: MarshalObject): boolean {
    for (let i = 0; i < this.depth; i++) if (this.path[i] === object) return true;
    return false;
  }

  private needFormat(format: number, what: string): void {
    if (this.version.marshalVersion >= format) return;
    this.fail(
      `${what} needs marshal format ${format}, Python ${this.version.name} has ${this.version.marshalVersion}`,
    );
  }

  private fail(what: string): never {
    throw new PyrewriteError(this.errorCode, what, { offset: this.length });
  }
}

function isSingleton(type: number): boolean {
  return (
    type === TYPE_NONE ||
    type === TYPE_TRUE ||
    type === TYPE_FALSE ||
    type === TYPE_ELLIPSIS ||
    type === TYPE_STOPITER
  );
}

/** Bytes to put around the marshal data, so that a file is written without another copy. */
export interface Surroundings {
  readonly before: Uint8Array;
  readonly after: Uint8Array;
}

const NOTHING: Surroundings = { before: new Uint8Array(0), after: new Uint8Array(0) };

/**
 * Writes an object graph. A graph that was read and not edited gives the bytes that were read.
 *
 * In an edited graph, reference indices are given anew. An object without FLAG_REF that is used more than once
 * is written each time if it contains nothing, and flagged if it is a container or a code object.
 *
 * @throws PyrewriteError 'bad-marshal' if the version can not hold the graph or it nests too deep; the offset is
 * that in the output
 */
export function writeMarshal(
  root: MarshalObject,
  version: MarshalTraits,
  around: Surroundings = NOTHING,
): Uint8Array {
  const promoted = new Set<MarshalObject>();
  for (;;) {
    const writer = new MarshalWriter(version, expectedLength(root), promoted);
    writer.copy(around.before);
    writer.writeObject(root);
    writer.copy(around.after);
    if (!writer.incomplete) return writer.toBytes();
  }
}

/** The length of what the root was read from, so that writing it back needs no second buffer. */
function expectedLength(root: MarshalObject): number {
  return root.type === TYPE_CODE ? root.co_code.source.length : 256;
}
