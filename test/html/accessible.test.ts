import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { beforeAll, expect, test } from 'vitest';
import { compareRuns } from '../../src/diff/index.ts';
import { toComparison } from '../../src/html/to-comparison.ts';
import { readProfile } from '../../src/profile/reader.ts';
import { describeInBrowser, openFile, temporaryHtml } from './browser.ts';
import { makePage } from './make-page.ts';
import { recordSensors } from './record.ts';

const AXE = createRequire(import.meta.url).resolve('axe-core');

const VIEWS = ['overview', 'source/sensors/measurement.py', 'flame', 'table', 'compare?show=all'];

/** Answers of axe: what is wrong, and where. */
interface AxeResults {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
  readonly passes: readonly unknown[];
}

describeInBrowser('the page', () => {
  let file: string;
  beforeAll(async () => {
    const recorded = await recordSensors('3.12', 200);
    const profile = readProfile(readFileSync(recorded.profile));
    const comparison = toComparison(compareRuns([profile], [profile]), profile, { before: 'a', after: 'b' });
    const source = readFileSync(`${recorded.folder}/sensors/measurement.py`, 'utf8');
    const sources = new Map([
      [`${recorded.folder}/sensors/measurement.py`, { text: source, note: '', codes: [], codeNote: 'x' }],
    ]);
    file = temporaryHtml(makePage(profile, { comparison, sources }));
  });

  test.each(['light', 'dark'] as const)('can be read by all, %s', async (colorScheme) => {
    // Its own policy lets no other program in.
    const { page } = await openFile(file, '#/overview', { colorScheme, bypassCSP: true });
    await page.addScriptTag({ path: AXE });
    for (const view of VIEWS) {
      await page.evaluate(`location.hash = '#/${view}'`);
      await page.waitForSelector(`[data-view="${view.split(/[/?]/)[0]}"][aria-current]`);
      if (view.startsWith('source')) {
        await page.waitForSelector('.listing');
        await page.keyboard.press('n');
        await page.waitForSelector('.panel.open');
      }
      // In the dark the page has the same elements in other colours.
      const rules = colorScheme === 'light' ? '' : "{ runOnly: ['color-contrast'] }";
      const { violations, passes } = (await page.evaluate(`axe.run(${rules})`)) as AxeResults;
      const told = violations.map(
        ({ id, nodes }) => `${id}: ${nodes.length} × ${nodes[0].html} ${nodes[0].failureSummary}`,
      );
      expect(told, view).toEqual([]);
      expect(passes.length).toBeGreaterThanOrEqual(colorScheme === 'light' ? 11 : 1);
      console.log(`html: ${passes.length} rules of axe hold in ${view}, ${colorScheme}`);
    }
  });
});
