import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runLimited } from '../../tools/compare/limited-process.ts';
import { readOutcomeLog } from '../../tools/compare/outcome-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'limited-process-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function bash(script: string, seconds = 60) {
  return runLimited(['bash', '-c', script], { folder, seconds, env: { GIVEN: 'given' } });
}

describe('a limited process', () => {
  test('tells how it ended and what it printed', async () => {
    expect(await bash('echo "$GIVEN é"; exit 3')).toEqual({ status: 'exit 3', output: 'given é\n' });
    expect(await bash('kill -SEGV $$')).toMatchObject({ status: 'SIGSEGV' });
    expect(await bash('exit 130')).toMatchObject({ status: 'signal 2' });
  });

  test('ends though something that left its group keeps its output open', async () => {
    expect(await bash('setsid sleep 3 & sleep 0.5; echo begun')).toEqual({
      status: 'exit 0',
      output: 'begun\n',
    });
  });

  test('is stopped with what it started', async () => {
    expect(await bash('sleep 600 & echo $! >pid; wait', 3)).toMatchObject({ status: 'timeout' });
    const state = `/proc/${readFileSync(join(folder, 'pid'), 'utf8').trim()}/stat`;
    // It need not be gone at once, and nobody may have waited for it yet.
    const isOver = (): boolean => !existsSync(state) || readFileSync(state, 'utf8').includes(') Z ');
    await expect.poll(isOver, { timeout: 60_000 }).toBe(true);
  });
});

test('a log of outcomes that was cut off is read as far as it goes', () => {
  const log = join(folder, 'log.jsonl');
  const records = [
    ['start', 'a 0x1f'],
    ['ok', 'a 0x1f', ''],
    ['start', 'b'],
    ['subtest', 'b', 'one,'],
    ['failure', 'b', 'two'],
    ['failure', 'b', ''],
    ['start', 'c'],
    ['probes', 5],
  ];
  writeFileSync(log, `${records.map((record) => JSON.stringify(record)).join('\n')}\n["ok","c","]`);
  expect(readOutcomeLog(log, (id) => id.replace(/0x\w+/, '…'))).toEqual({
    outcomes: { 'a …': 'ok', b: 'subtest+failure', c: 'unfinished' },
    texts: { b: 'one,two' },
    numbers: { probes: 5 },
  });
  expect(readOutcomeLog(join(folder, 'none'), (id) => id).outcomes).toEqual({});
});
