import type { BytecodeVersion, CodeField } from '../opcodes/types.ts';

/*
 * Type codes of Python/marshal.c. A type byte in the stream is a type code, with FLAG_REF added for an object
 * that gets the next reference index.
 */
export const TYPE_NULL = 0x30; // '0'
export const TYPE_NONE = 0x4e; // 'N'
export const TYPE_FALSE = 0x46; // 'F'
export const TYPE_TRUE = 0x54; // 'T'
export const TYPE_STOPITER = 0x53; // 'S'
export const TYPE_ELLIPSIS = 0x2e; // '.'
export const TYPE_INT = 0x69; // 'i'
export const TYPE_INT64 = 0x49; // 'I' legacy, only read by CPython
export const TYPE_FLOAT = 0x66; // 'f' legacy: text
export const TYPE_BINARY_FLOAT = 0x67; // 'g'
export const TYPE_COMPLEX = 0x78; // 'x' legacy: text
export const TYPE_BINARY_COMPLEX = 0x79; // 'y'
export const TYPE_LONG = 0x6c; // 'l'
export const TYPE_STRING = 0x73; // 's' (bytes)
export const TYPE_INTERNED = 0x74; // 't'
export const TYPE_UNICODE = 0x75; // 'u'
export const TYPE_ASCII = 0x61; // 'a'
export const TYPE_ASCII_INTERNED = 0x41; // 'A'
export const TYPE_SHORT_ASCII = 0x7a; // 'z'
export const TYPE_SHORT_ASCII_INTERNED = 0x5a; // 'Z'
export const TYPE_REF = 0x72; // 'r'
export const TYPE_TUPLE = 0x28; // '('
export const TYPE_SMALL_TUPLE = 0x29; // ')'
export const TYPE_LIST = 0x5b; // '['
export const TYPE_DICT = 0x7b; // '{'
export const TYPE_FROZENDICT = 0x7d; // '}' format 6
export const TYPE_SET = 0x3c; // '<'
export const TYPE_FROZENSET = 0x3e; // '>'
export const TYPE_SLICE = 0x3a; // ':' format 5
export const TYPE_CODE = 0x63; // 'c'

/** Added to a type code: the object gets the next reference index. */
export const FLAG_REF = 0x80;

/** How deep objects may nest, in the reader and in the writer: CPython's own limit (1000 on Windows). */
export const MAX_MARSHAL_STACK_DEPTH = 2000;

/** Marshal format that brought slices (3.14). */
export const SLICE_FORMAT = 5;
/** Marshal format that brought frozendicts (3.15). */
export const FROZENDICT_FORMAT = 6;

/** What the marshal code asks of a {@link BytecodeVersion}. */
export type MarshalTraits = Pick<BytecodeVersion, 'name' | 'codeFields' | 'marshalVersion'>;

/** Type codes of the objects that contain no other object. */
export type ScalarType =
  | typeof TYPE_NONE
  | typeof TYPE_FALSE
  | typeof TYPE_TRUE
  | typeof TYPE_STOPITER
  | typeof TYPE_ELLIPSIS
  | typeof TYPE_INT
  | typeof TYPE_INT64
  | typeof TYPE_FLOAT
  | typeof TYPE_BINARY_FLOAT
  | typeof TYPE_COMPLEX
  | typeof TYPE_BINARY_COMPLEX
  | typeof TYPE_LONG
  | typeof TYPE_STRING
  | typeof TYPE_INTERNED
  | typeof TYPE_UNICODE
  | typeof TYPE_ASCII
  | typeof TYPE_ASCII_INTERNED
  | typeof TYPE_SHORT_ASCII
  | typeof TYPE_SHORT_ASCII_INTERNED;

/** Type codes of the objects that are a list of objects. */
export type ContainerType =
  | typeof TYPE_TUPLE
  | typeof TYPE_SMALL_TUPLE
  | typeof TYPE_LIST
  | typeof TYPE_DICT
  | typeof TYPE_FROZENDICT
  | typeof TYPE_SET
  | typeof TYPE_FROZENSET
  | typeof TYPE_SLICE;

/**
 * An object that contains no other: what follows its type byte in the stream, length field included, is
 * `source[start, end)`. Kept raw, so that writing it is a copy; values.ts reads it.
 */
export interface ScalarObject {
  readonly type: ScalarType;
  /** FLAG_REF or 0. */
  readonly flag: number;
  /** Scratch of the writer: a guess of the reference index, always checked before use. */
  ref: number;
  readonly source: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** A list of objects, in stream order. Dicts and frozendicts: key, value, key, value … Slices: start, stop, step. */
export interface ContainerObject {
  readonly type: ContainerType;
  /** FLAG_REF or 0. */
  readonly flag: number;
  /** Scratch of the writer: a guess of the reference index, always checked before use. */
  ref: number;
  readonly items: readonly MarshalObject[];
}

/** A bytes object. */
export interface BytesObject extends ScalarObject {
  readonly type: typeof TYPE_STRING;
}

/** A str object, of any of its encodings. */
export interface StrObject extends ScalarObject {
  readonly type:
    | typeof TYPE_INTERNED
    | typeof TYPE_UNICODE
    | typeof TYPE_ASCII
    | typeof TYPE_ASCII_INTERNED
    | typeof TYPE_SHORT_ASCII
    | typeof TYPE_SHORT_ASCII_INTERNED;
}

/** A tuple, of either size. */
export interface TupleObject extends ContainerObject {
  readonly type: typeof TYPE_TUPLE | typeof TYPE_SMALL_TUPLE;
}

/**
 * A code object. Every field that any version has is present; one that this version lacks is undefined.
 * The reader guarantees that each is of the right kind: bytes, tuple, str or int32.
 */
export interface CodeObject extends Readonly<Record<CodeField, CodeFieldValue>> {
  readonly type: typeof TYPE_CODE;
  /** FLAG_REF or 0. */
  readonly flag: number;
  /** Scratch of the writer: a guess of the reference index, always checked before use. */
  ref: number;
  readonly co_argcount: number;
  readonly co_posonlyargcount: number;
  readonly co_kwonlyargcount: number;
  /** up to 3.10 */
  readonly co_nlocals: number | undefined;
  readonly co_stacksize: number;
  readonly co_flags: number;
  readonly co_code: BytesObject;
  readonly co_consts: TupleObject;
  readonly co_names: TupleObject;
  /** up to 3.10 */
  readonly co_varnames: TupleObject | undefined;
  /** up to 3.10 */
  readonly co_freevars: TupleObject | undefined;
  /** up to 3.10 */
  readonly co_cellvars: TupleObject | undefined;
  /** 3.11+ */
  readonly co_localsplusnames: TupleObject | undefined;
  /** 3.11+ */
  readonly co_localspluskinds: BytesObject | undefined;
  readonly co_filename: StrObject;
  readonly co_name: StrObject;
  /** 3.11+ */
  readonly co_qualname: StrObject | undefined;
  readonly co_firstlineno: number;
  /** up to 3.9 */
  readonly co_lnotab: BytesObject | undefined;
  /** 3.10+ */
  readonly co_linetable: BytesObject | undefined;
  /** 3.11+ */
  readonly co_exceptiontable: BytesObject | undefined;
}

/** One object of a marshal stream. Two references to one object are the same JavaScript object. */
export type MarshalObject = ScalarObject | ContainerObject | CodeObject;

export type CodeFieldValue = number | MarshalObject | undefined;

/** What a field of a code object holds. */
export type CodeFieldKind = 'int' | 'bytes' | 'tuple' | 'str';

/** True for str objects of any encoding. */
export function isStr(object: MarshalObject): object is StrObject {
  switch (object.type) {
    case TYPE_SHORT_ASCII:
    case TYPE_SHORT_ASCII_INTERNED:
    case TYPE_ASCII:
    case TYPE_ASCII_INTERNED:
    case TYPE_UNICODE:
    case TYPE_INTERNED:
      return true;
    default:
      return false;
  }
}

/** True for tuples of either size. */
export function isTuple(object: MarshalObject): object is TupleObject {
  return object.type === TYPE_SMALL_TUPLE || object.type === TYPE_TUPLE;
}

/** True for bytes objects (TYPE_STRING is CPython's name of them). */
export function isBytes(object: MarshalObject): object is BytesObject {
  return object.type === TYPE_STRING;
}

/** True for code objects. */
export function isCode(object: MarshalObject): object is CodeObject {
  return object.type === TYPE_CODE;
}

/**
 * Objects that CPython's reader registers only when they are complete: their reference index is reserved first
 * (`r_ref_reserve`), and a reference to them from within is an error.
 */
export function isCompletedBeforeReferenced(type: number): boolean {
  return type === TYPE_CODE || type === TYPE_FROZENSET || type === TYPE_SLICE || type === TYPE_FROZENDICT;
}
