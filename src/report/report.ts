import type { Taxes } from '../findings/categories.ts';
import type { Finding } from '../findings/finding.ts';
import type { Counters, Profile, SiteStats, VariantStats } from '../profile/profile.ts';

export type { ProcessInfo as ReportProcess } from '../profile/profile.ts';

/** Version of the JSON interface; its second part grows when a field changes its meaning or goes away. */
export const REPORT_SCHEMA = 'pyrewrite-report/1';

/** One measured operation at its place: what a profile has of it, without the histogram and the identity of its table. */
export interface ReportSite extends Omit<SiteStats, 'histogram' | 'table' | 'position' | 'variants'> {
  readonly variants: readonly ReportVariant[];
}

/** What a number of executions took, without the histogram. */
export type ReportCounters = Omit<Counters, 'histogram'>;

/** The executions of a site that had the same operands; see `--types`. */
export type ReportVariant = Omit<VariantStats, 'histogram'>;

/** Something that was asked for and left as it was. */
export interface SkippedOperation {
  readonly opcode: string;
  readonly file: string;
  readonly function: string;
  readonly line: number | null;
  readonly reason: string;
}

/** A file that was asked for and left as it was. */
export interface SkippedFile {
  readonly file: string;
  readonly reason: string;
}

/** What the numbers of a report do not cover. */
export interface NotMeasured {
  readonly files: readonly SkippedFile[];
  readonly operations: readonly SkippedOperation[];
}

/** The object that `pyrewrite report --json` prints; described in docs/reference/report-json.md. */
export interface Report extends Omit<Profile, 'sites'>, Taxes {
  readonly schema: typeof REPORT_SCHEMA;
  readonly notMeasured: NotMeasured;
  /** What could be faster, the largest gain first. */
  readonly findings: readonly Finding[];
  /** Each operation at its place, executed or not. */
  readonly sites: readonly ReportSite[];
}
