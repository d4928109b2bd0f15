import pc from 'picocolors';
import { printable } from '../report/text-table.ts';
import { formatCount, formatDuration, plural } from '../report/units.ts';
import { isTime } from './budget.ts';
import type { Contribution, LimitResult } from './evaluate.ts';
import { shorten } from './shorten.ts';

/** Version of the JSON interface; its second part grows when a field changes its meaning or goes away. */
export const CHECK_SCHEMA = 'pyrewrite-check/1';

/** The object that `pyrewrite check --json` prints; described in docs/reference/budget-file.md. */
export interface CheckReport {
  readonly schema: typeof CHECK_SCHEMA;
  readonly limits: number;
  readonly exceeded: number;
  readonly results: readonly LimitResult[];
}

/** The results as the object that `pyrewrite check --json` prints. */
export function checkToJson(results: readonly LimitResult[]): CheckReport {
  return { schema: CHECK_SCHEMA, limits: results.length, exceeded: failures(results).length, results };
}

/** Those that are not within their limit. */
export function failures(results: readonly LimitResult[]): LimitResult[] {
  return results.filter(({ verdict }) => verdict !== 'within');
}

/** What became of a limit, in one sentence. */
export function sentence(result: LimitResult): string {
  const { name, metric, most, actual, verdict, estimated } = result;
  if (verdict === 'idle')
    return `${name}: never executed, so ${metric} says nothing (optional = true allows it)`;
  const about = estimated ? 'about ' : '';
  return `${name}: ${metric} is ${about}${format(result, actual ?? 0)}, at most ${format(result, most)} ${verdict === 'within' ? 'allowed' : 'is allowed'}`;
}

function format({ metric }: LimitResult, value: number): string {
  return isTime(metric) ? formatDuration(value) : formatCount(value);
}

/** How {@link formatCheck} shows results. */
export interface CheckTextOptions {
  readonly color: boolean;
  readonly cwd: string;
  /** Those within their limit, too. */
  readonly all: boolean;
}

/** Results for a person: what exceeds its limit, the operations that make it up, and how many limits hold. */
export function formatCheck(results: readonly LimitResult[], options: CheckTextOptions): string {
  const colors = pc.createColors(options.color);
  const lines: string[] = [];
  const failed = failures(results);
  for (const result of options.all ? results : failed) {
    const mark = result.verdict === 'within' ? colors.green('ok  ') : colors.red('over');
    lines.push(`${result.verdict === 'idle' ? colors.red('idle') : mark}  ${printable(sentence(result))}`);
    if (result.verdict === 'exceeded') {
      lines.push(
        ...result.worst.map((one) => `        ${printable(contribution(result, one, options.cwd))}`),
      );
    }
  }
  const kept = results.length - failed.length;
  lines.push(
    failed.length === 0
      ? `${plural(kept, 'limit')} kept`
      : `${formatCount(failed.length)} of ${plural(results.length, 'limit')} not kept`,
  );
  return `${lines.join('\n')}\n`;
}

function contribution(result: LimitResult, { site, value }: Contribution, cwd: string): string {
  const column = site.column === null ? '' : `:${site.column}`;
  const place =
    site.line === null
      ? `${shorten(site.file, cwd)} (${site.function})`
      : `${shorten(site.file, cwd)}:${site.line}${column}`;
  return `${place}  ${site.opcode}${site.name === null ? '' : ` ${site.name}`}  ${format(result, value)}`;
}

/** An annotation of GitHub Actions for each limit that is not kept, at the operation that adds most. */
export function formatAnnotations(results: readonly LimitResult[], cwd: string): string {
  const lines = failures(results).map((result) => {
    const site = result.worst[0]?.site;
    const place: [string, string | number | null][] =
      site === undefined
        ? []
        : [
            ['file', shorten(site.file, cwd)],
            ['line', site.line],
            ['col', site.column === null ? null : site.column + 1],
          ];
    const properties = [...place, ['title', `pyrewrite: ${result.metric} of ${result.name}`] as const]
      .filter(([, value]) => value !== null)
      .map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
    return `::error ${properties.join(',')}::${escapeData(sentence(result))}\n`;
  });
  return lines.join('');
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** Results as JUnit XML: a test for each limit. */
export function formatJunit(results: readonly LimitResult[], cwd: string): string {
  const failed = failures(results).length;
  const head = `name="pyrewrite check" tests="${results.length}" failures="${failed}" errors="0" skipped="0"`;
  const cases = results.map((result) => {
    const file = result.worst[0]?.site.file;
    const className = xml(file === undefined ? 'pyrewrite' : shorten(file, cwd));
    const open = `    <testcase classname="${className}" name="${xml(`${result.metric} of ${result.name}`)}" time="0"`;
    if (result.verdict === 'within') return `${open}/>`;
    const details = result.worst.map((one) => contribution(result, one, cwd)).join('\n');
    return `${open}>\n      <failure message="${xml(sentence(result))}" type="${result.verdict}">${xml(details)}</failure>\n    </testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${head}>`,
    `  <testsuite ${head}>`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Text for XML 1.0, which has no place for most control characters. */
function xml(text: string): string {
  return printable(text.replaceAll('\n', '\0'))
    .replaceAll('\\x00', '\n')
    .replace(/[\ufffe\uffff]|\p{Cs}/gu, '\ufffd')
    .replace(/[&<>"]/g, (mark) => ENTITIES[mark] ?? mark)
    .replaceAll('\n', '&#10;');
}
