import pc from 'picocolors';
import type { SourceLines } from '../findings/finding.ts';
import type { Profile } from '../profile/profile.ts';
import { formatFindings } from './findings-text.ts';
import { toJson } from './json.ts';
import { formatNotMeasured } from './not-measured.ts';
import type { NotMeasured, Report, ReportSite } from './report.ts';
import { estimated } from './sampled.ts';
import { sortSites } from './sort.ts';
import { markedLine } from './source-lines.ts';
import { type Colors, headerLines, shownLine, siteLines } from './table.ts';
import { formatTaxes } from './taxes-text.ts';

/** How {@link formatScreen} shows a profile. */
export interface ScreenOptions {
  /** Characters on a line; default: as many as the table takes, and 100 for text. */
  readonly width?: number;
  readonly color?: boolean;
  /** Files in this folder are shown relative to it. */
  readonly cwd?: string;
  /** What was asked for and not instrumented, when the caller knows. */
  readonly notMeasured?: NotMeasured;
  /** Lines of the program's files; without them no source is shown. */
  readonly source?: SourceLines;
}

/** Of text that goes to a file or a pipe. */
const TEXT_WIDTH = 100;
const ROWS = 6;
const FULL_FINDINGS = 3;
const SOURCE_INDENT = '      ';

/**
 * The first look at a profile, on about one screen: where the time went, what could be faster, the costliest operations
 * with their source, and what was not measured.
 */
export function formatScreen(profile: Profile, options: ScreenOptions = {}): string {
  return formatReportScreen(toJson(profile, options.notMeasured, options.source), options);
}

/** {@link formatScreen} for a report that is JSON already. */
export function formatReportScreen(report: Report, options: ScreenOptions = {}): string {
  const { width = TEXT_WIDTH, cwd } = options;
  const colors = pc.createColors(options.color ?? false);
  const { bold, dim, green, cyan } = colors;
  const ran = report.sites.filter((site) => site.count > 0);
  const findings = { width, full: FULL_FINDINGS, cwd, bold, dim, gain: green };
  const blocks = [
    headerLines(report, ran, colors, options.width ?? Number.POSITIVE_INFINITY),
    formatTaxes(report, { width, bold, dim, bar: cyan }),
    formatFindings(report, findings),
    ran.length === 0 ? ['no measured operation was executed'] : topSites(report, ran, colors, options),
    formatNotMeasured(report, options.width),
  ];
  const shown = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${shown.join('\n\n')}\n`;
}

function topSites(
  report: Report,
  ran: readonly ReportSite[],
  colors: Colors,
  { width = Number.POSITIVE_INFINITY, cwd, source }: ScreenOptions,
): string[] {
  const rows = sortSites(ran.map(estimated), 'self').slice(0, ROWS);
  const below = (site: ReportSite): string[] =>
    source === undefined ? [] : sourceBelow(source, site, width, colors);
  return [
    colors.bold(shownLine(rows.length, ran.length, 'self')),
    ...siteLines(report, rows, { width, colors, cwd, below }),
  ];
}

function sourceBelow(source: SourceLines, site: ReportSite, width: number, colors: Colors): string[] {
  const marked = markedLine(source, site, width - SOURCE_INDENT.length);
  if (marked === undefined) return [];
  const text = colors.dim(SOURCE_INDENT + marked.text);
  return marked.marks === '' ? [text] : [text, SOURCE_INDENT + colors.yellow(marked.marks)];
}
