import pc from 'picocolors';
import type { SourceLines } from '../findings/finding.ts';
import type { Profile, SiteStats } from '../profile/profile.ts';
import { variantLabel } from '../profile/variants.ts';
import { markedPart } from './source-lines.ts';
import { cutEnd, printable } from './text-table.ts';
import { formatCount, formatDuration, formatMeasured } from './units.ts';

/** How {@link formatAnnotated} shows a file. */
export interface AnnotateOptions {
  readonly color?: boolean;
  /** Characters on a line; default: as many as it takes. */
  readonly width?: number;
  /** Show each measured operation below its line. */
  readonly operations?: boolean;
  /** Only lines with measured operations. */
  readonly measuredOnly?: boolean;
}

/** A line of a source file with what was measured in it. */
export interface AnnotatedLine {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
  /** Executions of the operation that was executed most often; null where nothing was measured. */
  readonly hits: number | null;
  /** Inclusive time of its operations; those of a comprehension are a part of the operation that runs it. */
  readonly timeNs: number;
  /** Part of the time of all lines of its function; 0 where nothing was measured. */
  readonly part: number;
  /** Its operations, by place. */
  readonly sites: readonly SiteStats[];
}

const TITLE = 'Line #      Hits       Time    Per Hit  % Time  Line Contents';
const CONTENTS = TITLE.indexOf('Line Contents');

/** Each line of a source file with the operations that begin in it. */
export function annotateLines(profile: Profile, file: string, lines: readonly string[]): AnnotatedLine[] {
  const byLine = new Map<number, SiteStats[]>();
  for (const site of profile.sites) {
    if (site.file !== file || site.count === 0 || site.line === null) continue;
    const sites = byLine.get(site.line);
    if (sites === undefined) byLine.set(site.line, [site]);
    else sites.push(site);
  }
  const times = new Map<string, number>();
  for (const sites of byLine.values()) {
    const owner = ownerOf(sites);
    times.set(owner, (times.get(owner) ?? 0) + timeOf(sites));
  }
  return lines.map((text, i) => {
    const sites = (byLine.get(i + 1) ?? []).toSorted((a, b) => (a.column ?? 0) - (b.column ?? 0));
    const timeNs = timeOf(sites);
    const whole = times.get(ownerOf(sites)) ?? 0;
    const hits = sites.length === 0 ? null : sites.reduce((most, { count }) => Math.max(most, count), 0);
    return { line: i + 1, text, hits, timeNs, part: whole > 0 ? timeNs / whole : 0, sites };
  });
}

/** The function of a line: of the functions in it the outermost, which runs the others. */
function ownerOf(sites: readonly SiteStats[]): string {
  return (
    sites.reduce<string | undefined>(
      (owner, { function: name }) => (owner === undefined || name.length < owner.length ? name : owner),
      undefined,
    ) ?? ''
  );
}

function timeOf(sites: readonly SiteStats[]): number {
  const owner = ownerOf(sites);
  return sites.reduce((sum, site) => sum + (site.function === owner ? site.totalNs : 0), 0);
}

/** A source file in the layout of line_profiler, with counts and times; see {@link annotateLines}. */
export function formatAnnotated(
  profile: Profile,
  file: string,
  source: SourceLines,
  options: AnnotateOptions = {},
): string {
  const colors = pc.createColors(options.color ?? false);
  const width = options.width ?? Number.POSITIVE_INFINITY;
  const lines = annotateLines(profile, file, source(file) ?? []);
  const whole = lines.reduce((sum, { timeNs }) => sum + timeNs, 0);
  const shown = lines.filter(
    ({ hits, line }) => hits !== null || (!options.measuredOnly && line < lastLine(lines)),
  );
  const floor = profile.probe.floorNs;
  const body = shown.flatMap((one) => [
    lineText(one, floor, width, colors),
    ...(options.operations ? one.sites.map((site) => operationText(one, site, floor, width, colors)) : []),
  ]);
  const head = [
    `File: ${printable(file)}`,
    `Total time: ${formatDuration(whole)} in measured operations, with what they called`,
    '',
    colors.bold(TITLE),
    '='.repeat(Math.min(width, TITLE.length)),
  ];
  return `${[...head, ...body].join('\n')}\n`;
}

/** An empty last line is what follows the last line break. */
function lastLine(lines: readonly AnnotatedLine[]): number {
  const last = lines.at(-1);
  return last?.text === '' ? lines.length : lines.length + 1;
}

type Colors = ReturnType<typeof pc.createColors>;

function numbers(hits: number, timeNs: number, floor: number, share: string): string {
  return [
    formatCount(hits).padStart(10),
    formatMeasured(timeNs, floor * hits).padStart(10),
    formatMeasured(timeNs / hits, floor).padStart(10),
    share.padStart(7),
  ].join(' ');
}

function lineText(one: AnnotatedLine, floor: number, width: number, colors: Colors): string {
  const { line, text, hits, timeNs, part } = one;
  const code = cutEnd(printable(text.replaceAll('\t', '    ').trimEnd()), Math.max(1, width - CONTENTS));
  const number = String(line).padStart(6);
  if (hits === null) return `${number}${' '.repeat(CONTENTS - number.length)}${colors.dim(code)}`.trimEnd();
  const cells = numbers(hits, timeNs, floor, (part * 100).toFixed(1));
  const painted = part >= 0.2 ? colors.red(cells) : part >= 0.05 ? colors.yellow(cells) : cells;
  return `${number}${painted}  ${code}`.trimEnd();
}

function operationText(
  { text }: AnnotatedLine,
  site: SiteStats,
  floor: number,
  width: number,
  colors: Colors,
): string {
  const part = markedPart(text, site);
  const [most] = site.variants;
  const others = site.variants.length > 1 ? ` and ${site.variants.length - 1} more` : '';
  const on = most === undefined ? '' : `, ${variantLabel(most)}${others}`;
  const what = printable(`${site.opcode} ${site.name ?? ''}`.trimEnd() + on);
  const cells = numbers(site.count, site.totalNs, floor, '');
  const marks = `${' '.repeat(part.before)}${'^'.repeat(part.length)}`;
  const room = Math.max(1, width - CONTENTS);
  return colors.cyan(`${' '.repeat(6)}${cells}  ${cutEnd(`${marks} ${what}`, room)}`);
}
