/** A real Chromium for the tests of HTML pages. tools/install-browser.sh installs it. */
import { accessSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

/** On a busy machine a page, or the browser, takes some time. */
const PATIENCE_MS = 120_000;

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

function findBrowser(): string | undefined {
  const named = process.env['PYREWRITE_CHROMIUM'] ?? 'chromium';
  const folders = named.includes('/') ? [''] : (process.env['PATH'] ?? '').split(delimiter);
  return folders
    .map((folder) => (folder === '' ? named : join(folder, named)))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const executablePath = findBrowser();
let browser: Browser | undefined;

/** Tests that need the browser; without one they are skipped, and fail in CI. */
export function describeInBrowser(title: string, body: () => void): void {
  if (executablePath === undefined) {
    if (process.env['CI']) {
      test(title, () => {
        throw new Error('there is no chromium: tools/install-browser.sh installs it');
      });
    } else describe.skip(`${title} (no chromium)`, body);
    return;
  }
  describe(title, () => {
    beforeAll(async () => {
      browser = await chromium.launch({ executablePath, args: FLAGS, timeout: PATIENCE_MS });
    });
    afterAll(async () => {
      await browser?.close();
    });
    body();
  });
}

/** A page of the browser that has opened a file, and what went wrong in it. */
export interface Opened {
  readonly page: Page;
  /** Errors and warnings of the console, exceptions, dialogs, and whatever was loaded besides the file. */
  readonly trouble: string[];
}

/** Opens an HTML file as a person would, from the disk; at the end of the test nothing may have gone wrong in it. */
export async function openFile(
  file: string,
  hash = '',
  options: BrowserContextOptions = {},
): Promise<Opened> {
  if (browser === undefined) throw new Error('the browser was not started');
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const trouble: string[] = [];
  const url = pathToFileURL(file).href;
  page.on('console', (message) => trouble.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => trouble.push(`exception: ${error.message}`));
  page.on('dialog', (dialog) => {
    trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => {
    const wanted = request.url().split('#', 1)[0];
    if (wanted !== url && !wanted.startsWith('blob:')) trouble.push(`request: ${wanted}`);
  });
  onTestFinished(async () => {
    await context.close();
    expect(trouble).toEqual([]);
  });
  await page.goto(`${url}${hash}`);
  await ready(page);
  return { page, trouble };
}

/** Waits until the page is drawn. */
export async function ready(page: Page): Promise<void> {
  await page.waitForSelector('#page:not([aria-busy])');
}

/** Writes a document to a file that is gone after the tests. */
export function temporaryHtml(html: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'pyrewrite-html-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'page.html');
  writeFileSync(file, html);
  return file;
}
