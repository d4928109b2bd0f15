import type { Histogram } from './histogram.ts';
import type {
  CollectionStats,
  ContextStats,
  Counters,
  Estimate,
  EstimatedValue,
  OffCpu,
  ProcessInfo,
  Profile,
  Sampling,
  SiteStats,
  Suspensions,
  VariantStats,
} from './profile.ts';
import { VARIANT_HOWS } from './variants.ts';

type Check = (value: unknown) => boolean;

/** A check for each field: one that an interface gets and that is not checked here does not compile. */
type Checks<T> = { readonly [Key in keyof Required<T>]: Check };

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isNumber: Check = (value) => typeof value === 'number' && Number.isFinite(value);
/** What no number of a profile is: negative or endless. */
const isAmount: Check = (value) =>
  typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY;
const isIndex: Check = (value) => Number.isInteger(value) && Number(value) >= -1;

const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);

const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);

const oneOf =
  (...words: readonly string[]): Check =>
  (value) =>
    words.some((word) => word === value);

const fieldsOf =
  <T>(checks: Checks<T>): Check =>
  (value) => {
    if (typeof value !== 'object' || value === null) return false;
    const fields = new Map(Object.entries(value));
    return Object.entries<Check>(checks).every(([key, check]) => check(fields.get(key)));
  };

const isHistogram: Check = (value) => {
  const isShape = fieldsOf<Histogram>({
    values: listOf(isAmount),
    counts: listOf(isAmount),
    stepNs: (step) => step === undefined || isAmount(step),
  });
  if (!isShape(value)) return false;
  const { values, counts } = value as Histogram;
  return values.length === counts.length && values.every((one, i) => i === 0 || values[i - 1] <= one);
};

const COUNTERS: Checks<Counters> = {
  count: isAmount,
  raised: isAmount,
  totalNs: isAmount,
  selfNs: isAmount,
  minNs: orNull(isAmount),
  maxNs: orNull(isAmount),
  p50Ns: orNull(isAmount),
  p90Ns: orNull(isAmount),
  p99Ns: orNull(isAmount),
  histogram: isHistogram,
};

const isInterval = fieldsOf<EstimatedValue>({
  value: isNumber,
  error: isAmount,
  low: isNumber,
  high: isNumber,
});

const isSite = fieldsOf<SiteStats>({
  ...COUNTERS,
  file: isText,
  function: isText,
  line: orNull(isAmount),
  endLine: orNull(isAmount),
  column: orNull(isAmount),
  endColumn: orNull(isAmount),
  opcode: isText,
  name: orNull(isText),
  kind: oneOf('operation', 'await'),
  swallowed: isAmount,
  suspensions: orNull(fieldsOf<Suspensions>({ count: isAmount, times: isAmount, totalNs: isAmount })),
  offCpu: orNull(
    fieldsOf<OffCpu>({ count: isAmount, totalNs: isAmount, leastNs: isAmount, gilNs: isAmount }),
  ),
  estimate: orNull(
    fieldsOf<Estimate>({
      bursts: isAmount,
      count: isInterval,
      totalNs: isInterval,
      selfNs: isInterval,
      p50Ns: orNull(isInterval),
      p90Ns: orNull(isInterval),
      p99Ns: orNull(isInterval),
    }),
  ),
  variants: listOf(
    fieldsOf<VariantStats>({
      ...COUNTERS,
      how: oneOf(...VARIANT_HOWS),
      type: orNull(isText),
      otherType: orNull(isText),
      callee: orNull(isText),
      frees: orNull(isFlag),
      freed: orNull(isText),
    }),
  ),
  table: isText,
  position: isAmount,
});

const isProcess = fieldsOf<ProcessInfo>({
  pid: isAmount,
  parentPid: isAmount,
  python: isText,
  command: listOf(isText),
  executable: isText,
  cwd: isText,
  host: isText,
  startUnixNs: isAmount,
  durationNs: isAmount,
  offNs: isAmount,
  threads: isAmount,
  finished: isFlag,
  coarse: isFlag,
});

const hasFields = fieldsOf<Profile>({
  python: isText,
  clock: fieldsOf<Profile['clock']>({ source: isText, ticksPerSecond: isAmount }),
  probe: fieldsOf<Profile['probe']>({
    pairNs: isAmount,
    floorNs: isAmount,
    spreadNs: isAmount,
    innerNs: isAmount,
    looksNs: isAmount,
    excessNs: isAmount,
  }),
  processes: listOf(isProcess),
  durationNs: isAmount,
  lost: (value) => typeof value === 'object' && value !== null && Object.values(value).every(isAmount),
  notes: listOf(isText),
  collections: listOf(
    fieldsOf<CollectionStats>({
      generation: isAmount,
      site: orNull(isIndex),
      count: isAmount,
      collected: isAmount,
      totalNs: isAmount,
      maxNs: isAmount,
    }),
  ),
  contexts: listOf(
    fieldsOf<ContextStats>({
      parent: isIndex,
      site: isIndex,
      label: orNull(isText),
      count: isAmount,
      raised: isAmount,
      totalNs: isAmount,
      selfNs: isAmount,
    }),
  ),
  sampling: orNull(
    fieldsOf<Sampling>({
      budget: isAmount,
      overhead: isAmount,
      bursts: isAmount,
      cpuNs: isAmount,
      insideNs: isAmount,
    }),
  ),
  sites: listOf(isSite),
});

/** Whether this is a profile, its numbers are possible, and its indices lead to something. */
export function isProfile(value: unknown): value is Profile {
  if (!hasFields(value)) return false;
  const { sites, contexts, collections } = value as Profile;
  return (
    sites.every(({ raised, count }) => raised <= count) &&
    contexts.every(({ parent, site }, i) => parent < i && site < sites.length) &&
    collections.every(({ site }) => site === null || site < sites.length)
  );
}
