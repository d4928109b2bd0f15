import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PageAssets, toDocument } from '../../src/html/document.ts';
import { type PageOptions, toPage } from '../../src/html/to-page.ts';
import type { Profile } from '../../src/profile/profile.ts';
import { builtMain } from '../cli/built.ts';

/** The page's program and styles, built from the sources as they are. */
export function pageAssets(): PageAssets {
  const folder = join(dirname(builtMain()), '../html/page');
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  return { script: read('page.js'), style: read('page.css') };
}

/** The document of a profile. */
export function makePage(profile: Profile, options: Partial<PageOptions> = {}): string {
  const { data, chunks } = toPage(profile, { version: '0.0.0', title: 'app.py', ...options });
  return [...toDocument(data, chunks, pageAssets())].join('');
}
