/** What is counted, in the order in which limits are told: exact ones first. */
export const COUNT_METRICS = ['count', 'raised'] as const;
/** What is timed, nanoseconds. */
export const TIME_METRICS = ['p50', 'p99', 'max', 'self', 'total'] as const;

/** What a limit can be about. */
export type Metric = (typeof COUNT_METRICS)[number] | (typeof TIME_METRICS)[number];

/** Whether a metric is a time. */
export function isTime(metric: Metric): boolean {
  return TIME_METRICS.some((time) => time === metric);
}

/** The most that is allowed of something. */
export interface Limit {
  readonly metric: Metric;
  /** Executions or nanoseconds. */
  readonly most: number;
}

/** Which operations a budget is about, and what they may take together. What is null or absent is not asked for. */
export interface Budget {
  readonly label: string | null;
  /** Glob on the path of the source, matched from its end: `app/*.py` fits `/srv/app/main.py`. */
  readonly file: string | null;
  /** Glob on the qualified name. */
  readonly function: string | null;
  /** Opcodes and groups, as `--opcodes` takes them. */
  readonly opcodes: readonly string[] | null;
  /** Glob on what the operand names; empty for operations whose operand names nothing. */
  readonly name: string | null;
  readonly line: number | null;
  /** Only executions that found their attribute so, or called such a thing; of profiles with `--types`. */
  readonly how: string | null;
  /** Whether it may fit no site, and need not have been executed. */
  readonly optional: boolean;
  readonly limits: readonly Limit[];
  /** Line of the budget file; 1-based. */
  readonly at: number;
}

/** What a budget is called in messages. */
export function budgetName(budget: Budget): string {
  const { label, file, function: name, opcodes, line, how } = budget;
  if (label !== null) return label;
  const place = [file === null ? '' : `${file}${line === null ? '' : `:${line}`}`, name ?? ''];
  const parts = [...place, opcodes?.join(',') ?? '', budget.name ?? '', how ?? ''].filter(
    (part) => part !== '',
  );
  return parts.length === 0 ? 'everything' : parts.join(' ');
}
