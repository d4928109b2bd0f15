import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseBlocks } from '../docs/blocks.ts';
import { IDLE, report, site } from './fixture.ts';
import { REFERENCE, violations } from './schema.ts';

test('a report is valid, with and without lines, columns, names and executions', () => {
  const places = { line: null, endLine: null, column: null, endColumn: null };
  const skipped = { opcode: 'SEND', file: 'a.py', function: 'f', line: null, reason: 'part of an await' };
  const notMeasured = { files: [{ file: 'b.py', reason: 'invalid syntax' }], operations: [skipped] };
  expect(
    violations(report([site(), site({ ...places, name: null, kind: 'await' }), site(IDLE)], { notMeasured })),
  ).toEqual([]);
});

test('the schema notices what is missing, wrong or unknown', () => {
  const { p50Ns: _, ...incomplete } = site();
  expect(violations(report([incomplete as ReturnType<typeof site>]))).toHaveLength(1);
  expect(violations(report([site({ count: 1.5 })]))).toHaveLength(1);
  expect(violations(report([site({ opcode: 'load attr' })]))).toHaveLength(1);
  expect(violations({ ...report([site()]), more: 1 })).toHaveLength(1);
  expect(violations({ ...report([{ ...site(), more: 1 } as ReturnType<typeof site>]) })).toHaveLength(1);
  expect(violations({ ...report([site()]), schema: 'pyrewrite-report/2' })).toHaveLength(1);
});

test('the example of the reference page is valid', () => {
  const examples = parseBlocks(readFileSync(join(REFERENCE, 'report-json.md'), 'utf8')).filter(
    (block) => block.language === 'json',
  );
  expect(examples.length).toBeGreaterThan(0);
  for (const { text } of examples) expect(violations(JSON.parse(text))).toEqual([]);
});

test('the reference page explains every field', () => {
  const page = readFileSync(join(REFERENCE, 'report-json.md'), 'utf8');
  const words = new Set([...page.matchAll(/`([\w.[\]]+)`/g)].flatMap((match) => match[1].split('.')));
  const fields = [
    ...Object.keys(report([])),
    ...Object.keys(report([]).clock),
    ...Object.keys(report([]).probe),
    ...Object.keys(site()),
  ];
  expect(fields.filter((field) => !words.has(field))).toEqual([]);
});
