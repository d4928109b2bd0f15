import { expect, test } from 'vitest';
import {
  checkBudgets,
  checkToJson,
  exportProfile,
  FORMAT_NAMES,
  PyrewriteError,
  readBudgets,
} from '../../src/index.ts';
import { violations } from '../report/schema.ts';
import { bytesOf, FLAT } from './fixture.ts';

test('the library exports what the command line exports', async () => {
  for (const format of FORMAT_NAMES) {
    const bytes = bytesOf(await exportProfile(FLAT, format));
    expect(bytes.length, format).toBeGreaterThan(100);
  }
  console.log(`library: ${FORMAT_NAMES.length} formats`);
  const rows = bytesOf(await exportProfile(FLAT, 'jsonl'))
    .toString()
    .trim()
    .split('\n');
  const executions = rows.reduce((sum, row) => sum + JSON.parse(row).count, 0);
  expect(executions).toBe(FLAT.sites.reduce((sum, { count }) => sum + count, 0));
  await expect(exportProfile(FLAT, 'gif')).rejects.toThrow(PyrewriteError);
});

test('the library checks budgets', () => {
  const budgets = readBudgets("[[budget]]\nfunction = 'work'\ncount = 15\n");
  const report = checkToJson(checkBudgets(budgets, FLAT, '/srv/app'));
  expect(violations(report, 'check')).toEqual([]);
  // 7 and 9 executions.
  expect(report).toMatchObject({ limits: 1, exceeded: 1, results: [{ actual: 16, verdict: 'exceeded' }] });
});
