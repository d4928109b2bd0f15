import type { CodeObject } from '../marshal/index.ts';
import type { BytecodeVersion } from '../opcodes/types.ts';
import { layOut } from './assemble.ts';
import { walkCode } from './code-object.ts';
import { disassemble } from './disassemble.ts';
import { type InstructionList, lineAt, NO_HANDLER, NO_LABEL } from './instruction-list.ts';
import { operandText } from './operand-text.ts';
import { codeRepr } from './python-repr.ts';

/** Instructions that are shown as one line of words. */
export interface Fold {
  /** Index of the first in the list. */
  readonly first: number;
  readonly count: number;
  readonly text: string;
}

export interface FormatOptions {
  /** The code objects nested in it as well, each under its own heading, as `dis` does; default true. */
  readonly nested?: boolean;
  /** What to show as words, in code order: see `probeFolds`. */
  readonly folds?: (code: CodeObject, list: InstructionList) => readonly Fold[];
}

/**
 * The instructions as text, after the newest `dis` with its offsets shown: line, offset, label, opname, oparg, what the
 * oparg means; then the exception table. Needs no Python. Ends without a newline.
 *
 * @throws PyrewriteError 'bad-code' or 'bad-table' if the code is malformed
 */
export function formatCode(code: CodeObject, version: BytecodeVersion, options: FormatOptions = {}): string {
  const texts = [formatOne(code, version, options)];
  if (options.nested === false) return texts[0];
  for (const nested of walkCode(code)) {
    if (nested === code) continue;
    texts.push('', `Disassembly of ${codeRepr(nested)}:`, formatOne(nested, version, options));
  }
  return texts.join('\n');
}

/** Widths of the columns, and what the labels are called. */
interface Page {
  readonly code: CodeObject;
  readonly list: InstructionList;
  /** Code unit of each instruction, its prefixes included; one more element for the end. */
  readonly starts: Int32Array;
  readonly labels: ReadonlyMap<number, string>;
  readonly lineWidth: number;
  readonly offsetWidth: number;
  readonly labelWidth: number;
}

function formatOne(code: CodeObject, version: BytecodeVersion, options: FormatOptions): string {
  const list = disassemble(code, version);
  const page = newPage(code, list);
  const folds = new Map(options.folds?.(code, list).map((fold) => [fold.first, fold]));
  const lines: string[] = [];
  let line: number | undefined;
  for (let i = 0; i < list.count; ) {
    const current = lineAt(list, i);
    const starts = current !== line;
    if (starts && line !== undefined) lines.push('');
    line = current;
    const fold = folds.get(i);
    lines.push(...(fold === undefined ? instructionLines(page, i, starts) : [foldLine(page, fold, starts)]));
    i += fold?.count ?? 1;
  }
  return [...lines, ...exceptionLines(page)].join('\n');
}

function newPage(code: CodeObject, list: InstructionList): Page {
  const { starts } = layOut(list);
  const labels = labelNames(list);
  const lastLine = list.locations.lineno
    .subarray(0, list.locations.count)
    .reduce((a, b) => Math.max(a, b), 0);
  return {
    code,
    list,
    starts,
    labels,
    lineWidth: Math.max(3, String(lastLine).length),
    offsetWidth: Math.max(6, String(starts[list.count] * 2).length + 2),
    labelWidth: labels.size === 0 ? 0 : `L${labels.size}: `.length,
  };
}

/** L1, L2 … for the places that jumps and exception handlers name, in code order. */
function labelNames(list: InstructionList): ReadonlyMap<number, string> {
  const named = new Set<number>();
  for (let i = 0; i < list.count; i++) {
    if (list.target[i] !== NO_LABEL) named.add(list.labels[list.target[i]]);
  }
  for (const { first, end, number } of handlerRuns(list))
    named.add(first).add(end).add(list.labels[list.handlers[number].target]);
  const sorted = [...named].sort((a, b) => a - b);
  return new Map(sorted.map((index, k) => [index, `L${k + 1}`]));
}

interface HandlerRun {
  readonly first: number;
  /** Behind the last instruction that it covers. */
  readonly end: number;
  readonly number: number;
}

function handlerRuns(list: InstructionList): HandlerRun[] {
  const runs: HandlerRun[] = [];
  for (let i = 0; i < list.count; ) {
    const first = i;
    const number = list.handler[i];
    while (i < list.count && list.handler[i] === number) i++;
    if (number !== NO_HANDLER) runs.push({ first, end: i, number });
  }
  return runs;
}

function exceptionLines(page: Page): string[] {
  const { list, labels } = page;
  const runs = handlerRuns(list);
  if (runs.length === 0) return [];
  const rows = runs.map(({ first, end, number }) => {
    const { target, depth, lasti } = list.handlers[number];
    const to = labels.get(list.labels[target]);
    return `  ${labels.get(first)} to ${labels.get(end)} -> ${to} [${depth}]${lasti ? ' lasti' : ''}`;
  });
  return ['ExceptionTable:', ...rows];
}

/** The columns before the opname. */
function margin(page: Page, i: number, unit: number, startsLine: boolean, showLabel: boolean): string {
  const line = lineAt(page.list, i);
  const lineText = startsLine ? (line < 0 ? '--' : String(line)) : '';
  const label = showLabel ? page.labels.get(i) : undefined;
  return [
    lineText.padStart(page.lineWidth),
    String(unit * 2).padStart(page.offsetWidth),
    ' ',
    (label === undefined ? '' : `${label}:`).padEnd(page.labelWidth),
  ].join(' ');
}

function foldLine(page: Page, fold: Fold, startsLine: boolean): string {
  const text = [`${margin(page, fold.first, page.starts[fold.first], startsLine, true)} -- ${fold.text}`];
  // an exception range may begin or end within
  for (let i = fold.first + 1; i < fold.first + fold.count; i++) {
    const label = page.labels.get(i);
    if (label !== undefined) text.push(` (${label} at ${page.starts[i] * 2})`);
  }
  return text.join('');
}

/** One line for each prefix, as `dis` has it, and one for the instruction. */
function instructionLines(page: Page, i: number, startsLine: boolean): string[] {
  const { list, starts } = page;
  const info = list.version.opcodes[list.opcode[i]];
  if (info === undefined) return [];
  const oparg = list.oparg[i] >>> 0;
  const prefixes = list.width[i] - 1;
  const lines: string[] = [];
  for (let k = 0; k < prefixes; k++) {
    const text = instructionText('EXTENDED_ARG', String(oparg >>> (8 * (prefixes - k))), '');
    lines.push(margin(page, i, starts[i] + k, startsLine && k === 0, k === 0) + text);
  }
  const text = instructionText(
    info.opname,
    info.oparg === 'none' ? '' : String(oparg),
    meaning(page, i, oparg),
  );
  lines.push(margin(page, i, starts[i] + prefixes, startsLine && prefixes === 0, prefixes === 0) + text);
  return lines;
}

function instructionText(opname: string, oparg: string, meant: string): string {
  const text = `${opname.padEnd(24)} ${oparg.padStart(6)}`;
  return ` ${meant === '' ? text.trimEnd() : `${text} (${meant})`}`;
}

function meaning(page: Page, i: number, oparg: number): string {
  const { code, list, labels } = page;
  const info = list.version.opcodes[list.opcode[i]];
  if (info === undefined) return '';
  if (list.target[i] === NO_LABEL) return operandText(code, list.version, info, oparg);
  return `${info.refers === 'none' ? 'to' : 'from'} ${labels.get(list.labels[list.target[i]])}`;
}
