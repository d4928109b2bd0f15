import type { Field } from './struct.ts';

/** The wish in the two lowest bits of the header's `control`, which other processes write. The other bits count the wishes. */
export const CONTROLS = { NONE: 0, ON: 1, OFF: 2 } as const;

/** Values of `control` that one wish is away from the next. */
export const CONTROL_STEP = 4;

/** What the header says of times in which recording was off. */
export const CONTROL_FIELDS: readonly Field[] = [
  { name: 'obeyed', type: 'u32', offset: 456, doc: 'The value of `control` that was obeyed last' },
  { name: 'switches', type: 'u32', doc: 'Times that recording was switched on or off' },
  { name: 'off_ticks', type: 'u64', unit: 'ticks', doc: 'Time that it was off, up to `off_since`' },
  { name: 'off_since', type: 'u64', unit: 'ticks', doc: 'Clock since when it is off; 0 = it is on' },
];
