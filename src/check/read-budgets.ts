import { type AST, getStaticTOMLValue, ParseError, parseTOML } from 'toml-eslint-parser';
import { PyrewriteError } from '../errors.ts';
import { nearestWord } from '../opcodes/nearest-word.ts';
import { selectOpcodes } from '../opcodes/selection.ts';
import { VERSIONS } from '../opcodes/versions.ts';
import { VARIANT_HOWS } from '../profile/variants.ts';
import { type Budget, COUNT_METRICS, type Limit, type Metric, TIME_METRICS } from './budget.ts';

const TEXTS = ['label', 'file', 'function', 'name', 'how'] as const;
const METRICS: readonly Metric[] = [...COUNT_METRICS, ...TIME_METRICS];
const KEYS: readonly string[] = [...TEXTS, 'opcodes', 'line', 'optional', ...METRICS];

const UNITS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9 };

/** A value of the file and where it stands. */
interface Entry {
  readonly key: string;
  readonly value: unknown;
  readonly at: number;
}

/**
 * Reads a budget file: TOML with a `[[budget]]` for each budget; docs/reference/budget-file.md.
 * @throws PyrewriteError 'bad-budget' with the line and what to write instead
 */
export function readBudgets(text: string): Budget[] {
  const budgets = tablesOf(text).map(readBudget);
  if (budgets.length === 0) {
    bad('the file has no [[budget]]', 1, 'pyrewrite check --write FILE PROFILE writes one from a profile');
  }
  return budgets;
}

function bad(what: string, line: number, remedy: string): never {
  throw new PyrewriteError('bad-budget', `line ${line}: ${what}`, { remedy });
}

function tablesOf(text: string): AST.TOMLTable[] {
  const body = parse(text).body[0].body;
  return body.map((node) => {
    const line = node.loc.start.line;
    if (
      node.type !== 'TOMLTable' ||
      node.kind !== 'array' ||
      node.resolvedKey.join('.') !== `budget.${node.resolvedKey[1]}`
    ) {
      const key = (node.type === 'TOMLTable' ? node.resolvedKey : node.key.keys.map(keyText)).join('.');
      bad(`'${key}' is not known here`, line, 'the file holds [[budget]] tables and nothing else');
    }
    return node;
  });
}

function parse(text: string): AST.TOMLProgram {
  try {
    return parseTOML(text);
  } catch (error) {
    if (!(error instanceof ParseError)) throw error;
    bad(`not TOML: ${error.message}`, error.lineNumber, 'see https://toml.io for the syntax');
  }
}

function keyText(key: AST.TOMLBare | AST.TOMLQuoted): string {
  return key.type === 'TOMLBare' ? key.name : key.value;
}

function readBudget(table: AST.TOMLTable): Budget {
  const entries = table.body.map((node) => ({
    key: node.key.keys.map(keyText).join('.'),
    value: getStaticTOMLValue(node.value),
    at: node.loc.start.line,
  }));
  for (const { key, at } of entries) {
    if (KEYS.includes(key)) continue;
    const near = nearestWord(key, KEYS);
    bad(
      `'${key}' is not known`,
      at,
      near === undefined ? `there are ${KEYS.join(', ')}` : `did you mean ${near}?`,
    );
  }
  const find = (key: string): Entry | undefined => entries.find((entry) => entry.key === key);
  const text = (key: (typeof TEXTS)[number]): string | null => textOf(find(key));
  const limits = METRICS.flatMap((metric) => limitOf(metric, find(metric)));
  const at = table.loc.start.line;
  if (limits.length === 0) {
    bad('the budget has no limit', at, `add one of ${METRICS.join(', ')}`);
  }
  const how = text('how');
  if (how !== null && !VARIANT_HOWS.some((known) => known === how)) {
    bad(
      `'${how}' is no way to find or call something`,
      find('how')?.at ?? at,
      `there are ${VARIANT_HOWS.join(', ')}`,
    );
  }
  const [label, file, name] = [text('label'), text('file'), text('name')];
  const [opcodes, line, optional] = [
    opcodesOf(find('opcodes')),
    lineOf(find('line')),
    flagOf(find('optional')),
  ];
  return { label, file, function: text('function'), opcodes, name, line, how, optional, limits, at };
}

function textOf(entry: Entry | undefined): string | null {
  if (entry === undefined) return null;
  if (typeof entry.value !== 'string' || (entry.value === '' && entry.key !== 'name')) {
    bad(`${entry.key} takes a text in quotation marks`, entry.at, `for example ${entry.key} = "Order.*"`);
  }
  return entry.value;
}

function opcodesOf(entry: Entry | undefined): readonly string[] | null {
  if (entry === undefined) return null;
  const list = [entry.value].flat();
  const names = list.filter((item): item is string => typeof item === 'string');
  if (names.length < list.length || names.length === 0) {
    bad('opcodes takes a text or a list of texts', entry.at, 'for example opcodes = "attr,call"');
  }
  try {
    for (const version of VERSIONS) selectOpcodes(names, version);
  } catch (error) {
    if (!(error instanceof PyrewriteError)) throw error;
    bad(error.message, entry.at, error.remedy ?? '`pyrewrite opcodes` lists the names');
  }
  return names;
}

function lineOf(entry: Entry | undefined): number | null {
  return entry === undefined ? null : wholeNumber(entry, 1);
}

function flagOf(entry: Entry | undefined): boolean {
  if (entry !== undefined && typeof entry.value !== 'boolean') {
    bad(`${entry.key} takes true or false`, entry.at, `for example ${entry.key} = true`);
  }
  return entry?.value === true;
}

function limitOf(metric: Metric, entry: Entry | undefined): Limit[] {
  if (entry === undefined) return [];
  const isCount = COUNT_METRICS.some((count) => count === metric);
  return [{ metric, most: isCount ? wholeNumber(entry, 0) : duration(entry) }];
}

function wholeNumber({ key, value, at }: Entry, least: number): number {
  const number = typeof value === 'bigint' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isSafeInteger(number) || number < least) {
    bad(`${key} takes a whole number from ${least} on`, at, `for example ${key} = 1_000`);
  }
  return number;
}

function duration({ key, value, at }: Entry): number {
  const parts = typeof value === 'string' ? /^\s*([\d.]+)\s*(\S+)\s*$/.exec(value) : null;
  const size = UNITS[parts?.[2] ?? ''];
  const number = Number(parts?.[1]);
  if (size === undefined || !Number.isFinite(number)) {
    bad(
      `${key} takes a duration with its unit`,
      at,
      `for example ${key} = "1.5 us"; units are ns, us, ms and s`,
    );
  }
  return number * size;
}
