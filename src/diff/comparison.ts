import type { Interval, SiteStats } from '../profile/profile.ts';
import type { FileMatch } from './files.ts';
import type { FunctionMatch } from './match.ts';

/** Where a site stands on one side. */
export type Place = Pick<SiteStats, 'file' | 'function' | 'line' | 'endLine' | 'column' | 'endColumn'>;

/** Counts of one side: the same in all runs, or from the least to the most. */
export interface CountRange {
  readonly least: number;
  readonly most: number;
  /** Mean of the runs. */
  readonly mean: number;
}

/**
 * What became of a count. `varies`: it differs between the runs of one side as much as between the sides.
 * Counts of sampled runs are estimates; those of others are exact, and so is the comparison.
 */
export interface CountChange {
  readonly a: CountRange;
  readonly b: CountRange;
  readonly exact: boolean;
  readonly verdict: 'same' | 'more' | 'fewer' | 'varies';
}

/**
 * What became of a time. `same`: no change, to within what counts as one. `unclear`: a change is neither seen nor excluded.
 * `unknown`: nothing can be said; a single run does not tell how much runs differ, or nothing was executed.
 */
export type TimeVerdict = 'same' | 'slower' | 'faster' | 'unclear' | 'unknown';

/** A time of both sides. */
export interface TimeChange {
  /** Nanoseconds, mean of the runs; null where nothing was executed. */
  readonly a: number | null;
  readonly b: number | null;
  /** `b / a`, and where it lies with a confidence of 95 %; null where that cannot be said. */
  readonly ratio: Interval | null;
  /** Probability of such a difference by chance alone; null where there was no test. */
  readonly p: number | null;
  /** Part of chance to expect among all changes that are as clear or clearer; the verdict is by this. */
  readonly q: number | null;
  readonly verdict: TimeVerdict;
}

/** One operation, on both sides or one. */
export interface ComparedSite {
  readonly opcode: string;
  readonly name: string | null;
  readonly kind: SiteStats['kind'];
  /** Null where the site is on the other side only. */
  readonly a: Place | null;
  readonly b: Place | null;
  readonly count: CountChange;
  readonly raised: CountChange;
  /** Sum of a run, without the measured operations inside. */
  readonly self: TimeChange;
  /** Sum of a run. */
  readonly total: TimeChange;
  /** Of a single execution. */
  readonly p50: TimeChange;
  readonly p99: TimeChange;
  /** Whether something changed: a count, or a time as far as it was tested; or the site is new or gone. */
  readonly verdict: 'same' | 'changed' | 'unclear' | 'new' | 'gone' | 'idle';
}

/** One side of a comparison. */
export interface ComparedSide {
  readonly runs: number;
  /** Sites, executed or not. */
  readonly sites: number;
  readonly processes: number;
  /** Versions of Python, joined by `, `. */
  readonly python: string;
  /** Operations executed, mean of the runs. */
  readonly operations: number;
  /** Nanoseconds: floor and duration, the worst and the mean of the runs. */
  readonly floorNs: number;
  readonly durationNs: number;
}

/** Two runs or sets of runs, site by site. */
export interface Comparison {
  readonly a: ComparedSide;
  readonly b: ComparedSide;
  /**
   * `runs`: times are judged by how much the runs of a side differ. `sites`: there is one run on a side, and medians are judged
   * by how much those of all sites differ.
   */
  readonly basis: 'runs' | 'sites';
  /** Smallest relative change of a time that counts as one, e.g. 0.05. */
  readonly threshold: number;
  /** All sites that are on both sides together: their self time. */
  readonly self: TimeChange;
  /** What the comparison cannot tell, one sentence each. */
  readonly notes: readonly string[];
  readonly files: readonly FileMatch[];
  readonly functions: readonly FunctionMatch[];
  /** In no particular order. */
  readonly sites: readonly ComparedSite[];
}
