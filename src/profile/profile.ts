import type { Histogram } from './histogram.ts';
import type { VariantHow } from './variants.ts';

/** What a number of executions took. Times are nanoseconds, the probes' cost taken out. */
export interface Counters {
  /** Executions that ended, raised ones included. */
  readonly count: number;
  /** Executions that ended by an exception. */
  readonly raised: number;
  /** Inclusive time of the outermost activations: recursion counts once. */
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
  /** By what the operation ran on, where operands were looked at; the most frequent first. Others may be missing. */
  readonly variants: readonly VariantStats[];
  /** Id of the site table and number in it: with `file`, the identity of the site across processes. */
  readonly table: string;
  readonly position: number;
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
  /** Cost of the probes, the worst of all processes. */
  readonly probe: {
    /** What a begin and end pair costs its surroundings. */
    readonly pairNs: number;
    /** Durations up to this one cannot be told from zero. */
    readonly floorNs: number;
    /** Half of what `pairNs` differs by, between operations or between rounds of the calibration. */
    readonly spreadNs: number;
    /** What the probes add to a duration itself, before the correction. */
    readonly innerNs: number;
  };
  readonly processes: readonly ProcessInfo[];
  /** From the first process's start to the last one's end. */
  readonly durationNs: number;
  readonly lost: Losses;
  /** What was wrong with the file, one sentence each; empty for a sound one. */
  readonly notes: readonly string[];
  /** Each operation at its place, executed or not. */
  readonly sites: readonly SiteStats[];
}
