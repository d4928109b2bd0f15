import { performance } from 'node:perf_hooks';
import { expect, test } from 'vitest';
import { compareRuns } from '../../src/diff/index.ts';
import { wellFormed } from '../../src/html/page/route.ts';
import { toComparison } from '../../src/html/to-comparison.ts';
import type { ContextStats, SiteStats } from '../../src/profile/profile.ts';
import { counters, profileOf, siteStats, variant } from '../support/made-up.ts';
import { describeInBrowser, openFile, temporaryHtml } from './browser.ts';
import { makePage } from './make-page.ts';

/** Texts that would do harm where a text is taken for something else. */
const HOSTILE = [
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '\'"`;alert(1)//',
  '&lt;b&gt;',
  '\u2028\u2029\0\ud800',
  '\u202Egnp.exe',
  '__proto__',
  'constructor',
  'javascript:alert(1)',
  '%E0%A4%A/../..//x?y#z',
];

/** What browsers show of halves of characters and of the null character. */
function normal(text: string | null): string {
  return wellFormed(text ?? '').replaceAll('\0', '\ufffd');
}

const MANY_SITES = 10_000;

const PATIENCE = { timeout: 60_000, interval: 20 } as const;

function manySites(count: number): SiteStats[] {
  return Array.from({ length: count }, (_, k) =>
    siteStats({
      file: `/app/package${k % 20}/module${k % 200}.py`,
      function: `Class${k % 50}.method${k % 300}`,
      line: 1 + Math.floor(k / 200),
      column: (k % 3) * 10,
      endColumn: (k % 3) * 10 + 8,
      name: `name${k % 700}`,
      position: k,
      ...counters(1 + ((k * 7919) % 100_003), 10 + (k % 1000)),
      variants: [variant('property', 1, 10)],
    }),
  );
}

describeInBrowser('pages of made-up profiles', () => {
  test('show hostile texts as they are', async () => {
    const sites = HOSTILE.map((text, k) =>
      siteStats({
        file: `/app/${text}.py`,
        function: text,
        name: text,
        ...counters(k + 1, 100),
        variants: [{ ...variant('types', k + 1, 100), type: text, otherType: text }],
      }),
    );
    const sources = new Map(
      HOSTILE.map((text) => [
        `/app/${text}.py`,
        { text: `${text}\n'''${text}`, note: text, codes: [], codeNote: text },
      ]),
    );
    const process = { ...profileOf([]).processes[0], command: HOSTILE, host: HOSTILE[0] };
    const profile = profileOf(sites, { processes: [process], notes: HOSTILE });
    const file = temporaryHtml(makePage(profile, { title: HOSTILE.join(' '), sources }));
    const { page } = await openFile(file);
    expect(await page.textContent('h1')).toContain(HOSTILE[0]);
    const heading = async (): Promise<string> => normal(await page.textContent('.panel .head h2'));
    let checked = 0;
    for (const [k, text] of HOSTILE.entries()) {
      await page.goto(`${page.url().split('#')[0]}#/source?site=${k}`);
      await page.waitForSelector('.panel.open');
      // The address is told before the page is drawn.
      await expect.poll(heading, PATIENCE).toContain(normal(text));
      expect(normal(await page.textContent('.variants th[scope="row"]'))).toContain(normal(text));
      expect(normal(await page.textContent('.listing'))).toContain(normal(text));
      checked++;
    }
    for (const view of ['table', 'flame']) {
      await page.goto(`${page.url().split('#')[0]}#/${view}`);
      await page.waitForSelector(view === 'table' ? '.rows .row' : '.frame');
    }
    expect(await page.$$('img, #page script')).toEqual([]);
    console.log(`html: ${checked} hostile texts`);
  });

  test('open soon with ten thousand sites, and the table holds few rows', async () => {
    const html = makePage(profileOf(manySites(MANY_SITES)));
    const file = temporaryHtml(html);
    const start = performance.now();
    const { page } = await openFile(file, '#/table');
    const opened = performance.now() - start;
    console.log(
      `html: ${MANY_SITES} sites, ${(html.length / 1024).toFixed(0)} KiB, open in ${opened.toFixed(0)} ms`,
    );
    // Only to catch what is out of all proportion; npm run bench html measures.
    expect(opened).toBeLessThan(60_000);
    expect((await page.$$('.rows .row')).length).toBeLessThan(100);
    expect(await page.textContent('#table-status')).toBe('10,000 operations');
    await page.focus('.grid');
    await page.keyboard.press('End');
    await page.waitForSelector(`.rows .row[aria-rowindex="${MANY_SITES + 1}"].at`);
    await page.fill('#filter', 'name:name699');
    expect(await page.textContent('#table-status')).toMatch(/^14 of /);
  });

  test('draw chains of operations where they were recorded', async () => {
    const sites = ['outer', 'inner', 'leaf'].map((name, k) =>
      siteStats({ name, line: k + 1, ...counters(10, 100) }),
    );
    const node = { count: 10, raised: 0, totalNs: 1000, label: null };
    const contexts: ContextStats[] = [
      { ...node, parent: -1, site: -1, label: 'MainThread', count: 0, selfNs: 0 },
      { ...node, parent: 0, site: 0, selfNs: 100 },
      { ...node, parent: 1, site: 1, selfNs: 300 },
      { ...node, parent: 2, site: 2, selfNs: 600 },
    ];
    const { page } = await openFile(temporaryHtml(makePage(profileOf(sites, { contexts }))), '#/flame');
    const labels = await page.$$eval('.frame', (frames) => frames.map((frame) => frame.textContent));
    expect(labels).toEqual([
      'all',
      'MainThread',
      'LOAD_ATTR outer :1',
      'LOAD_ATTR inner :2',
      'LOAD_ATTR leaf :3',
    ]);
    await page.click('.frame:text("inner")');
    await page.waitForFunction("location.hash.includes('at=0.0.0')");
    await page.click('.frame:text("leaf")');
    await page.waitForSelector('.panel.open');
    expect(await page.textContent('.chains')).toBe('600 ns 10 × inner ← outer ← MainThread');
  });

  test('compare two sides', async () => {
    const side = (scale: number, file: string): SiteStats[] =>
      [
        siteStats({ file, name: 'slow', line: 1, ...counters(1000, 1000 * scale) }),
        siteStats({ file, name: 'same', line: 2, ...counters(1000, 500) }),
        siteStats({ file, name: 'often', line: 3, ...counters(scale < 1.5 ? 10 : 20, 500) }),
        siteStats({ file, name: scale < 1.5 ? 'old' : 'young', line: 4, ...counters(7, 500) }),
      ].map((site, position) => ({ ...site, position, table: scale < 1.5 ? 'before' : 'after' }));
    const runs = (scale: number): ReturnType<typeof profileOf>[] =>
      [0.999, 1, 1.001, 1.0005].map((noise) => profileOf(side(scale * noise, '/app/a.py')));
    const profile = profileOf(side(2, '/app/a.py'));
    const names = { before: 'before.prof', after: 'after.prof' };
    const comparison = toComparison(
      compareRuns([profileOf(side(1, '/app/a.py')), ...runs(1)], runs(2)),
      profile,
      names,
    );
    const { page } = await openFile(temporaryHtml(makePage(profile, { comparison })), '#/compare');
    const rows = await page.$$eval('.differences tbody tr', (found) =>
      found.map((row) => [
        row.getAttribute('data-verdict'),
        row.children[1].textContent,
        row.children[3].textContent,
      ]),
    );
    const by = (name: string): (string | null)[] | undefined =>
      rows.find(([, operation]) => operation?.endsWith(name));
    expect(by('slow')?.[0]).toBe('slower');
    expect(by('often')?.[2]).toBe('10 → 20');
    expect(by('same')).toBeUndefined();
    expect(by('young')?.[0]).toBe('new');
    expect(by('old')?.[0]).toBe('gone');
    await page.click('.differences a:text("a.py:1")');
    await page.waitForSelector('.panel.open');
    expect(await page.textContent('.panel .head')).toContain('slow');
  });

  test('print in black on white, without the tools', async () => {
    const { page } = await openFile(temporaryHtml(makePage(profileOf(manySites(50)))), '', {
      colorScheme: 'dark',
    });
    await page.emulateMedia({ media: 'print' });
    expect(await page.isVisible('header')).toBe(false);
    expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
      'rgb(255, 255, 255)',
    );
    expect(await page.isVisible('.taxes')).toBe(true);
  });

  test('are small where there is nothing', async () => {
    const file = temporaryHtml(makePage(profileOf([])));
    for (const view of ['overview', 'source', 'flame', 'table', 'nothing', 'compare']) {
      const { page } = await openFile(file, `#/${view}`);
      expect((await page.textContent('main'))?.length).toBeGreaterThan(10);
    }
  });
});
