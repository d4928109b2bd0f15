/** The text of `formatCode` says what the interpreter's own `dis` says, on real files and with no Python. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { formatCode } from '../../src/code/format.ts';
import { walkCode } from '../../src/code/index.ts';
import { type CodeObject, readPyc } from '../../src/marshal/index.ts';
import type { BytecodeVersion } from '../../src/opcodes/types.ts';
import { corpusFiles, loadCorpus } from '../support/corpus.ts';
import { sampleEvery } from '../support/full.ts';
import { describePythons, runPython } from '../support/pythons.ts';

const ROWS = fileURLToPath(new URL('dis_rows.py', import.meta.url));

/** As dis_rows.py prints it. */
type DisRow = readonly [
  offset: number,
  opname: string,
  oparg: number | null,
  target: number | null,
  line: number | null,
  meaning: string | null,
];

/** A line of the text: line number, offset, label, opname, oparg, meaning. */
const LINE = /^ *(\d+|--)? +(\d+) +(?:(L\d+): +)?([A-Z_0-9]+)(?: +(\d+))?(?: \((.*)\))?$/;

interface TextRow {
  readonly offset: number;
  readonly opname: string;
  readonly oparg: number | null;
  readonly line: number | null;
  readonly meaning: string;
  readonly label: string | undefined;
}

function textRows(code: CodeObject, version: BytecodeVersion): TextRow[] {
  const text = formatCode(code, version, { nested: false });
  const [instructions] = text.split('\nExceptionTable:');
  let current: number | null = null;
  return instructions
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const match = LINE.exec(line);
      if (match === null) throw new Error(`cannot parse ${JSON.stringify(line)}`);
      const [, lineno, offset, label, opname, oparg, meaning] = match;
      if (lineno !== undefined) current = lineno === '--' ? null : Number(lineno);
      return {
        offset: Number(offset),
        opname,
        oparg: oparg === undefined ? null : Number(oparg),
        line: current,
        meaning: meaning ?? '',
        label,
      };
    });
}

/** How one line differs from the interpreter's. */
function difference(row: TextRow, wanted: DisRow, labels: ReadonlyMap<string, number>): string | undefined {
  const [offset, opname, oparg, target, line, meaning] = wanted;
  if (row.offset !== offset || row.opname !== opname || row.oparg !== oparg)
    return `${row.offset} ${row.opname} ${row.oparg}, not ${offset} ${opname} ${oparg}`;
  // 3.8's line may change between a prefix and its instruction
  if (row.line !== line && opname !== 'EXTENDED_ARG')
    return `${row.offset} ${row.opname}: line ${row.line}, not ${line}`;
  if (target !== null) {
    const label = /^(?:to|from) (L\d+)$/.exec(row.meaning)?.[1] ?? '';
    return labels.get(label) === target ? undefined : `${offset} ${opname}: to ${row.meaning}, not ${target}`;
  }
  if (meaning === null || isSame(row.meaning, meaning)) return undefined;
  return `${offset} ${opname}: ${row.meaning}, not ${meaning}`;
}

/** Flags in an oparg are told behind the name; older ones tell them in front. */
function isSame(text: string, meaning: string): boolean {
  return text === meaning || text.split(' + ')[0] === meaning;
}

describePythons('disassembly as text', (python) => {
  test('is what dis prints', () => {
    const corpus = loadCorpus(python);
    const files = [...corpusFiles(corpus, sampleEvery(60))];
    const printed = runPython(python, [ROWS], {
      input: files.map(({ path }) => join(corpus.folder, path)).join('\n'),
    });
    const expected: DisRow[][][] = printed
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const counts = { codes: 0, rows: 0, targets: 0, meanings: 0 };
    const bad: string[] = [];
    for (const [index, { path, bytes }] of files.entries()) {
      const pyc = readPyc(bytes);
      const codes = [...walkCode(pyc.code)];
      expect(codes.length).toBe(expected[index].length);
      for (const [k, code] of codes.entries()) {
        const rows = textRows(code, pyc.version);
        const labels = new Map(
          rows.flatMap(({ label, offset }) => (label === undefined ? [] : [[label, offset]])),
        );
        const wanted = expected[index][k];
        if (rows.length !== wanted.length) bad.push(`${path}: ${rows.length} rows, not ${wanted.length}`);
        for (const [r, row] of rows.entries()) {
          const found = difference(row, wanted[r], labels);
          if (found !== undefined) bad.push(`${path}:${code.co_firstlineno} ${found}`);
          counts.targets += wanted[r][3] === null ? 0 : 1;
          counts.meanings += wanted[r][5] === null ? 0 : 1;
        }
        counts.codes++;
        counts.rows += rows.length;
      }
    }
    expect(bad.slice(0, 20)).toEqual([]);
    expect(counts.rows).toBeGreaterThan(10_000);
    console.log(
      `dis, Python ${python.name}: ${files.length} files, ${counts.codes} code objects, ${counts.rows} instructions, ` +
        `${counts.targets} jump targets, ${counts.meanings} meanings as dis has them`,
    );
  });
});
