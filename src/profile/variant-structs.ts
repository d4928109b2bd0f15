import { RECORD_HEAD, type Struct } from './struct.ts';

/** What a variant is about: `how` of each. */
export const HOW = {
  /** Of all that found no place of their own. */
  OTHERS: 0,
  /** The types of the operands. */
  TYPES: 1,
  /** An attribute, in the object itself. */
  INSTANCE: 2,
  /** One of its type's `__slots__`, or of the members of a C type. */
  SLOT: 3,
  /** In its class, or in a base of it. */
  CLASS: 4,
  /** A function of its class, which it binds. */
  METHOD: 5,
  PROPERTY: 6,
  /** Another descriptor of its class; one that is no data descriptor may leave the value in the object. */
  DESCRIPTOR: 7,
  /** By `__getattr__`, after it was found nowhere. */
  GETATTR: 8,
  /** By a `__getattribute__` in Python. */
  GETATTRIBUTE: 9,
  /** By a `__setattr__` or `__delattr__` in Python. */
  SETATTR: 10,
  MODULE: 11,
  /** Nowhere. */
  MISSING: 12,
  /** By the type's own C code. */
  NATIVE: 13,
  /** A reference was dropped that was the last one to an object of this type. */
  FREED: 14,
  /** A reference was dropped, and others are left. */
  KEPT: 15,
  /** A call, of a Python function. */
  FUNCTION: 16,
  /** A function written in C. */
  C_FUNCTION: 17,
  /** A method of a type written in C. */
  C_METHOD: 18,
  /** A class. */
  NEW: 19,
  /** Another object that can be called. */
  CALLABLE: 20,
  /** A variable without a value: stored to, or not to be deleted. */
  UNSET: 21,
} as const;

/** What a variant of a store freed: its `freed`, or less than that. */
export const FREED = {
  /** Not known, or not asked. */
  UNKNOWN: 0,
  NOTHING: 1,
  /** An object; with the number of its type's name added where that has one. */
  NAMELESS: 2,
} as const;

/** VARIANTS: head, then `capacity` variants. */
export const VARIANTS: Struct = {
  name: 'profile_variants',
  doc: 'VARIANTS record: then capacity variants, each followed by a site struct with its counters.',
  size: 64,
  fields: [
    RECORD_HEAD,
    { name: 'capacity', type: 'u32', doc: 'Variants in this record' },
    { name: 'taken', type: 'u32', doc: 'Variants used' },
  ],
};

/** Before the counters of a variant. */
export const VARIANT: Struct = {
  name: 'profile_variant',
  doc: 'What the operations of a site had in common that are counted in the site struct behind it.',
  size: 64,
  fields: [
    { name: 'site', type: 'u32', doc: 'Number of the site in this process' },
    { name: 'how', type: 'u32', doc: 'PROFILE_HOW_*' },
    {
      name: 'left',
      type: 'u32',
      doc: 'Name of the type of the first operand, or of what is called; 0 = none',
    },
    { name: 'right', type: 'u32', doc: 'Name of the type of the second operand; 0 = none' },
    {
      name: 'freed',
      type: 'u32',
      doc: 'PROFILE_FREED_*: what a store to an attribute or an item, or its deletion, freed',
    },
  ],
};
