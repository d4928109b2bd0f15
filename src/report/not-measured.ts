import type { Report, SkippedFile, SkippedOperation } from './report.ts';
import { printable, wrapIndented } from './text-table.ts';
import { formatCount, formatDuration, plural } from './units.ts';

/** Kinds of skipped operations and files that are listed one by one before the rest is summed up. */
const MOST_LISTED = 5;

/**
 * What the numbers do not cover, in lines; none when everything was measured.
 * @param width characters on a line; default: as many as they take
 */
export function formatNotMeasured(report: Report, width: number = Number.POSITIVE_INFINITY): string[] {
  const { files, operations } = report.notMeasured;
  const unseen = report.sites.filter((site) => site.count === 0);
  const neverRan = unseen.filter(({ estimate }) => estimate === null).length;
  const neverSampled = unseen.length - neverRan;
  const lines = [...report.notes, ...processLines(report)];
  if (neverRan > 0) lines.push(`never executed: ${plural(neverRan, 'instrumented site')}`);
  if (neverSampled > 0)
    lines.push(`never sampled: ${plural(neverSampled, 'instrumented site')}, rare or not executed`);
  lines.push(...lostLines(report));
  if (operations.length > 0)
    lines.push(`not measured: ${plural(operations.length, 'operation')}`, ...operationLines(operations));
  if (files.length > 0) lines.push(`not measured: ${plural(files.length, 'file')}`, ...fileLines(files));
  return lines.flatMap((line) => wrapIndented(printable(line), width));
}

/** Processes whose profile ends early or is coarse. */
function processLines({ processes }: Report): string[] {
  const lines: string[] = [];
  const unfinished = processes.filter((process) => !process.finished);
  const offNs = processes.reduce((sum, process) => sum + process.offNs, 0);
  const coarse = processes.filter((process) => process.coarse);
  if (unfinished.length > 0) {
    const pids = listed(unfinished.map((process) => String(process.pid))).join(', ');
    lines.push(
      `did not end in order, measured up to there: ${plural(unfinished.length, 'process', 'processes')} (${pids})`,
    );
  }
  if (offNs > 0) lines.push(`not measured: ${formatDuration(offNs)} in which recording was switched off`);
  if (coarse.length > 0) {
    lines.push(
      `coarse: recorded in Python, not in C, in ${plural(coarse.length, 'process', 'processes')} (pyrewrite doctor tells why)`,
    );
  }
  return lines;
}

function lostLines(report: Report): string[] {
  return Object.entries(report.lost)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `lost: ${formatCount(count)} ${words(what)}`);
}

/** Operations that share an opcode and a reason are one line. */
function operationLines(operations: readonly SkippedOperation[]): string[] {
  const kinds = new Map<string, { first: SkippedOperation; count: number }>();
  for (const operation of operations) {
    const key = `${operation.opcode}\n${operation.reason}`;
    const kind = kinds.get(key);
    if (kind === undefined) kinds.set(key, { first: operation, count: 1 });
    else kind.count++;
  }
  const sorted = [...kinds.values()].sort((a, b) => b.count - a.count);
  return listed(
    sorted.map(({ first, count }) => {
      const where = first.line === null ? first.file : `${first.file}:${first.line}`;
      return `  ${formatCount(count)} × ${first.opcode}: ${first.reason} (${count > 1 ? 'first ' : ''}at ${where})`;
    }),
    (more) => `  and ${more} more kinds (--json lists all)`,
  );
}

function fileLines(files: readonly SkippedFile[]): string[] {
  return listed(
    files.map(({ file, reason }) => `  ${file}: ${reason}`),
    (more) => `  and ${more} more (--json lists all)`,
  );
}

/** The first few, and how many more there are. */
function listed(lines: readonly string[], rest = (more: string): string => `and ${more} more`): string[] {
  const more = lines.length - MOST_LISTED;
  return more <= 0 ? [...lines] : [...lines.slice(0, MOST_LISTED), rest(formatCount(more))];
}

/** `unfinishedSpans` as a person would write it. */
function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
