import { describe, expect, test } from 'vitest';
import { compareRuns } from '../../tools/cpython-suite/compare.ts';
import { comparisonOf, isCompared, type Line, lineOf, type Runs } from '../../tools/cpython-suite/line.ts';
import { sourceOf } from '../../tools/cpython-suite/resume.ts';
import { isFinished } from '../../tools/cpython-suite/rounds.ts';
import { makeRun } from './suite-runs.ts';

const INTERPRETER = { name: '3.12', version: '3.12.1' };
const [X, Y] = ['test.test_dis.T.test_jumpy', 'test.test_dis.T.test_other'];

/** Runs of test_dis, one for each pair of outcomes. */
function runs(plain: readonly [string, string][], probed: readonly [string, string][]): Runs {
  const make = ([x, y]: [string, string]) => makeRun('test_dis', { methods: { [X]: x, [Y]: y } });
  return { plain: plain.map(make), probed: probed.map(make) };
}

describe('a line of a module’s runs', () => {
  test('has no differences where all ended the same', () => {
    const module = {
      plain: [makeRun('test_a')],
      probed: [makeRun('test_a', { date: '2026-01-03', seconds: 2 })],
    };
    expect(lineOf(INTERPRETER, 'test_a', module, 'abc')).toEqual({
      module: 'test_a',
      commit: 'abc',
      python: '3.12.1',
      date: '2026-01-03',
      run: 2,
      skipped: 1,
      same: 2,
      seconds: [1.23, 2],
      probes: 7,
    } satisfies Line);
  });

  test('says what the runs say', () => {
    const kinds = [
      runs([['ok', 'ok']], [['failure', 'ok']]),
      runs([['ok', 'ok']], [['ok', 'failure']]),
      runs(
        [['ok', 'ok']],
        [
          ['ok', 'failure'],
          ['ok', 'ok'],
        ],
      ),
      runs(
        [
          ['ok', 'ok'],
          ['ok', 'error'],
        ],
        [['ok', 'error']],
      ),
    ].map((module) => {
      const line = lineOf(INTERPRETER, 'test_dis', module, 'abc');
      const read = comparisonOf(INTERPRETER, JSON.parse(JSON.stringify(line)));
      expect(read).toEqual(compareRuns(INTERPRETER, 'test_dis', module.plain, module.probed));
      expect(read).toMatchObject({ run: 2, same: 1 });
      return read.differences.map(({ kind }) => kind);
    });
    expect(kinds).toEqual([['allowed'], ['different'], ['unsteady'], ['flaky']]);
  });

  test('tells a crash, which no list allows, and a run without probes', () => {
    const module = {
      plain: [makeRun('test_dis')],
      probed: [
        makeRun('test_dis', { status: 'SIGSEGV' }),
        makeRun('test_dis', { probes: 0, status: 'SIGSEGV' }),
      ],
    };
    const of = (probed: Runs['probed']): unknown =>
      comparisonOf(INTERPRETER, lineOf(INTERPRETER, 'test_dis', { ...module, probed }, 'abc')).differences;
    expect(of(module.probed)).toMatchObject([{ id: 'test_dis', kind: 'different', probed: ['SIGSEGV'] }]);
    expect(of([makeRun('test_dis', { probes: 0 })])).toMatchObject([
      { id: 'test_dis', kind: 'different', probed: ['no probes'] },
    ]);
  });

  test('counts the methods that had ended where it took too long, and compares none', () => {
    const methods = { a: 'ok', b: 'skipped', c: 'unfinished' };
    const module = { plain: [makeRun('test_a', { status: 'timeout', methods })], probed: [] };
    const line = lineOf(INTERPRETER, 'test_a', module, 'abc');
    expect(line).toMatchObject({ status: 'timeout', run: 1, skipped: 1, seconds: [1.23] });
    expect(isCompared(line)).toBe(false);
  });
});

test('runs are finished when no other one would tell more', () => {
  const same = runs([['ok', 'ok']], [['ok', 'ok']]);
  const allowed = runs([['ok', 'ok']], [['failure', 'ok']]);
  const once = runs([['ok', 'ok']], [['ok', 'failure']]);
  const twice = { plain: [...once.plain, ...once.plain], probed: [...once.probed, ...once.probed] };
  const finished = (module: Runs): boolean => isFinished(INTERPRETER, 'test_dis', module, 1);
  expect([same, allowed, once, twice, { ...once, probed: [] }].map(finished)).toEqual([
    true,
    true,
    false,
    true,
    false,
  ]);
  expect(finished({ plain: [makeRun('test_dis', { status: 'timeout' })], probed: [] })).toBe(true);
});

describe('a module is run', () => {
  const line = lineOf(
    INTERPRETER,
    'test_a',
    { plain: [makeRun('test_a')], probed: [makeRun('test_a')] },
    'new',
  );
  const known = { commit: 'new', date: line.date, finished: true };
  const wanted = { again: false, stale: false, commit: 'new', python: '3.12.1' };

  test('unless it has a line', () => {
    expect(sourceOf(undefined, undefined, wanted)).toBe('anew');
    expect(sourceOf(line, undefined, wanted)).toBe('line');
    expect(sourceOf({ ...line, commit: 'old' }, undefined, wanted)).toBe('line');
  });

  test('again if that is wanted', () => {
    expect(sourceOf(line, known, { ...wanted, again: true })).toBe('anew');
    const stale = { ...wanted, stale: true };
    expect(sourceOf(line, known, stale)).toBe('runs');
    expect(sourceOf(line, undefined, stale)).toBe('line');
    expect(sourceOf({ ...line, commit: 'old' }, { ...known, commit: 'old' }, stale)).toBe('anew');
    expect(sourceOf({ ...line, python: '3.12.0' }, undefined, stale)).toBe('anew');
  });

  test('more often where its runs in the work folder are not finished, but with one rewriter', () => {
    const unfinished = { ...known, finished: false };
    expect(sourceOf(undefined, unfinished, wanted)).toBe('runs');
    expect(sourceOf(undefined, { ...unfinished, commit: 'old' }, wanted)).toBe('anew');
    expect(sourceOf(undefined, { ...known, commit: 'old' }, wanted)).toBe('runs');
  });

  test('not if its line is later than the runs in the work folder', () => {
    expect(sourceOf(line, { ...known, date: '2026-01-01' }, wanted)).toBe('line');
  });
});
