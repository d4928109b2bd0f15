import type { SourceLines } from '../findings/finding.ts';
import { findFindings } from '../findings/findings.ts';
import { divideTime } from '../findings/taxes.ts';
import type { Counters, Profile, SiteStats } from '../profile/profile.ts';
import {
  type NotMeasured,
  REPORT_SCHEMA,
  type Report,
  type ReportCounters,
  type ReportSite,
} from './report.ts';

const EVERYTHING_MEASURED: NotMeasured = { files: [], operations: [] };

/**
 * The profile as the object that `pyrewrite report --json` prints.
 * @param notMeasured what was asked for and not instrumented, when the caller knows
 * @param source lines of the program's files, which some findings ask for
 */
export function toJson(
  profile: Profile,
  notMeasured: NotMeasured = EVERYTHING_MEASURED,
  source?: SourceLines,
): Report {
  const { python, clock, probe, processes, durationNs, lost, notes, sites, sampling, contexts } = profile;
  return {
    schema: REPORT_SCHEMA,
    python,
    clock,
    probe,
    processes,
    durationNs,
    lost,
    notes,
    notMeasured,
    sampling,
    collections: profile.collections,
    contexts,
    ...divideTime(profile),
    findings: findFindings(profile, source),
    sites: sites.map(toReportSite),
  };
}

/** Field by field: what a profile's site may have besides is no part of the interface. */
export function toReportSite(site: SiteStats): ReportSite {
  return {
    file: site.file,
    function: site.function,
    line: site.line,
    endLine: site.endLine,
    column: site.column,
    endColumn: site.endColumn,
    opcode: site.opcode,
    name: site.name,
    kind: site.kind,
    swallowed: site.swallowed,
    ...toReportCounters(site),
    suspensions: site.suspensions,
    offCpu: site.offCpu,
    estimate: site.estimate,
    variants: site.variants.map(({ how, type, otherType, callee, frees, freed, ...counters }) => ({
      how,
      type,
      otherType,
      callee,
      frees,
      freed,
      ...toReportCounters(counters),
    })),
  };
}

function toReportCounters(counters: Counters): ReportCounters {
  const { count, raised, totalNs, selfNs, minNs, maxNs, p50Ns, p90Ns, p99Ns } = counters;
  return { count, raised, totalNs, selfNs, minNs, maxNs, p50Ns, p90Ns, p99Ns };
}
