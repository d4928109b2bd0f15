import type { PageComparison, PageDifference } from '../data.ts';
import { h, svg } from './dom.ts';
import type { Model } from './model.ts';
import { go } from './navigate.ts';
import { change, formatCount, formatDuration, plural } from './numbers.ts';
import { type Route, routeTo } from './route.ts';
import { siteAddress } from './site-link.ts';

const VERDICTS: Readonly<Record<PageDifference['verdict'], string>> = {
  slower: 'slower',
  faster: 'faster',
  count: 'other count',
  new: 'new',
  gone: 'gone',
  same: 'no change',
};

/** Rows that are shown at once; the rest is behind a button. */
const MOST_ROWS = 300;

/** Two runs side by side: what changed, by how much, and how sure that is. */
export function compareView(model: Model, route: Route, into: HTMLElement): undefined {
  const { comparison } = model.data;
  if (comparison === null) return;
  const chosen = route.options.get('show') ?? 'changes';
  const limit = Number(route.options.get('rows')) || MOST_ROWS;
  const rows = comparison.rows.filter(
    ({ verdict }) => chosen === 'all' || (chosen === 'changes' ? verdict !== 'same' : verdict === chosen),
  );
  const scale = rows.reduce((most, row) => Math.max(most, extent(row)), 0);
  into.replaceChildren(
    h(
      'h1',
      {},
      h('span', { class: 'side' }, comparison.before),
      ' → ',
      h('span', { class: 'side' }, comparison.after),
    ),
    filters(comparison, chosen),
    rows.length === 0
      ? h('p', { class: 'empty' }, 'No difference that can be told from chance.')
      : h(
          'table',
          { class: 'differences' },
          h(
            'thead',
            {},
            h(
              'tr',
              {},
              ...[
                '',
                'operation',
                'place',
                'count',
                'self before',
                'self after',
                'change',
                'with its interval of 95 %',
              ].map((title) => h('th', { scope: 'col' }, title)),
            ),
          ),
          h('tbody', {}, ...rows.slice(0, limit).map((row) => differenceRow(model, row, scale))),
        ),
    rows.length > limit
      ? h(
          'button',
          { onclick: () => go(routeTo('compare', '', { show: chosen, rows: limit * 4 })) },
          `Show more of ${plural(rows.length, 'row')}`,
        )
      : '',
  );
}

function filters({ rows }: PageComparison, chosen: string): HTMLElement {
  const counts = new Map<string, number>([
    ['all', rows.length],
    ['changes', 0],
  ]);
  for (const { verdict } of rows) {
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
    if (verdict !== 'same') counts.set('changes', (counts.get('changes') ?? 0) + 1);
  }
  const words: Readonly<Record<string, string>> = { changes: 'all changes', ...VERDICTS, all: 'everything' };
  const links = Object.keys(words)
    .filter((word) => counts.has(word))
    .map((word) =>
      h(
        'a',
        { href: routeTo('compare', '', { show: word }), 'aria-current': word === chosen && 'true' },
        `${words[word]} ${formatCount(counts.get(word) ?? 0)}`,
      ),
    );
  return h('nav', { class: 'verdicts', 'aria-label': 'Shown differences' }, ...links);
}

function extent({ change: interval, before, after }: PageDifference): number {
  if (interval === null) return Math.abs(after - before);
  return Math.max(Math.abs(interval.low), Math.abs(interval.high));
}

function differenceRow(model: Model, row: PageDifference, scale: number): HTMLElement {
  const site = row.site < 0 ? undefined : model.sites[row.site];
  const counts =
    row.countBefore === row.countAfter
      ? formatCount(row.countAfter)
      : `${formatCount(row.countBefore)} → ${formatCount(row.countAfter)}`;
  return h(
    'tr',
    { class: row.verdict },
    h('td', {}, h('span', { class: `verdict ${row.verdict}` }, VERDICTS[row.verdict])),
    h('td', {}, h('code', {}, row.opcode), ` ${row.name}`),
    h(
      'td',
      { title: row.function },
      site === undefined ? row.place : h('a', { href: siteAddress(model, site) }, row.place),
    ),
    h('td', { class: 'number' }, counts),
    h('td', { class: 'number' }, row.verdict === 'new' ? '-' : formatDuration(Math.max(0, row.before))),
    h('td', { class: 'number' }, row.verdict === 'gone' ? '-' : formatDuration(Math.max(0, row.after))),
    h(
      'td',
      { class: 'number' },
      row.verdict === 'same' ? '·' : change(row.change?.value ?? row.after - row.before),
    ),
    h('td', { class: 'wide' }, whisker(row, scale)),
  );
}

const WIDTH = 240;

/** The change as a bar from the middle, its interval as a line. */
function whisker(row: PageDifference, scale: number): SVGElement {
  const x = (ns: number): number => WIDTH / 2 + (scale > 0 ? (ns / scale) * (WIDTH / 2 - 4) : 0);
  const { low, high, value } = row.change ?? {
    low: row.after - row.before,
    high: row.after - row.before,
    value: row.after - row.before,
  };
  const [left, right] = [Math.min(x(0), x(value)), Math.max(x(0), x(value))];
  return svg(
    'svg',
    {
      viewBox: `0 0 ${WIDTH} 16`,
      class: 'whisker',
      role: 'img',
      'aria-label': `between ${change(low)} and ${change(high)}`,
    },
    svg('title', {}, `between ${change(low)} and ${change(high)}`),
    svg('line', { x1: WIDTH / 2, x2: WIDTH / 2, y1: 0, y2: 16, class: 'h-axis' }),
    svg('rect', {
      x: left,
      y: 4,
      width: Math.max(0.5, right - left),
      height: 8,
      class: value > 0 ? 'worse' : 'better',
    }),
    svg('path', { d: `M${x(low)} 3v10M${x(low)} 8H${x(high)}M${x(high)} 3v10`, class: 'range' }),
  );
}
