import { relative } from 'node:path';
import type { RefusedOperation } from '../../service/rewriter.ts';
import type { FileOutcome } from './engine.ts';

/** Counts over all files of a `rewrite`; also what `--json` prints. */
export interface Summary {
  readonly schema: 'pyrewrite-rewrite/1';
  readonly python: string;
  readonly opcodes: readonly string[];
  /** Where the files went: a folder, or null when in place. */
  readonly out: string | null;
  readonly dryRun: boolean;
  readonly files: {
    instrumented: number;
    /** Files without any chosen operation. */
    unchanged: number;
    excluded: number;
    skipped: { readonly path: string; readonly reason: string }[];
  };
  readonly skippedFolders: readonly { readonly path: string; readonly reason: string }[];
  codeObjects: number;
  instrumentedCodeObjects: number;
  sites: number;
  readonly sitesByOpcode: Record<string, number>;
  /** Chosen operations that were left as they are, by reason. */
  readonly refused: Record<string, { count: number; readonly example: string }>;
  seconds: number;
}

/** Adds one file's outcome. */
export function addOutcome(summary: Summary, outcome: FileOutcome): void {
  const { files } = summary;
  if (outcome.status === 'instrumented') files.instrumented++;
  else if (outcome.status === 'no-sites') files.unchanged++;
  else if (outcome.status === 'excluded') files.excluded++;
  else files.skipped.push({ path: outcome.path, reason: outcome.reason ?? 'unknown' });
  const { report } = outcome;
  if (report === undefined) return;
  summary.codeObjects += report.codeObjects;
  summary.instrumentedCodeObjects += report.instrumentedCodeObjects;
  summary.sites += report.sites;
  for (const [opname, count] of Object.entries(report.sitesByOpcode)) {
    summary.sitesByOpcode[opname] = (summary.sitesByOpcode[opname] ?? 0) + count;
  }
  for (const refused of report.refused) addRefused(summary, outcome.path, refused);
}

function addRefused(
  summary: Summary,
  path: string,
  { opname, qualname, lineno, reason }: RefusedOperation,
): void {
  const line = lineno === null ? '' : `:${lineno}`;
  summary.refused[reason] ??= { count: 0, example: `${opname} in ${qualname} (${path}${line})` };
  summary.refused[reason].count++;
}

const MOST_SKIPPED_SHOWN = 20;

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

function headline(summary: Summary): string {
  const { files, sites, instrumentedCodeObjects, codeObjects, dryRun, python, seconds } = summary;
  const all = files.instrumented + files.unchanged + files.excluded + files.skipped.length;
  const verb = dryRun ? 'would instrument' : 'instrumented';
  return (
    `${verb} ${plural(sites, 'operation')} in ${files.instrumented} of ${plural(all, 'file')}` +
    ` (${instrumentedCodeObjects} of ${plural(codeObjects, 'code object')}), Python ${python}, ${seconds.toFixed(2)} s`
  );
}

function opcodeLines({ sitesByOpcode }: Summary): string[] {
  const rows = Object.entries(sitesByOpcode).sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const width = Math.max(0, ...rows.map(([opname]) => opname.length));
  return rows.map(
    ([opname, count]) => `  ${opname.padEnd(width)} ${count.toLocaleString('en-US').padStart(10)}`,
  );
}

function skippedLines({ files, skippedFolders }: Summary, cwd: string): string[] {
  const items = [...files.skipped, ...skippedFolders];
  if (items.length === 0) return [];
  const shown = items
    .slice(0, MOST_SKIPPED_SHOWN)
    .map(({ path, reason }) => `  ${relative(cwd, path) || '.'}: ${reason}`);
  const rest = items.length - shown.length;
  return ['', 'skipped:', ...shown, ...(rest > 0 ? [`  and ${rest} more (--json lists all)`] : [])];
}

function refusedLines({ refused }: Summary): string[] {
  const rows = Object.entries(refused).sort((a, b) => b[1].count - a[1].count);
  if (rows.length === 0) return [];
  return [
    '',
    'not timed:',
    ...rows.map(([reason, { count, example }]) => `  ${count} × ${reason}; e.g. ${example}`),
  ];
}

/** The summary for people. */
export function formatSummary(summary: Summary, cwd: string): string {
  const lines = [
    headline(summary),
    ...opcodeLines(summary),
    ...refusedLines(summary),
    ...skippedLines(summary, cwd),
  ];
  return `${lines.join('\n')}\n`;
}
