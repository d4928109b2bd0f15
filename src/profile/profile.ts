import type { Histogram } from './histogram.ts';
import type { VariantHow } from './variants.ts';

/** What a number of executions took. Times are nanoseconds, the probes' cost taken out. */
export interface Counters {
  /** Executions that ended, raised ones included. */
  readonly count: number;
  /** Executions that ended by an exception. */
  readonly raised: number;
  /** Inclusive time of the outermost activations: recursion counts once. Not less than `selfNs`. */
  readonly totalNs: number;
  /** Time without the measured operations inside. */
  readonly selfNs: number;
  /** Null when no execution ended. */
  readonly minNs: number | null;
  readonly maxNs: number | null;
  readonly p50Ns: number | null;
  readonly p90Ns: number | null;
  readonly p99Ns: number | null;
  /** Inclusive durations of all executions. */
  readonly histogram: Histogram;
}

/** The executions of a site that ran on the same types, found an attribute the same way, or called the same. */
export interface VariantStats extends Counters {
  readonly how: VariantHow;
  /** Type of the operand, of the first of two; null where a call is told apart by `callee`. */
  readonly type: string | null;
  /** Type of the second operand. */
  readonly otherType: string | null;
  /** What is called: a function or class; of other objects their type. */
  readonly callee: string | null;
  /** Whether they dropped the last reference to an object; null where that is not known, or not asked. */
  readonly frees: boolean | null;
  /** Its type, where it is known. */
  readonly freed: string | null;
}

/** An estimate, and where the true value lies with a confidence of 95 %. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** An estimate with its standard error. */
export interface EstimatedValue extends Interval {
  /** Those of independent processes add up as squares. */
  readonly error: number;
}

/** What all executions of a site come to, estimated from those that were timed in windows. */
export interface Estimate {
  /** Windows in which the site was executed: the independent observations. 0: the intervals say how much there can be. */
  readonly bursts: number;
  readonly count: EstimatedValue;
  readonly totalNs: EstimatedValue;
  readonly selfNs: EstimatedValue;
  /** Percentiles; null where nothing was timed. */
  readonly p50Ns: EstimatedValue | null;
  readonly p90Ns: EstimatedValue | null;
  readonly p99Ns: EstimatedValue | null;
}

/** How often and how long executions of an await were suspended. */
export interface Suspensions {
  /** Executions that were suspended at least once; the others went through at once. */
  readonly count: number;
  /** Suspensions of all executions: at least one for each that was suspended. */
  readonly times: number;
  /** Time suspended; the rest of the await is work of what it awaits. */
  readonly totalNs: number;
}

/**
 * Time that executions spent off the CPU, not counting the measured operations inside: waiting for the GIL, blocked, or
 * with the CPU given to others. From the thread's CPU clock, which is read at most every few dozen microseconds; so
 * there are bounds: the true value lies from `leastNs` to `totalNs`.
 */
export interface OffCpu {
  /** Executions that were off the CPU for a time worth telling. */
  readonly count: number;
  /** At most. */
  readonly totalNs: number;
  /** For certain. */
  readonly leastNs: number;
  /** The part that may have been for the GIL, at most: other threads of the process ran meanwhile. */
  readonly gilNs: number;
}

/** Statistics of one operation at one place of the source. */
export interface SiteStats extends Counters {
  /** Absolute path, from `co_filename` and the folder in which the process began. */
  readonly file: string;
  /** `co_qualname` of the code object; the plain name where the version has none. */
  readonly function: string;
  /** 1-based; null where the instruction has none. */
  readonly line: number | null;
  readonly endLine: number | null;
  /** As in `co_positions()`: 0-based, in UTF-8 bytes; null where the version has none. */
  readonly column: number | null;
  readonly endColumn: number | null;
  /** The version's own name of the opcode. */
  readonly opcode: string;
  /** What the operand names, or null. */
  readonly name: string | null;
  /** `await`: the time spans suspensions. */
  readonly kind: 'operation' | 'await';
  /** Executions that ended normally although a measured operation directly inside raised: what it raised was swallowed. */
  readonly swallowed: number;
  /** Of awaits, where suspensions were recorded. */
  readonly suspensions: Suspensions | null;
  /** Null where no execution was seen off the CPU. */
  readonly offCpu: OffCpu | null;
  /** Of sampled profiles, whose counters hold the timed executions only; null where every execution was timed. */
  readonly estimate: Estimate | null;
  /** By what the operation ran on, where operands were looked at; the most frequent first. Others may be missing. */
  readonly variants: readonly VariantStats[];
  /** Id of the site table and number in it: with `file`, the identity of the site across processes. */
  readonly table: string;
  readonly position: number;
}

/** Garbage collections of one generation that struck in the same operation. Their time is in no operation. */
export interface CollectionStats {
  /** 0 to 2, the oldest. */
  readonly generation: number;
  /** Index in {@link Profile.sites} of the innermost operation that was open; null for none. */
  readonly site: number | null;
  readonly count: number;
  /** Objects freed. */
  readonly collected: number;
  readonly totalNs: number;
  readonly maxNs: number;
}

/**
 * An operation in the chain of operations that were open around it; or, at a root, a thread or a task. The counts of a
 * site's contexts add up to the site's. Recursion is folded: an operation that is in the chain already is that context.
 * So the times inside a context can add up to more than its own `totalNs`; to draw a tree, add up `selfNs`.
 */
export interface ContextStats {
  /** Index in {@link Profile.contexts} of what is around it, always a smaller one; -1 for roots. */
  readonly parent: number;
  /** Index in {@link Profile.sites}; -1 for roots. */
  readonly site: number;
  /** Name of the thread, or `task` and that of the task; `others` where the tree had no room; null for operations. */
  readonly label: string | null;
  readonly count: number;
  readonly raised: number;
  /** Inclusive time of the outermost activations: recursion counts once. Not less than `selfNs`. */
  readonly totalNs: number;
  readonly selfNs: number;
}

/** How a sampled run was sampled. */
export interface Sampling {
  /** Part of the program's time that sampling was allowed to cost, e.g. 0.03. */
  readonly budget: number;
  /** Part that it did cost, as measured in this run. */
  readonly overhead: number;
  /** Windows: times in which everything that passed a gate was timed. */
  readonly bursts: number;
  /** CPU time of the program itself while it was sampled, nanoseconds. */
  readonly cpuNs: number;
  /** The part of it that lay in windows. */
  readonly insideNs: number;
}

/** A process that left a profile. */
export interface ProcessInfo {
  readonly pid: number;
  readonly parentPid: number;
  /** e.g. `3.12.1`. */
  readonly python: string;
  /** The command line, as far as the process knew it. */
  readonly command: readonly string[];
  readonly executable: string;
  readonly cwd: string;
  readonly host: string;
  /** Unix time, nanoseconds. */
  readonly startUnixNs: number;
  /** Up to its end; of a process that was killed: up to the last thing that it recorded. */
  readonly durationNs: number;
  /** Part of it in which recording was switched off, nanoseconds. */
  readonly offNs: number;
  readonly threads: number;
  /** False when the process was killed, crashed or left through `os._exit`. */
  readonly finished: boolean;
  /** Recorded by Python code instead of C: times are coarse. */
  readonly coarse: boolean;
}

/** Counted losses; all zero in a complete profile. */
export interface Losses {
  readonly [what: string]: number;
  /** Operations that began and whose end was never seen. */
  readonly spans: number;
  /** Ends without a begin. */
  readonly ends: number;
  /** Awaits that began and were dropped. */
  readonly abandonedAwaits: number;
  /** Site tables that did not fit their code: those modules ran as the originals. */
  readonly refusedTables: number;
  /** Sites without counters because the file could not grow. */
  readonly unrecordedSites: number;
  /** Durations missing in percentiles because the file could not grow. */
  readonly unrecordedDurations: number;
  /** Operations missing in the tree of contexts because the file could not grow. */
  readonly unrecordedContexts: number;
}

/** What one process or several recorded. */
export interface Profile {
  /** Version of the Python that ran; several, joined by `, `. */
  readonly python: string;
  readonly clock: {
    /** `tsc`, `cntvct`, `monotonic` or `perf_counter`; `mixed` when processes differ. */
    readonly source: string;
    /** Of the first process. */
    readonly ticksPerSecond: number;
  };
  /** Cost of the probes, the worst of all processes; of looks and of the excess the sum. */
  readonly probe: {
    /** What a begin and end pair costs its surroundings. */
    readonly pairNs: number;
    /** Durations up to this one cannot be told from zero. */
    readonly floorNs: number;
    /** Half of what `pairNs` differs by, between operations or between rounds of the calibration. */
    readonly spreadNs: number;
    /** What the probes add to a duration itself, before the correction. */
    readonly innerNs: number;
    /** What looking at operands cost, in all; 0 without `--types`. */
    readonly looksNs: number;
    /** By how much too much was taken off, at least: what self times came out below zero, which are shown as 0. */
    readonly excessNs: number;
  };
  readonly processes: readonly ProcessInfo[];
  /** From the first process's start to the last one's end. */
  readonly durationNs: number;
  readonly lost: Losses;
  /** What was wrong with the file, one sentence each; empty for a sound one. */
  readonly notes: readonly string[];
  /** Garbage collections; empty where they were not recorded. */
  readonly collections: readonly CollectionStats[];
  /** The tree of calling contexts; empty without `--callers`. */
  readonly contexts: readonly ContextStats[];
  /** Null where every execution was timed. */
  readonly sampling: Sampling | null;
  /** Each operation at its place, executed or not. */
  readonly sites: readonly SiteStats[];
}
