import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import type { ReportSite } from '../../src/report/report.ts';
import { formatCount, formatMeasured } from '../../src/report/units.ts';
import { describeInBrowser, openFile, ready } from './browser.ts';
import { type Recorded, recordSensors } from './record.ts';

const VERSION = '3.12';
let recorded: Recorded;

function siteAt(file: string, name: string): ReportSite {
  const found = recorded.report.sites.filter((site) => site.file.endsWith(file) && site.name === name);
  const [most] = found.toSorted((a, b) => b.selfNs - a.selfNs);
  return most;
}

async function panel(page: Page): Promise<Record<string, string>> {
  const fields = await page.$$eval('.panel [data-field]', (nodes) =>
    nodes.map((node) => [
      node.getAttribute('data-field') ?? '',
      node.querySelector('dd')?.firstChild?.textContent ?? '',
    ]),
  );
  return Object.fromEntries(fields) as Record<string, string>;
}

describeInBrowser('the page of a real run', () => {
  beforeAll(async () => {
    recorded = await recordSensors(VERSION);
  });

  test('has every site with the numbers of the JSON, to the last count', async () => {
    const { page } = await openFile(recorded.page, '#/table');
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Save as CSV')]);
    const lines = readFileSync(await download.path(), 'utf8')
      .trim()
      .split('\r\n')
      .slice(1);
    const round = (ns: number | null): string => (ns === null ? '' : String(Math.round(ns * 1000) / 1000));
    const wanted = recorded.report.sites.map((site) =>
      [
        ...[site.file.replace(/.*\//, ''), site.line ?? '', site.column ?? '', site.opcode],
        ...[site.count, site.raised, ...[site.totalNs, site.selfNs, site.minNs, site.p50Ns].map(round)],
        ...[site.p90Ns, site.p99Ns, site.maxNs].map(round),
      ].join(),
    );
    const got = lines.map((line) => {
      // No text of this program has a comma in quotes, but `on` has.
      const cells = line.match(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)?.map((cell) => cell.replace(/,$/, '')) ?? [];
      return [cells[0].replace(/.*\//, ''), ...cells.slice(2, 5), ...cells.slice(7, 16)].join();
    });
    expect(got.toSorted()).toEqual(wanted.toSorted());
    console.log(`html: ${got.length} sites agree with the JSON`);
  });

  test('shows the rows of the table as the terminal does', async () => {
    const { page } = await openFile(recorded.page, '#/table');
    const floor = recorded.report.probe.floorNs;
    const rows = await page.$$eval('.rows .row', (nodes) =>
      nodes.map((row) => [...row.querySelectorAll('.cell')].map((cell) => cell.textContent ?? '')),
    );
    const sorted = recorded.report.sites.toSorted((a, b) => b.selfNs - a.selfNs);
    expect(rows.length).toBeGreaterThan(20);
    rows.slice(0, 20).forEach((cells, k) => {
      const { opcode, name, count, raised, selfNs, p50Ns } = sorted[k];
      expect([cells[0], cells[1], cells[5], cells[6], cells[8], cells[11]]).toEqual([
        ...[opcode, name ?? '', formatCount(count), formatCount(raised)],
        ...[formatMeasured(selfNs, floor * count), formatMeasured(p50Ns ?? 0, floor)],
      ]);
    });
  });

  test('divides the time and names each kind with its operations', async () => {
    const { page } = await openFile(recorded.page);
    const kinds = await page.$$eval('.taxes tbody tr', (rows) =>
      rows.map((row) => row.getAttribute('data-category')),
    );
    expect(kinds).toEqual(recorded.report.categories.map(({ id }) => id));
    const counts = await page.$$eval('.taxes tbody tr', (rows) =>
      rows.map((row) => row.children[1].textContent),
    );
    const wanted = recorded.report.categories.map(({ count }) =>
      count > 0 ? formatCount(Math.round(count)) : '',
    );
    expect(counts).toEqual(wanted);
    const titles = await page.$$eval('.finding h3', (nodes) => nodes.map((node) => node.textContent));
    expect(titles).toEqual(recorded.report.findings.map(({ title }) => title));
    expect(titles.length).toBeGreaterThan(0);
    await page.click('.taxes tr[data-category="containment"] a');
    await page.waitForSelector('.grid');
    expect(await page.inputValue('#filter')).toBe('kind:containment');
    const operations = await page.$$eval('.rows .cell.op', (cells) => cells.map((cell) => cell.textContent));
    expect(new Set(operations)).toEqual(new Set(['CONTAINS_OP']));
  });

  test('colours expressions and tells all about the chosen one', async () => {
    const { page } = await openFile(recorded.page, '#/source/sensors/aggregate.py');
    const site = siteAt('aggregate.py', 'not in');
    const spot = page.locator('.spot', { hasText: /^measurement\.sensor not in known$/ });
    await spot.dispatchEvent('click');
    await page.waitForSelector('.panel.open');
    const fields = await panel(page);
    const floor = recorded.report.probe.floorNs;
    expect(fields['count']).toBe(formatCount(site.count));
    expect(fields['self']).toBe(formatMeasured(site.selfNs, floor * site.count));
    expect(fields['p99']).toBe(formatMeasured(site.p99Ns ?? 0, floor));
    expect(await page.textContent('.variants tbody')).toContain('str, list');
    expect(await page.textContent('.bytecode .own')).toContain('CONTAINS_OP');
    const bars = await page.$$eval('.histogram .h-bar title', (nodes) =>
      nodes.map((node) => node.textContent ?? ''),
    );
    const seen = bars.map((text) => Number(text.split(': ')[1].replaceAll(',', '')));
    expect(seen.reduce((sum, count) => sum + count, 0)).toBe(site.count);
    expect(page.url()).toContain('site=');
    await page.reload();
    await ready(page);
    await page.waitForSelector('.spot.chosen');
    expect((await panel(page))['count']).toBe(formatCount(site.count));
  });

  test('finds, sorts and filters', async () => {
    const { page } = await openFile(recorded.page);
    await page.keyboard.press('/');
    await page.keyboard.type('celsius');
    await page.waitForSelector('#hits [role="option"]');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.panel.open');
    expect(await page.textContent('.panel .head')).toContain('celsius');

    await page.keyboard.press('4');
    await page.waitForSelector('.grid');
    await page.click('[role="columnheader"].count button');
    const counts = (): Promise<number[]> =>
      page.$$eval('.rows .cell.count', (cells) =>
        cells.map((cell) => Number(cell.textContent?.replaceAll(',', ''))),
      );
    expect(await counts()).toEqual((await counts()).toSorted((a, b) => b - a));
    expect(page.url()).toContain('sort=count');
    await page.click('[role="columnheader"].count button');
    expect(await counts()).toEqual((await counts()).toSorted((a, b) => a - b));
    expect(await page.getAttribute('[role="columnheader"].count', 'aria-sort')).toBe('ascending');
    await page.fill('#filter', 'raised>0 count>100');
    const raised = recorded.report.sites.filter((site) => site.raised > 0 && site.count > 100).length;
    expect(raised).toBeGreaterThan(0);
    expect(await page.textContent('#table-status')).toMatch(new RegExp(`^${raised} of `));
    const again = await openFile(recorded.page, new URL(page.url()).hash);
    expect(await again.page.textContent('#table-status')).toMatch(new RegExp(`^${raised} of `));
  });

  test('is worked by the keyboard alone', async () => {
    const { page } = await openFile(recorded.page);
    await page.keyboard.press('2');
    await page.waitForSelector('.listing');
    await page.keyboard.press('n');
    await page.waitForSelector('.panel.open');
    const first = await page.textContent('.panel .head');
    await page.keyboard.press('n');
    await page.waitForFunction(
      `document.querySelector('.panel .head').textContent !== ${JSON.stringify(first)}`,
    );
    await page.keyboard.press('Escape');
    await page.waitForSelector('.panel.open', { state: 'detached' });

    await page.keyboard.press('3');
    await page.waitForSelector('.frames');
    for (const name of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'Enter']) await page.keyboard.press(name);
    await page.waitForFunction(`location.hash.includes('at=')`);
    await page.waitForSelector('.status:text("of all measured time")');
    await page.keyboard.press('Escape');
    await page.waitForFunction(`!location.hash.includes('at=')`);

    await page.keyboard.press('4');
    await page.waitForSelector('.grid');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.panel.open');

    await page.keyboard.press('?');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('Escape');
    await page.waitForSelector('dialog', { state: 'detached' });
  });

  test('is dark or light as the system is, or as one likes', async () => {
    const background = (page: Page): Promise<string> =>
      page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    const light = await openFile(recorded.page, '', { colorScheme: 'light' });
    const dark = await openFile(recorded.page, '', { colorScheme: 'dark' });
    const [bright, dim] = [await background(light.page), await background(dark.page)];
    expect(bright).not.toBe(dim);
    await light.page.keyboard.press('t');
    expect(await background(light.page)).toBe(dim);
    await light.page.keyboard.press('t');
    expect(await background(light.page)).toBe(bright);
  });

  test('the frames of a file, a function and an operation lie within each other', async () => {
    const { page } = await openFile(recorded.page, '#/flame');
    const frames = await page.$$eval('.frame', (nodes) =>
      nodes.map((node) => {
        const { left, right, top } = node.getBoundingClientRect();
        return { left, right, top };
      }),
    );
    const rows = [...new Set(frames.map(({ top }) => top))].sort((a, b) => a - b);
    expect(rows).toHaveLength(4);
    let checked = 0;
    for (const frame of frames.filter(({ top }) => top > rows[0])) {
      const above = rows[rows.indexOf(frame.top) - 1];
      const around = frames.filter(
        ({ top, left, right }) => top === above && left <= frame.left + 0.1 && right >= frame.right - 0.1,
      );
      expect(around).toHaveLength(1);
      checked++;
    }
    console.log(`html: ${checked} frames within others`);
    await page.fill('#find', 'celsius');
    expect(await page.$$('.frame.marked')).not.toHaveLength(0);
  });
});
