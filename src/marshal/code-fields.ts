import type { CodeField } from '../opcodes/types.ts';
import { type CodeFieldKind, type CodeFieldValue, type CodeObject, TYPE_CODE } from './types.ts';

/** Kind of each field, as `_PyCode_Validate` (3.11+) and `PyCode_NewWithPosOnlyArgs` (up to 3.10) demand. */
export const CODE_FIELD_KINDS: Readonly<Record<CodeField, CodeFieldKind>> = {
  co_argcount: 'int',
  co_posonlyargcount: 'int',
  co_kwonlyargcount: 'int',
  co_nlocals: 'int',
  co_stacksize: 'int',
  co_flags: 'int',
  co_code: 'bytes',
  co_consts: 'tuple',
  co_names: 'tuple',
  co_varnames: 'tuple',
  co_freevars: 'tuple',
  co_cellvars: 'tuple',
  co_localsplusnames: 'tuple',
  co_localspluskinds: 'bytes',
  co_filename: 'str',
  co_name: 'str',
  co_qualname: 'str',
  co_firstlineno: 'int',
  co_lnotab: 'bytes',
  co_linetable: 'bytes',
  co_exceptiontable: 'bytes',
};

/** A code object that is being read: the same properties, not yet filled. */
export type BlankCode = Record<CodeField, CodeFieldValue> & {
  type: typeof TYPE_CODE;
  flag: number;
  ref: number;
};

/** A field and its kind. */
export interface FieldSpec {
  readonly field: CodeField;
  /** Index of the field in {@link CODE_FIELD_KINDS}: property access by a number that a `switch` knows is fast. */
  readonly slot: number;
  readonly kind: CodeFieldKind;
}

const FIELD_ORDER = Object.keys(CODE_FIELD_KINDS) as CodeField[];
const specsByFields = new WeakMap<readonly CodeField[], readonly FieldSpec[]>();

/** The fields of a version, in stream order. */
export function fieldSpecs(codeFields: readonly CodeField[]): readonly FieldSpec[] {
  let specs = specsByFields.get(codeFields);
  if (specs === undefined) {
    specs = codeFields.map((field) => ({
      field,
      slot: FIELD_ORDER.indexOf(field),
      kind: CODE_FIELD_KINDS[field],
    }));
    specsByFields.set(codeFields, specs);
  }
  return specs;
}

/**
 * A code object with no field read. The one literal that all code objects of all versions come from, so that
 * they share a hidden class and property access stays fast.
 */
export function blankCode(flag: number): BlankCode {
  return {
    type: TYPE_CODE,
    flag,
    ref: 0,
    co_argcount: 0,
    co_posonlyargcount: 0,
    co_kwonlyargcount: 0,
    co_nlocals: undefined,
    co_stacksize: 0,
    co_flags: 0,
    co_code: undefined,
    co_consts: undefined,
    co_names: undefined,
    co_varnames: undefined,
    co_freevars: undefined,
    co_cellvars: undefined,
    co_localsplusnames: undefined,
    co_localspluskinds: undefined,
    co_filename: undefined,
    co_name: undefined,
    co_qualname: undefined,
    co_firstlineno: 0,
    co_lnotab: undefined,
    co_linetable: undefined,
    co_exceptiontable: undefined,
  };
}

/** The code object, all its version's fields read and of the right kinds. */
export function completeCode(blank: BlankCode): CodeObject {
  return blank as CodeObject;
}

/** Changes to a code object, by field. */
export type CodeChanges = Partial<Pick<CodeObject, CodeField | 'flag'>>;

/**
 * A copy of a code object with some fields changed, after `CodeType.replace`. Unlike a copy by spreading, it has
 * the hidden class of the code objects that are read, which makes writing it a third faster.
 */
export function copyCode(code: CodeObject, changes: CodeChanges): CodeObject {
  const copy: BlankCode = {
    type: TYPE_CODE,
    flag: code.flag,
    ref: 0,
    co_argcount: code.co_argcount,
    co_posonlyargcount: code.co_posonlyargcount,
    co_kwonlyargcount: code.co_kwonlyargcount,
    co_nlocals: code.co_nlocals,
    co_stacksize: code.co_stacksize,
    co_flags: code.co_flags,
    co_code: code.co_code,
    co_consts: code.co_consts,
    co_names: code.co_names,
    co_varnames: code.co_varnames,
    co_freevars: code.co_freevars,
    co_cellvars: code.co_cellvars,
    co_localsplusnames: code.co_localsplusnames,
    co_localspluskinds: code.co_localspluskinds,
    co_filename: code.co_filename,
    co_name: code.co_name,
    co_qualname: code.co_qualname,
    co_firstlineno: code.co_firstlineno,
    co_lnotab: code.co_lnotab,
    co_linetable: code.co_linetable,
    co_exceptiontable: code.co_exceptiontable,
  };
  return completeCode(Object.assign(copy, changes));
}

/** The field at a slot. */
export function getField(code: CodeObject, slot: number): CodeFieldValue {
  switch (slot) {
    case 0:
      return code.co_argcount;
    case 1:
      return code.co_posonlyargcount;
    case 2:
      return code.co_kwonlyargcount;
    case 3:
      return code.co_nlocals;
    case 4:
      return code.co_stacksize;
    case 5:
      return code.co_flags;
    case 6:
      return code.co_code;
    case 7:
      return code.co_consts;
    case 8:
      return code.co_names;
    case 9:
      return code.co_varnames;
    case 10:
      return code.co_freevars;
    case 11:
      return code.co_cellvars;
    case 12:
      return code.co_localsplusnames;
    case 13:
      return code.co_localspluskinds;
    case 14:
      return code.co_filename;
    case 15:
      return code.co_name;
    case 16:
      return code.co_qualname;
    case 17:
      return code.co_firstlineno;
    case 18:
      return code.co_lnotab;
    case 19:
      return code.co_linetable;
    case 20:
      return code.co_exceptiontable;
    default:
      return undefined;
  }
}

/** Fills the field at a slot. */
export function setField(code: BlankCode, slot: number, value: CodeFieldValue): void {
  switch (slot) {
    case 0:
      code.co_argcount = value;
      break;
    case 1:
      code.co_posonlyargcount = value;
      break;
    case 2:
      code.co_kwonlyargcount = value;
      break;
    case 3:
      code.co_nlocals = value;
      break;
    case 4:
      code.co_stacksize = value;
      break;
    case 5:
      code.co_flags = value;
      break;
    case 6:
      code.co_code = value;
      break;
    case 7:
      code.co_consts = value;
      break;
    case 8:
      code.co_names = value;
      break;
    case 9:
      code.co_varnames = value;
      break;
    case 10:
      code.co_freevars = value;
      break;
    case 11:
      code.co_cellvars = value;
      break;
    case 12:
      code.co_localsplusnames = value;
      break;
    case 13:
      code.co_localspluskinds = value;
      break;
    case 14:
      code.co_filename = value;
      break;
    case 15:
      code.co_name = value;
      break;
    case 16:
      code.co_qualname = value;
      break;
    case 17:
      code.co_firstlineno = value;
      break;
    case 18:
      code.co_lnotab = value;
      break;
    case 19:
      code.co_linetable = value;
      break;
    case 20:
      code.co_exceptiontable = value;
      break;
  }
}
