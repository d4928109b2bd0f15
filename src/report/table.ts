import pc from 'picocolors';
import { processTime } from '../findings/categories.ts';
import type { Profile } from '../profile/profile.ts';
import { variantLabel } from '../profile/variants.ts';

import { toJson } from './json.ts';
import { formatNotMeasured } from './not-measured.ts';
import { formatPlace } from './place.ts';
import type { NotMeasured, Report, ReportSite } from './report.ts';
import { estimated, formatCertainty, formatSampling } from './sampled.ts';
import { type SortKey, sortSites } from './sort.ts';
import { type Column, formatColumns, wrap, wrapIndented } from './text-table.ts';
import { formatCount, formatDuration, formatMeasured, formatShare, formatUpwards, plural } from './units.ts';

/** How {@link formatTable} shows a profile. */
export interface TableOptions {
  /** Default `self`. */
  readonly sort?: SortKey;
  /** Most rows to show; default 20, 0 for all. */
  readonly limit?: number;
  /** Characters on a line; default: as many as it takes. */
  readonly width?: number;
  readonly color?: boolean;
  /** Files in this folder are shown relative to it. */
  readonly cwd?: string;
  /** What was asked for and not instrumented, when the caller knows. */
  readonly notMeasured?: NotMeasured;
}

/** Painters of one stream. */
export type Colors = ReturnType<typeof pc.createColors>;

const DEFAULT_LIMIT = 20;
const MIN_PLACE = 22;
/** That of a terminal of less than `NARROW` characters. */
const MIN_PLACE_NARROW = 16;
const NARROW = 80;
const MIN_NAME = 8;
const MIN_OPERATION = 10;
const MIN_ON = 12;
/** Columns that a narrow terminal does without, the least telling first; before them `raised`, where it is all zero. */
const LEAVE_OUT = ['total', 'p99', 'share', 'p50', 'on', '± self', '±', 'name', 'count', 'raised'];

/** The profile as a table for a terminal, with its accuracy above and what it does not cover below. */
export function formatTable(profile: Profile, options: TableOptions = {}): string {
  return formatReport(toJson(profile, options.notMeasured), options);
}

/** {@link formatTable} for a report that is JSON already. */
export function formatReport(report: Report, options: TableOptions = {}): string {
  const colors = pc.createColors(options.color ?? false);
  const width = options.width ?? Number.POSITIVE_INFINITY;
  const ran = report.sites.filter((site) => site.count > 0);
  const shown = ran.map(estimated);
  const sorted = sortSites(shown, options.sort ?? 'self');
  const limit = options.limit ?? DEFAULT_LIMIT;
  const rows = limit > 0 ? sorted.slice(0, limit) : sorted;
  const lines = [...headerLines(report, ran, colors, width), ''];
  if (rows.length > 0) {
    lines.push(shownLine(rows.length, ran.length, options.sort ?? 'self'));
    const style = { width, colors, cwd: options.cwd };
    for (const line of siteLines(report, rows, style)) lines.push(line);
  } else {
    lines.push('no measured operation was executed');
  }
  return `${[...lines, ...footerLines(report, width)].join('\n')}\n`;
}

const HEADER_INDENT = 10;

/** What ran, how the clock and the probes behave, and what the probes cost in this run. */
export function headerLines(
  report: Report,
  ran: readonly ReportSite[],
  colors: Colors,
  width: number,
): string[] {
  const { probe, clock } = report;
  const executions = ran.reduce((sum, site) => sum + site.count, 0);
  const cost = executions * probe.pairNs + probe.looksNs - probe.excessNs;
  const looks = probe.looksNs > 0 ? `, ${formatDuration(probe.looksNs)} of it looking at operands` : '';
  const whole = processTime(report);
  const facts: (readonly [string, string])[] = [
    [
      'python',
      `${report.python}, ${plural(report.processes.length, 'process', 'processes')}, ${formatDuration(whole)}`,
    ],
    ['measured', `${plural(executions, 'operation')} at ${plural(ran.length, 'site')}`],
    ...(report.sampling === null ? [] : [['sampled', formatSampling(report.sampling)] as const]),
    [
      'probes',
      `${probe.pairNs.toFixed(1)} ns each (±${probe.spreadNs.toFixed(1)}), ${formatDuration(cost)} in all${looks}, ${formatShare(cost, whole)} of the run; taken out below`,
    ],
    ['floor', `${formatUpwards(probe.floorNs)}: what is shorter cannot be told from zero and is shown as ≤`],
    ['clock', `${clock.source}, ${formatCount(clock.ticksPerSecond / 1e6)} ticks per µs`],
  ];
  return facts.flatMap(([word, text]) => {
    const [first, ...rest] = wrap(text, width - HEADER_INDENT);
    return [
      `${colors.dim(word.padEnd(HEADER_INDENT - 1))} ${first}`,
      ...rest.map((line) => ' '.repeat(HEADER_INDENT) + line),
    ];
  });
}

/** How many of the sites are shown, and in which order. */
export function shownLine(shown: number, all: number, sort: SortKey): string {
  return shown < all
    ? `${formatCount(shown)} of ${plural(all, 'site')}, by ${sort}`
    : `${plural(all, 'site')}, by ${sort}`;
}

/** How {@link siteLines} shows its rows. */
export interface RowStyle {
  readonly width: number;
  readonly colors: Colors;
  readonly cwd: string | undefined;
  /** Lines below a row, e.g. its source. */
  readonly below?: (site: ReportSite) => readonly string[];
}

/** The title line and a line for each site, with what belongs below it; a last one says which columns had no room. */
export function siteLines(report: Report, rows: readonly ReportSite[], style: RowStyle): string[] {
  const { width, colors, cwd, below = () => [] } = style;
  const columns = tableColumns(report, colors, cwd, width < NARROW ? MIN_PLACE_NARROW : MIN_PLACE);
  const expendable = rows.some((site) => site.raised > 0) ? LEAVE_OUT : ['raised', ...LEAVE_OUT];
  const { lines, left } = formatColumns(columns, rows, { width, expendable, paintTitle: colors.bold });
  const all = lines.flatMap((line, i) => (i === 0 ? [line] : [line, ...below(rows[i - 1])]));
  if (left.length === 0) return all;
  return [...all, ...wrapIndented(`${width} characters wide: without ${left.join(', ')}`, width)];
}

function tableColumns(
  report: Report,
  colors: Colors,
  cwd: string | undefined,
  minPlace: number,
): Column<ReportSite>[] {
  const floor = report.probe.floorNs;
  const whole = processTime(report);
  const isSampled = report.sites.some(({ estimate }) => estimate !== null);
  const left = (title: string, minWidth: number, cell: (site: ReportSite) => string): Column<ReportSite> => ({
    title,
    align: 'left',
    minWidth,
    cell,
  });
  const right = (
    title: string,
    cell: (site: ReportSite) => string,
    paint?: (padded: string, site: ReportSite) => string,
  ): Column<ReportSite> => ({ title, align: 'right', cell, paint });
  const dimBound = (padded: string): string => (padded.includes('≤') ? colors.dim(padded) : padded);
  const one = (ns: number | null): string => (ns === null ? '-' : formatMeasured(ns, floor));
  const sum = (ns: number, site: ReportSite): string => formatMeasured(ns, floor * site.count);
  return [
    left('operation', MIN_OPERATION, (site) => site.opcode),
    left('name', MIN_NAME, (site) => site.name ?? ''),
    ...(report.sites.some(({ variants }) => variants.length > 0) ? [left('on', MIN_ON, formatVariants)] : []),
    left('place', minPlace, (site) => formatPlace(site, cwd)),
    right('count', (site) => formatCount(site.count)),
    ...(isSampled ? [right('±', (site) => formatCertainty(site.estimate?.count))] : []),
    right(
      'raised',
      (site) => formatCount(site.raised),
      (padded, site) => (site.raised > 0 ? colors.red(padded) : colors.dim(padded)),
    ),
    right('total', (site) => sum(site.totalNs, site), dimBound),
    right('self', (site) => sum(site.selfNs, site), dimBound),
    ...(isSampled ? [right('± self', (site) => formatCertainty(site.estimate?.selfNs))] : []),
    right('p50', (site) => one(site.p50Ns), dimBound),
    right('p99', (site) => one(site.p99Ns), dimBound),
    right('share', (site) => siteShare(site, floor, whole), dimBound),
  ];
}

/** Part of the processes' time that is the operation's own; none for awaits, during which other code runs. */
function siteShare(site: ReportSite, floor: number, whole: number): string {
  if (site.kind === 'await') return '-';
  const bound = floor * site.count;
  if (site.selfNs > bound) return formatShare(site.selfNs, whole);
  const share = formatShare(bound, whole);
  return share.startsWith('<') ? share : `≤ ${share}`;
}

/** What most executions ran on, their share where there are others, and how many others. */
export function formatVariants({ variants, count }: ReportSite): string {
  const [first] = variants;
  if (first === undefined) return '';
  if (first.count === count) return variantLabel(first);
  const others = variants.length > 1 ? ` and ${variants.length - 1} more` : '';
  return `${variantLabel(first)} ${formatShare(first.count, count)}${others}`;
}

function footerLines(report: Report, width: number): string[] {
  const lines = formatNotMeasured(report, width);
  return lines.length === 0 ? [] : ['', ...lines];
}
