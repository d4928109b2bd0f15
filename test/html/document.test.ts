import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { FileChunk, PageData } from '../../src/html/data.ts';
import { toPage } from '../../src/html/to-page.ts';
import { counters, profileOf, siteStats, variant } from '../support/made-up.ts';
import { makePage, pageAssets } from './make-page.ts';

const MOST_BYTES = 300 * 1024;

function unpack(html: string, id: string): unknown {
  const text = new RegExp(`id="${id}">([^<]*)<`).exec(html)?.[1] ?? '';
  return JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString());
}

test('the page without data is small', () => {
  const html = makePage(profileOf([]));
  console.log(`html: ${html.length} bytes without data, script ${pageAssets().script.length}`);
  expect(html.length).toBeLessThan(MOST_BYTES);
});

test('the document loads nothing and has no element of ours that a text could end', () => {
  const html = makePage(profileOf([siteStats({ name: '</script><img src=x>' })]), {
    title: '</title><script>alert(1)</script>"\'&\0',
  });
  expect(html.match(/<script/g)).toHaveLength(3);
  expect(html.match(/<\/title>/g)).toHaveLength(1);
  expect(html).not.toContain('<img');
  expect(html).not.toMatch(/(src|href)=["']?https?:/);
  expect(html).toContain("default-src 'none'");
});

test('what is packed is what was measured', () => {
  const histogram = { values: [100, 200.123456], counts: [3, 1] };
  const site = siteStats({ ...counters(4, 125, { histogram }), variants: [variant('property', 4, 125)] });
  const html = makePage(profileOf([site]), {
    sources: new Map([['/app/a.py', { text: 'x.x\n', note: '', codes: [], codeNote: '' }]]),
  });
  const data = unpack(html, 'd0') as PageData;
  const chunk = unpack(html, 'd1') as FileChunk;
  expect(data.sites.count).toEqual([4]);
  expect(data.sites.totalNs).toEqual([500]);
  expect(data.strings[data.sites.on[0]]).toBe('property of ?');
  expect(data.kinds[data.sites.category[0]].id).toBe('property');
  expect(data.files).toEqual([{ path: '/app/a.py', short: 'a.py' }]);
  expect(chunk.source).toBe('x.x\n');
  expect(chunk.details[0].histogram).toEqual([100, 3, 200.1, 1]);
  expect(chunk.details[0].variants.map(({ count }) => count)).toEqual([4]);
});

test('each file has a chunk with its own sites in their order', () => {
  const sites = ['/app/a.py', '/app/b.py', '/app/a.py'].map((file, k) =>
    siteStats({ file, ...counters(k + 1, 10), position: k }),
  );
  const page = toPage(profileOf(sites), { version: '0', title: '' });
  const { data, chunks } = { data: page.data, chunks: [...page.chunks] };
  expect(chunks).toHaveLength(2);
  sites.forEach(({ count }, k) => {
    const detail = chunks[data.sites.file[k]].details[data.sites.row[k]];
    expect(detail.histogram).toEqual([10, count]);
  });
});
