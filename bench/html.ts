/**
 * What HTML pages weigh, and how soon they are open: in a real Chromium, from the disk, on the table.
 *
 *     npm run bench html
 *
 * The page is opened three times; the median of the time from the navigation to the drawn view is printed.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { toDocument } from '../src/html/document.ts';
import { toPage } from '../src/html/to-page.ts';
import { counters, profileOf, siteStats, variant } from '../test/support/made-up.ts';

const SIZES = [0, 1000, 10_000, 100_000];
const ROUNDS = 3;
const VIEWS = ['overview', 'source', 'flame', 'table'];

const page = fileURLToPath(new URL('../dist/html/page/', import.meta.url));
const assets = {
  script: readFileSync(join(page, 'page.js'), 'utf8'),
  style: readFileSync(join(page, 'page.css'), 'utf8'),
};

function made(count: number) {
  const sites = Array.from({ length: count }, (_, k) =>
    siteStats({
      file: `/app/package${k % 20}/module${k % 200}.py`,
      function: `Class${k % 50}.method${k % 300}`,
      line: 1 + Math.floor(k / 200),
      column: (k % 3) * 10,
      endColumn: (k % 3) * 10 + 8,
      name: `name${k % 700}`,
      position: k,
      ...counters(1 + ((k * 7919) % 100_003), 10 + ((k * 31) % 997) + (k % 89) / 89),
      variants: [variant('property', 1, 10)],
    }),
  );
  const { data, chunks } = toPage(profileOf(sites), { version: '0', title: 'bench' });
  return [...toDocument(data, chunks, assets)].join('');
}

const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-bench-'));
const executablePath = process.env['PYREWRITE_CHROMIUM'] ?? '/usr/bin/chromium';
const browser = await chromium.launch({
  executablePath,
  args: ['--headless', '--no-sandbox', '--disable-gpu'],
});
try {
  for (const count of SIZES) {
    const html = made(count);
    const file = join(folder, `${count}.html`);
    writeFileSync(file, html);
    const times: string[] = [];
    for (const view of VIEWS) times.push(`${view} ${(await openingTime(file, view)).toFixed(0)} ms`);
    console.log(`${count} sites: ${(html.length / 1024).toFixed(0)} KiB, open in ${times.join(', ')}`);
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

/** Median, milliseconds. */
async function openingTime(file: string, view: string): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const tab = await browser.newPage();
    await tab.goto(`${pathToFileURL(file).href}#/${view}`);
    await tab.waitForSelector('#page:not([aria-busy])');
    times.push(Number(await tab.evaluate("performance.getEntriesByName('drawn')[0]?.startTime")));
    await tab.close();
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1];
}
