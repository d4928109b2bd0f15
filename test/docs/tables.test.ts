/** The data dictionary and the list of formats say what the code writes. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { FORMAT_NAMES, formatByName, METRIC_NAMES, OPERATIONS, PROCESSES } from '../../src/export/index.ts';

const FORMATS = resolve(import.meta.dirname, '../../docs/reference/formats');

test('tidy-table.md has every column of every table, in order', () => {
  const page = readFileSync(join(FORMATS, 'tidy-table.md'), 'utf8');
  let checked = 0;
  for (const table of [OPERATIONS, PROCESSES]) {
    const section = page.split(/^## /m).find((part) => part.startsWith(`${table.name}\n`)) ?? '';
    const rows = section.split('\n').filter((row) => row.startsWith('| `'));
    const expected = table.columns.map(
      ({ name, type, nullable, unit, doc }) =>
        `| \`${name}\` | ${type} | ${nullable ? 'yes' : ''} | ${unit ?? ''} | ${doc} |`,
    );
    expect(rows).toEqual(expected);
    expect(section).toContain(table.doc);
    checked += rows.length;
  }
  console.log(`tables: ${checked} columns compared`);
  expect(checked).toBeGreaterThan(0);
});

test('exports.md has every format with the ends of its files, and every metric', async () => {
  const page = readFileSync(join(FORMATS, 'exports.md'), 'utf8');
  for (const name of FORMAT_NAMES) {
    expect(page).toContain(`\`${name}\``);
    const [extension] = (await formatByName(name)).format.extensions;
    expect(page).toContain(`\`.${extension}\``);
  }
  for (const metric of METRIC_NAMES) expect(page).toContain(`| \`${metric}\` |`);
});
