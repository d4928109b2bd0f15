import { type Field, RECORD_HEAD, type Struct } from './struct.ts';

/** The header's `gate`: how it is decided whether operations of sampled code are timed. */
export const GATES = {
  /** There is no sampled code. */
  NONE: 0,
  /** By windows. */
  WINDOWS: 1,
  /** All of them, for tests. */
  OPEN: 2,
  /** None of them, for tests. */
  SHUT: 3,
  /** By a coin, for tests. */
  RANDOM: 4,
} as const;

/** What the header says of sampling. */
export const SAMPLING_FIELDS: readonly Field[] = [
  {
    name: 'window_counted',
    type: 'f64',
    offset: 328,
    doc: 'Sum of passages of gates in first parts of windows, each with the weight of what the window stands for',
  },
  { name: 'window_passed', type: 'f64', doc: 'The same of second parts' },
  {
    name: 'gates_cost_ns',
    type: 'f64',
    unit: 'ns',
    doc: 'Of `sampling_cost_ns`, what gates cost that were shut. So they are in the program’s time in windows, too',
  },
  {
    name: 'window_asked',
    type: 'f64',
    unit: 'ns',
    doc: 'What asking gates is taken to cost in first parts of windows, each with the weight of what the window stands for',
  },
  { name: 'sampling_budget', type: 'f64', offset: 384, doc: 'Part of the time that sampling may cost' },
  { name: 'windows', type: 'u64', doc: 'Windows that are over' },
  { name: 'window_sum', type: 'f64', doc: 'Sum of the time that each window stands for', unit: 'ns' },
  { name: 'window_squares', type: 'f64', doc: 'Sum of its squares, of each as passages of gates correct it' },
  { name: 'window_ns', type: 'f64', unit: 'ns', doc: 'CPU time in windows, without what sampling cost' },
  {
    name: 'sampled_cpu_ns',
    type: 'f64',
    unit: 'ns',
    doc: 'CPU time of the process since sampling began, up to the latest window or the end',
  },
  { name: 'sampling_cost_ns', type: 'f64', unit: 'ns', doc: 'What sampling cost of it' },
  { name: 'gate', type: 'u32', doc: 'PROFILE_GATE_*: how it is decided what is timed' },
  {
    name: 'control',
    type: 'u32',
    doc: 'What another process asks for; written by others only',
  },
];

/** WINDOWS: head, then `site_count` entries, in the order of the SITES record. */
export const WINDOWS: Struct = {
  name: 'profile_windows',
  doc: 'WINDOWS record: then site_count sums of sampled sites.',
  size: 64,
  fields: [
    RECORD_HEAD,
    {
      name: 'sites',
      type: 'u64',
      unit: 'file offset',
      doc: 'The SITES record of the same sites, from the start of this profile',
    },
    { name: 'site_count', type: 'u32', doc: 'Number of sites' },
  ],
};

/**
 * What a site's counters came to, window by window. `y` is what a window saw, times the time that the window stands for
 * divided by its length; `x` is that time.
 */
export const WINDOW_SITE: Struct = {
  name: 'profile_window_site',
  doc: 'Sums over windows: y is what one saw, times what it stands for divided by its length; x is what it stands for (ns).',
  size: 128,
  fields: [
    { name: 'windows', type: 'u64', doc: 'Windows in which the site ran' },
    { name: 'seen_count', type: 'u64', doc: 'Its count when the latest of them was added' },
    { name: 'seen_total', type: 'i64', unit: 'ticks', doc: 'Its total then' },
    { name: 'seen_self', type: 'i64', unit: 'ticks', doc: 'Its self then, less orphans' },
    {
      name: 'orphans',
      type: 'i64',
      unit: 'ticks',
      doc: 'Inclusive durations of operations directly inside executions that were not timed',
    },
    { name: 'count_sum', type: 'f64', doc: 'Sum of y of count' },
    { name: 'count_squares', type: 'f64', doc: 'Sum of y²' },
    { name: 'count_products', type: 'f64', doc: 'Sum of x · y' },
    { name: 'total_sum', type: 'f64', unit: 'ticks', doc: 'The same of total' },
    { name: 'total_squares', type: 'f64', doc: 'Sum of y²' },
    { name: 'total_products', type: 'f64', doc: 'Sum of x · y' },
    { name: 'self_sum', type: 'f64', unit: 'ticks', doc: 'The same of self' },
    { name: 'self_squares', type: 'f64', doc: 'Sum of y²' },
    { name: 'self_products', type: 'f64', doc: 'Sum of x · y' },
    { name: 'open_sum', type: 'f64', unit: 'ns', doc: 'Sum of x of windows that began within the site' },
    { name: 'open_squares', type: 'f64', doc: 'Sum of x² of them' },
  ],
};
