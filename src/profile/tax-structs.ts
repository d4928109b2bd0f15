import { RECORD_HEAD, type Struct } from './struct.ts';

/** COLLECTIONS: head, then `capacity` rows. */
export const COLLECTIONS: Struct = {
  name: 'profile_collections',
  doc: 'COLLECTIONS record: then capacity rows.',
  size: 64,
  fields: [
    RECORD_HEAD,
    { name: 'capacity', type: 'u32', doc: 'Rows in this record' },
    { name: 'taken', type: 'u32', doc: 'Rows used' },
  ],
};

/** Garbage collections of one generation that struck in one site. */
export const COLLECTION: Struct = {
  name: 'profile_collection',
  doc: 'Garbage collections of one generation that struck while the same operation was the innermost.',
  size: 64,
  fields: [
    {
      name: 'site',
      type: 'u32',
      doc: 'Number of that site in this process; 2^32 - 1: no operation was open',
    },
    { name: 'generation', type: 'u32', doc: 'As the interpreter tells it: 0 to 2, the oldest' },
    { name: 'count', type: 'u64', doc: 'Collections' },
    { name: 'collected', type: 'u64', doc: 'Objects freed' },
    { name: 'total', type: 'u64', unit: 'ticks', doc: 'Time that they took, which is in no operation' },
    { name: 'max', type: 'u64', unit: 'ticks', doc: 'The longest' },
  ],
};

/** TAXES: head, then `capacity` rows. */
export const TAXES: Struct = {
  name: 'profile_taxes',
  doc: 'TAXES record: then capacity rows.',
  size: 64,
  fields: [
    RECORD_HEAD,
    { name: 'capacity', type: 'u32', doc: 'Rows in this record' },
    { name: 'taken', type: 'u32', doc: 'Rows used' },
  ],
};

/** What else is known of one site; those of which nothing else is known have none. */
export const TAX: Struct = {
  name: 'profile_tax',
  doc: 'What else is known of one site.',
  size: 128,
  fields: [
    { name: 'site', type: 'u32', doc: 'Number of the site in this process' },
    { name: 'reserved', type: 'u32', doc: 'Zero' },
    {
      name: 'swallowed',
      type: 'u64',
      doc: 'Executions that ended normally although an operation directly inside raised',
    },
    { name: 'suspended', type: 'u64', doc: 'Executions of an await that were suspended' },
    { name: 'suspensions', type: 'u64', doc: 'Times that they were' },
    { name: 'suspended_ticks', type: 'u64', unit: 'ticks', doc: 'Time that they were' },
    { name: 'off_count', type: 'u64', doc: 'Executions that were off the CPU' },
    { name: 'off_most', type: 'u64', unit: 'ns', doc: 'Time that they were, at most' },
    { name: 'off_least', type: 'u64', unit: 'ns', doc: 'Time that they were, for certain' },
    {
      name: 'off_gil',
      type: 'u64',
      unit: 'ns',
      doc: 'Part of it in which other threads of the process ran, at most',
    },
  ],
};
