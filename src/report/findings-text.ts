import type { Finding } from '../findings/finding.ts';
import { shortPath } from './place.ts';
import type { Report } from './report.ts';
import { cutEnd, printable, wrap } from './text-table.ts';
import { formatDuration, formatShare } from './units.ts';

type Paint = (text: string) => string;

/** How {@link formatFindings} shows them. */
export interface FindingsStyle {
  readonly width: number;
  /** Findings told in full; the others get a line each. */
  readonly full: number;
  readonly cwd: string | undefined;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly gain: Paint;
}

const MOST_SHORT = 8;
const INDENT = 4;
const TITLE = 'Findings';
const ABOUT = '  what each change alone would save';

/** With less room beside the gain, what it is about has a line of its own. */
const LEAST_ROOM = 10;

/** Findings in plain words, with what each change alone would save; none when nothing was found. */
export function formatFindings(report: Report, style: FindingsStyle): string[] {
  const { findings, wholeNs } = report;
  if (findings.length === 0) return [];
  const full = findings.slice(0, style.full).flatMap((finding, i) => fullLines(finding, i, wholeNs, style));
  const short = findings.slice(style.full, style.full + MOST_SHORT);
  const more = findings.length - style.full - short.length;
  return [
    style.bold(TITLE) + (style.width < TITLE.length + ABOUT.length ? '' : style.dim(ABOUT)),
    ...full,
    ...short.flatMap((finding, i) => shortLines(finding, style.full + i, style)),
    ...(more > 0 ? [style.dim(`    and ${more} more (--json lists all)`)] : []),
  ];
}

function fullLines(finding: Finding, i: number, wholeNs: number, style: FindingsStyle): string[] {
  const { title, evidence, remedy, gainNs } = finding;
  const number = String(i + 1).padStart(INDENT - 2);
  const body = (text: string): string[] =>
    wrap(printable(text), style.width - INDENT).map((line) => ' '.repeat(INDENT) + line);
  const share = formatShare(gainNs.value, wholeNs);
  const [first, ...rest] = wrap(printable(title), style.width - INDENT);
  return [
    `${number}  ${style.bold(first)}`,
    ...rest.map((line) => ' '.repeat(INDENT) + style.bold(line)),
    ...body(`${placeOf(finding, style.cwd)}: ${evidence.join('; ')}`).map(style.dim),
    ...body(`→ ${remedy}`),
    ...body(`${gainText(finding)}, ${share} of the run`).map(style.gain),
  ];
}

function shortLines(finding: Finding, i: number, { width, cwd, gain }: FindingsStyle): string[] {
  const saves = gainText(finding);
  const text = printable(`${finding.title} (${placeOf(finding, cwd)})`);
  const room = width - INDENT - 2 - saves.length;
  const first = `${String(i + 1).padStart(INDENT - 2)}  ${gain(saves)}`;
  return room < LEAST_ROOM
    ? [first, ' '.repeat(INDENT) + cutEnd(text, width - INDENT)]
    : [`${first}  ${cutEnd(text, room)}`];
}

/** `saves 9.1 ms (7.0 to 12 ms)` */
function gainText({ gainNs: { value, low, high } }: Finding): string {
  return `saves ${formatDuration(value)} (${formatDuration(low)} to ${formatDuration(high)})`;
}

function placeOf(finding: Finding, cwd: string | undefined): string {
  const file = shortPath(finding.file, cwd);
  return finding.line === null ? file : `${file}:${finding.line}`;
}
