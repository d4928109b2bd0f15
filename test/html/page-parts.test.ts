import { expect, test } from 'vitest';
import { decodeSource } from '../../src/cli/html/decode-source.ts';
import { toUnits } from '../../src/html/page/columns.ts';
import { parseFilter } from '../../src/html/page/filter.ts';
import { frameAt, pathOf, toFrames } from '../../src/html/page/flame-tree.ts';
import { highlight } from '../../src/html/page/highlight.ts';
import { type Model, modelOf } from '../../src/html/page/model.ts';
import { heat } from '../../src/html/page/numbers.ts';
import { parseRoute, routeTo } from '../../src/html/page/route.ts';
import { layOut, type Piece } from '../../src/html/page/spots.ts';
import { sortSites, TABLE_COLUMNS, toCsv } from '../../src/html/page/table-columns.ts';
import { toPage } from '../../src/html/to-page.ts';
import type { Profile, SiteStats } from '../../src/profile/profile.ts';
import { counters, profileOf, siteStats, variant } from '../support/made-up.ts';

function model(sites: readonly SiteStats[], different: Partial<Profile> = {}): Model {
  const page = toPage(profileOf(sites, different), { version: '0', title: 't' });
  const { data, chunks } = { data: page.data, chunks: [...page.chunks] };
  return modelOf(data, async (number) => chunks[number]);
}

const SITES = [
  siteStats({ name: 'celsius', ...counters(10, 2000), variants: [variant('property', 10, 2000)] }),
  siteStats({ opcode: 'CALL', name: 'len', line: 2, ...counters(1000, 50), raised: 3 }),
  siteStats({ opcode: 'FOR_ITER', name: null, file: '/lib/b.py', function: 'Loop.run', ...counters(1, 3e6) }),
];

test('filters find what they say', () => {
  const all = model(SITES);
  const found = (text: string): number[] => all.sites.filter(parseFilter(text, all)).map(({ id }) => id);
  const cases: readonly (readonly [string, number[]])[] = [
    ['', [0, 1, 2]],
    ['CELSIUS', [0]],
    ['op:call', [1]],
    ['-op:call', [0, 2]],
    ['count>=10 count<1000', [0]],
    ['p50>1us', [0, 2]],
    ['self>=3ms', [2]],
    ['raised>0', [1]],
    ['kind:property', [0]],
    ['file:lib', [2]],
    ['function:loop', [2]],
    ['share>0.1%', [2]],
    ['count=1', [2]],
    ['line=2', [1]],
    ['"property of"', [0]],
    ['a.py:2', [1]],
    ['nothing', []],
    ['count>x', []],
    ['constructor:x', []],
  ];
  for (const [text, wanted] of cases) expect(found(text), text).toEqual(wanted);
  console.log(`html: ${cases.length} filters`);
});

test('the table sorts by every column, both ways', () => {
  const all = model(SITES);
  for (const column of TABLE_COLUMNS) {
    const rising = sortSites(all.sites, column, true, all).map((site) => column.value(site, all));
    const falling = sortSites(all.sites, column, false, all).map((site) => column.value(site, all));
    expect(rising, column.id).toEqual(falling.toReversed());
    for (let k = 1; k < rising.length; k++) expect(rising[k - 1] <= rising[k], column.id).toBe(true);
  }
});

test('CSV quotes what needs it and lets no text be a formula', () => {
  const csv = toCsv(
    model([siteStats({ name: '=A1, "b"', function: '-x', line: null, column: null })]).sites,
    model([siteStats()]),
  );
  expect(csv.split('\r\n')[1]).toMatch(/^\/app\/a\.py,'-x,,,LOAD_ATTR,"'=A1, ""b""",/);
});

test('columns of UTF-8 become places in the text', () => {
  const line = 'é = "€𝄞" + x';
  for (let index = 0; index <= line.length; index++) {
    if (line.charCodeAt(index) >= 0xdc00 && line.charCodeAt(index) < 0xe000) continue;
    expect(toUnits(line, Buffer.byteLength(line.slice(0, index)))).toBe(index);
  }
  expect(toUnits('ab', 99)).toBe(2);
});

test('expressions lie within those around them, and a def has its first line only', () => {
  const at = (line: number, column: number, endLine: number, endColumn: number): SiteStats =>
    siteStats({ line, column, endLine, endColumn, ...counters(1, 1) });
  const lines = ['f(g(a.b),', '  c)', 'def h():', '    pass'];
  const sites = model([at(1, 0, 2, 4), at(1, 2, 1, 8), at(1, 4, 1, 7), at(3, 0, 4, 8)]).sites;
  const { spots, pieces } = layOut(lines, sites);
  expect(spots).toHaveLength(4);
  const shape = ({ from, to, inner }: Piece): unknown => [from, to, ...inner.map(shape)];
  expect(pieces.map((line) => line.map(shape))).toEqual([[[0, 9, [2, 8, [4, 7]]]], [[2, 4]], [[0, 8]], []]);
});

test('without columns a line is one place with all its operations', () => {
  const site = siteStats({ column: null, endColumn: null, ...counters(1, 1) });
  const { spots, pieces } = layOut(['  x.x  '], model([site, { ...site, opcode: 'CALL' }]).sites);
  expect(spots.map(({ sites }) => sites.length)).toEqual([2]);
  expect(pieces[0].map(({ from, to }) => [from, to])).toEqual([[2, 5]]);
});

test('pieces that overlap are cut and never lost or doubled', () => {
  const cross = [
    [0, 4],
    [2, 6],
    [2, 3],
    [5, 8],
  ].map(([column, endColumn]) => siteStats({ column, endColumn, ...counters(1, 1) }));
  const { pieces } = layOut(['abcdefgh'], model(cross).sites);
  const check = (list: readonly Piece[], from: number, to: number): void => {
    let at = from;
    for (const piece of list) {
      expect(piece.from).toBeGreaterThanOrEqual(at);
      expect(piece.to).toBeLessThanOrEqual(to);
      check(piece.inner, piece.from, piece.to);
      at = piece.to;
    }
  };
  check(pieces[0], 0, 8);
});

test('tokens cover every line in full', () => {
  const lines = [
    '@dec',
    'def f(a):  # c',
    "  '''long",
    "  text''' + x",
    '  return f"{a}" + 1.5e3',
    "'open",
    '',
  ];
  const tokens = highlight(lines);
  lines.forEach((line, k) => {
    expect(tokens[k].at(-1)?.to ?? 0).toBe(line.length);
    tokens[k].forEach(({ to }, t) => {
      expect(to).toBeGreaterThan(t === 0 ? 0 : tokens[k][t - 1].to);
    });
  });
  const kinds = tokens.map((line) => line.map(({ kind }) => kind).join(''));
  expect(kinds).toEqual(['d', 'kc', 's', 's', 'ksn', 's', '']);
});

test('addresses lead back to where they came from', () => {
  for (const target of ['a.py', 'a b/ü?#&=%.py', '<string>', "it's"]) {
    const route = parseRoute(routeTo('source', target, { site: 7, tint: '', filter: 'a & b = c%' }));
    expect([route.view, route.target, route.options.get('site'), route.options.get('filter')]).toEqual([
      'source',
      target,
      '7',
      'a & b = c%',
    ]);
    expect(route.options.has('tint')).toBe(false);
  }
  expect(parseRoute('').view).toBe('overview');
  expect(parseRoute('#/source/%E0%A4%A').target).toBe('%E0%A4%A');
});

test('frames add up, by place and by context', () => {
  const byPlace = toFrames(model(SITES));
  expect(byPlace.ns).toBe(20_000 + 50_000 + 3e6);
  expect(byPlace.count).toBe(1011);
  const context = { label: null, count: 5, raised: 0, totalNs: 0 };
  const contexts = [
    { ...context, parent: -1, site: -1, label: 'MainThread', count: 0, selfNs: 0 },
    { ...context, parent: 0, site: 1, selfNs: 100 },
    { ...context, parent: 1, site: 0, selfNs: 40 },
    { ...context, parent: 1, site: 2, selfNs: 60 },
  ];
  const root = toFrames(model(SITES, { contexts }));
  const [thread] = root.children;
  expect([root.ns, root.count, thread.label, thread.children[0].ns]).toEqual([200, 15, 'MainThread', 200]);
  for (const frame of [root, thread, thread.children[0].children[1]]) {
    expect(frameAt(root, pathOf(frame))).toBe(frame);
  }
  expect(frameAt(root, '0.99.1')).toBe(thread);
});

test('heat rises with the value', () => {
  expect([0, 1e-6, 0.01, 0.25, 1].map((part) => heat(part * 1e9, 1e9))).toEqual([0, 0, 1, 4, 8]);
  expect(heat(5, 0)).toBe(0);
});

test('sources are decoded as Python does', () => {
  const latin = Buffer.from('# -*- coding: latin-1 -*-\nx = "é"\r\n', 'latin1');
  expect(decodeSource(latin)).toBe('# -*- coding: latin-1 -*-\nx = "é"\n');
  expect(decodeSource(Buffer.from('\ufeffx = "é"\r'))).toBe('x = "é"\n');
  expect(decodeSource(Buffer.from('#!/bin/python\n# vim: set fileencoding=utf8 :\n"€"'))).toContain('€');
});
