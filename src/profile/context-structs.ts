import { RECORD_HEAD, type Struct } from './struct.ts';

/** What a context is: `kind` of each. */
export const CONTEXT_KINDS = {
  /** An operation, in the chain of operations around it. */
  OPERATION: 0,
  /** A thread. */
  THREAD: 1,
  /** A task of asyncio. */
  TASK: 2,
  /** Around the operations whose contexts found no room. */
  OTHERS: 3,
} as const;

/** CONTEXTS: head, then `capacity` contexts. */
export const CONTEXTS: Struct = {
  name: 'profile_contexts',
  doc: 'CONTEXTS record: then capacity contexts. They count from 1, over all records in order.',
  size: 64,
  fields: [
    RECORD_HEAD,
    { name: 'capacity', type: 'u32', doc: 'Contexts in this record' },
    { name: 'taken', type: 'u32', doc: 'Contexts used' },
  ],
};

/** A node of the tree of calling contexts. */
export const CONTEXT: Struct = {
  name: 'profile_context',
  doc: 'The executions of a site with the same chain of operations around them; or a root of the tree.',
  size: 64,
  fields: [
    { name: 'parent', type: 'u32', doc: 'Number of the context around it, always a smaller one; 0 = none' },
    { name: 'site', type: 'u32', doc: 'Number of the site in this process; PROFILE_NO_SITE for roots' },
    { name: 'kind', type: 'u32', doc: 'PROFILE_CONTEXT_*' },
    { name: 'label', type: 'u32', doc: 'Name of the thread or task; 0 = none, or of all others' },
    { name: 'count', type: 'u64', doc: 'Executions that ended, raised ones included' },
    { name: 'raised', type: 'u64', doc: 'Executions that ended by an exception' },
    {
      name: 'total',
      type: 'i64',
      unit: 'ticks',
      doc: 'Sum of inclusive durations of the outermost activations (recursion counts once)',
    },
    {
      name: 'self',
      type: 'i64',
      unit: 'ticks',
      doc: 'Sum of durations without the probed operations inside',
    },
  ],
};
