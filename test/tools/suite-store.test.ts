import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { renderDocument } from '../../tools/cpython-suite/document.ts';
import { importRuns } from '../../tools/cpython-suite/import-runs.ts';
import { type Line, lineOf } from '../../tools/cpython-suite/line.ts';
import type { Run } from '../../tools/cpython-suite/results.ts';
import { readStored, storedLabels, storeLines } from '../../tools/cpython-suite/store.ts';
import { describePythons } from '../support/pythons.ts';
import { makeRun } from './suite-runs.ts';

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'suite-store-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function makeLine(module: string, commit = 'abc', given: Partial<Run> = {}): Line {
  const runs = { plain: [makeRun(module)], probed: [makeRun(module, given)] };
  return lineOf({ name: '3.12', version: '3.12.1' }, module, runs, commit);
}

function modules(label: string): readonly string[] {
  return [...readStored(folder, label).lines.keys()];
}

describe('the store', () => {
  test('reads what was written, in the order of the modules’ names', () => {
    const [a, b, c] = ['test_a', 'test_b', 'test_c'].map((module) => makeLine(module));
    storeLines(folder, '3.12', [c, a], 400);
    storeLines(folder, '3.12', [b], 432);
    expect(readStored(folder, '3.12').available).toBe(432);
    expect([...readStored(folder, '3.12').lines.values()]).toEqual([a, b, c]);
    expect(readFileSync(join(folder, '3.12.jsonl'), 'utf8').split('\n')).toHaveLength(5);
    expect(readdirSync(folder)).toEqual(['3.12.jsonl']);
  });

  test('has one line for a module: the last one', () => {
    for (const commit of ['old', 'new']) storeLines(folder, '3.12', [makeLine('test_a', commit)], 432);
    expect([...readStored(folder, '3.12').lines.values()]).toEqual([makeLine('test_a', 'new')]);
  });

  test('has nothing of an interpreter without a file', () => {
    expect(readStored(folder, '3.12').lines.size).toBe(0);
  });

  test('leaves half a line at the end out and goes on', () => {
    const lines = ['test_a', 'test_b'].map((module) => makeLine(module));
    storeLines(folder, '3.12', lines, 432);
    const file = join(folder, '3.12.jsonl');
    const text = readFileSync(file, 'utf8');
    let checked = 0;
    for (let end = text.indexOf('\n', text.indexOf('\n') + 1) + 2; end < text.length - 1; end++) {
      writeFileSync(file, text.slice(0, end));
      expect(modules('3.12').slice(0, 1)).toEqual(['test_a']);
      checked++;
    }
    expect(checked).toBeGreaterThan(100);
    storeLines(folder, '3.12', lines, 432);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  test('names a line that a merge damaged', () => {
    storeLines(folder, '3.12', [makeLine('test_a')], 432);
    writeFileSync(join(folder, '3.12.jsonl'), `<<<<<<< HEAD\n${JSON.stringify(makeLine('test_a'))}\n`);
    expect(() => readStored(folder, '3.12')).toThrow('3.12.jsonl:1 is not JSON');
  });

  test('lists release builds first, each by version', () => {
    for (const label of ['3.14d', '3.9', '3.14', '3.10']) storeLines(folder, label, [makeLine('test_a')], 1);
    expect(storedLabels(folder)).toEqual(['3.9', '3.10', '3.14', '3.14d']);
  });
});

describe('the document', () => {
  test('is made of the store alone', () => {
    storeLines(folder, '3.12', [makeLine('test_a'), makeLine('test_b', 'def'), makeLine('test_c')], 432);
    storeLines(folder, '3.14d', [makeLine('test_a', 'abc', { status: 'SIGSEGV' })], 434);
    storeLines(join(folder, 'sampled/random'), '3.11', [makeLine('test_a')], 428);
    const text = renderDocument(folder, join(folder, 'sampled'));
    expect(text).toContain('| 3.12.1 | 3 of 432 | 6 | 6 | 0 | 0 | 0 | 0 | 3 |');
    expect(text).toContain('| 3.12.1 (debug build) | 1 of 434 | 2 | 2 | 0 | 0 | 0 | 1 | 1 |');
    expect(text).toContain('`abc` (3 modules), `def` (1 module)');
    expect(text).toContain('- `test_a`: exit 0 → SIGSEGV (3.14d)');
    expect(text).toMatch(/## Sampled code[\s\S]*\n### Gates: random\n[\s\S]*\| 1 of 428 \| 2 \| 2 \| 0 \|/);
    expect(renderDocument(folder, join(folder, 'none'))).not.toContain('Sampled');
  });

  test('is refused without results', () => {
    expect(() => renderDocument(folder)).toThrow('no results');
  });
});

describePythons(
  'runs in a work folder',
  (python) => {
    const write = (variant: string, runs: readonly Run[], rest = ''): void => {
      mkdirSync(join(folder, 'work', python.label), { recursive: true });
      const lines = runs.map((run) => `\n${JSON.stringify(run)}`).join('');
      writeFileSync(join(folder, 'work', python.label, `${variant}.jsonl`), `${lines}${rest}`);
    };
    const bring = (commit?: string) =>
      importRuns(python, { work: join(folder, 'work'), results: folder, rounds: 2, commit });

    test('become lines, those that are not finished do not', () => {
      const names = ['test_a', 'test_b', 'test_c', 'test_d'];
      write('plain', [
        ...names.map((module) => makeRun(module)),
        makeRun('test_e', { status: 'timeout', commit: 'own' }),
      ]);
      const differs = makeRun('test_b', { methods: { 'test.a.T.test_x': 'failure' } });
      write(
        'probed',
        [makeRun('test_a'), differs, makeRun('test_d', { commit: 'own' })],
        '\n{"module":"test_c","m":{}',
      );
      const imported = bring('given');
      expect(imported?.lines.map(({ module, commit }) => [module, commit])).toEqual([
        ['test_a', 'given'],
        ['test_d', 'own'],
        ['test_e', 'own'],
      ]);
      expect(imported?.unfinished).toEqual(['test_b', 'test_c']);
      expect(modules(python.label)).toEqual(['test_a', 'test_d', 'test_e']);
      expect(readStored(folder, python.label).available).toBeGreaterThan(100);
    });

    test('do not replace a later line', () => {
      storeLines(folder, python.label, [{ ...makeLine('test_a', 'later'), date: '2026-01-03' }], 432);
      write('plain', [makeRun('test_a')]);
      write('probed', [makeRun('test_a')]);
      expect(bring()).toMatchObject({ lines: [], older: ['test_a'] });
      expect(readStored(folder, python.label).lines.get('test_a')?.commit).toBe('later');
    });

    test('need not be there', () => {
      expect(bring()).toBeUndefined();
    });
  },
  { names: ['3.12'] },
);
