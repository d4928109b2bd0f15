import { type Family, familyOf } from '../opcodes/families.ts';
import type { Profile, SiteStats, VariantStats } from '../profile/profile.ts';
import type { VariantHow } from '../profile/variants.ts';

/** Where the time of a run can go. */
export const CATEGORY_IDS = [
  'attribute',
  'property',
  'call',
  'native',
  'arithmetic',
  'comparison',
  'containment',
  'subscript',
  'iteration',
  'building',
  'global',
  'import',
  'exception',
  'context',
  'dealloc',
  'other',
  'gc',
  'gil',
  'off-cpu',
  'await',
  'probes',
  'unmeasured',
] as const;

/** One of {@link CATEGORY_IDS}. */
export type CategoryId = (typeof CATEGORY_IDS)[number];

/** Time of one kind of work. */
export interface Category {
  readonly id: CategoryId;
  /** In one or two words. */
  readonly label: string;
  /** What it holds, in a sentence. */
  readonly about: string;
  /** Nanoseconds, each in one category only. */
  readonly ns: number;
  /** The true value lies within this many nanoseconds of `ns`, as far as the probes' own cost is known. */
  readonly uncertaintyNs: number;
  /** Executions, collections; 0 where there is nothing to count. */
  readonly count: number;
}

/** Objects of one type that operations freed. */
export interface FreedType {
  /** `module.qualname`, without the module for builtins; null where it is not known. */
  readonly type: string | null;
  readonly count: number;
  /** Nanoseconds that these operations took, a part of their categories; what an object alone held is freed within. */
  readonly ns: number;
}

/** The time of all processes, divided. */
export interface Taxes {
  /** What all categories add up to. */
  readonly wholeNs: number;
  /** The largest first, without empty ones; `probes` and `unmeasured` come last. */
  readonly categories: readonly Category[];
  /** Waiting in `await`, during which other code ran: in no category and not a part of `wholeNs`. */
  readonly waitingNs: number;
  /** What stores, deletions and dropped values freed, where that is known (`--types`); what took longest first. */
  readonly freed: readonly FreedType[];
}

const WORDS: Readonly<Record<CategoryId, readonly [label: string, about: string]>> = {
  attribute: ['attributes', 'attribute lookups and stores that run no Python code'],
  property: [
    'properties',
    'properties, other descriptors and __getattr__, without the measured operations in them',
  ],
  call: ['calls', 'calls in Python, with the instructions in them that have no probe'],
  native: ['C calls', 'calls that cross into C, with the work done there'],
  arithmetic: ['arithmetic', 'operators, in place or not; string concatenation'],
  comparison: ['comparison', 'comparisons and truth tests'],
  containment: ['containment', 'in and not in'],
  subscript: ['subscripts', 'x[k]: loads, stores, slices'],
  iteration: ['iteration', 'making iterators, each step of a loop, unpacking'],
  building: ['building', 'making tuples, lists, dicts, functions and strings'],
  global: ['names', 'globals, builtins and other names looked up in dictionaries'],
  import: ['import', 'import statements'],
  exception: ['exceptions', 'raising and matching exceptions, lookups that fail'],
  context: ['with', 'entering and leaving context managers'],
  dealloc: ['freeing', 'what drops the last reference to an object: stores, deletions, dropped values'],
  other: ['other', 'other measured operations'],
  gc: ['GC', 'the cyclic garbage collector'],
  gil: ['GIL', 'waiting for the GIL while other threads ran, at most'],
  'off-cpu': ['off CPU', 'waiting for input, sleeping, or put aside by the system'],
  await: ['await', 'the work in awaits beside the measured operations in them'],
  probes: ['probes', 'what measuring itself cost; not in any other number'],
  unmeasured: ['unmeasured', 'the rest: code without probes, starting up, ending'],
};

const OF_FAMILY: Readonly<Record<Family, CategoryId>> = {
  attr: 'attribute',
  call: 'call',
  arith: 'arithmetic',
  compare: 'comparison',
  contains: 'containment',
  subscript: 'subscript',
  iter: 'iteration',
  global: 'global',
  import: 'import',
  build: 'building',
  await: 'await',
  raise: 'exception',
  with: 'context',
  store: 'dealloc',
  other: 'other',
};

const OF_HOW: Readonly<Partial<Record<VariantHow, CategoryId>>> = {
  property: 'property',
  descriptor: 'property',
  __getattr__: 'property',
  __getattribute__: 'property',
  __setattr__: 'property',
  missing: 'exception',
  kept: 'other',
  unset: 'other',
  'C function': 'native',
  'C method': 'native',
};

/** Label of a category, in one or two words. */
export function categoryLabel(id: CategoryId): string {
  return WORDS[id][0];
}

/** What a category holds, in a sentence. */
export function categoryAbout(id: CategoryId): string {
  return WORDS[id][1];
}

/**
 * The category of an operation, of the executions of one kind where it is given.
 * Without `--types` a property is an attribute and a call into C a call: nobody looked.
 */
export function categoryOf(
  site: Pick<SiteStats, 'opcode' | 'name' | 'kind'>,
  variant?: Pick<VariantStats, 'how' | 'callee' | 'frees'>,
): CategoryId {
  if (site.kind === 'await') return 'await';
  if (variant !== undefined && isBuiltinType(variant)) return 'native';
  if (variant?.frees === true) return 'dealloc';
  return (variant && OF_HOW[variant.how]) ?? OF_FAMILY[familyOf(site.opcode, site.name)];
}

/** Names of builtins have no module; `int('5')` crosses into C as `len(x)` does. */
function isBuiltinType({ how, callee }: Pick<VariantStats, 'how' | 'callee'>): boolean {
  return how === 'new object' && callee !== null && !callee.includes('.');
}

/** Time of all processes together: what shares are parts of. */
export function processTime(profile: Pick<Profile, 'processes' | 'durationNs'>): number {
  const sum = profile.processes.reduce((total, process) => total + process.durationNs, 0);
  return sum > 0 ? sum : profile.durationNs;
}
