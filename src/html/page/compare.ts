import type { TimeChange } from '../../diff/index.ts';
import type { PageComparison, PageDifference, PageElsewhere, PageTime, PageVerdict } from '../data.ts';
import { h, svg, tableHead } from './dom.ts';
import type { Model } from './model.ts';
import { go } from './navigate.ts';
import { change, formatCount, formatDuration, plural } from './numbers.ts';
import { type Route, routeTo } from './route.ts';
import { siteAddress } from './site-link.ts';

const VERDICTS: Readonly<Record<PageVerdict, string>> = {
  slower: 'slower',
  faster: 'faster',
  more: 'more often',
  fewer: 'less often',
  raised: 'other exceptions',
  new: 'new',
  gone: 'gone',
  unclear: 'unclear',
  same: 'no change',
};

/** Rows that are shown at once; the rest is behind a button. */
const MOST_ROWS = 200;

function isChange([, verdict]: PageDifference): boolean {
  return verdict !== 'same' && verdict !== 'unclear';
}

/** Two sides beside each other: what changed, by how much, and how sure that is. */
export function compareView(model: Model, route: Route, into: HTMLElement): undefined {
  const { comparison } = model.data;
  if (comparison === null) return;
  const chosen = route.options.get('show') ?? 'changes';
  const limit = Number(route.options.get('rows')) || MOST_ROWS;
  const rows = comparison.rows.filter(
    (row) => chosen === 'all' || (chosen === 'changes' ? isChange(row) : row[1] === chosen),
  );
  into.replaceChildren(
    h(
      'h1',
      {},
      h('span', { class: 'side' }, comparison.before),
      ' → ',
      h('span', { class: 'side' }, comparison.after),
    ),
    summary(comparison),
    filters(comparison, chosen),
    rows.length === 0
      ? h('p', { class: 'empty' }, 'No difference that can be told from chance.')
      : differenceTable(model, rows.slice(0, limit)),
    rows.length > limit ? moreButton(chosen, limit, rows.length) : '',
  );
}

function moreButton(show: string, limit: number, all: number): HTMLElement {
  const address = routeTo('compare', '', { show, rows: limit * 4 });
  return h('button', { onclick: () => go(address) }, `Show more of ${plural(all, 'row')}`);
}

function summary({ self, sides, notes }: PageComparison): HTMLElement {
  const [before, after] = sides;
  const cells: readonly (readonly [string, string, string, string])[] = [
    ['runs', formatCount(before.runs), formatCount(after.runs), ''],
    ['Python', before.python, after.python, ''],
    ['ran', formatDuration(before.durationNs), formatDuration(after.durationNs), 'a run, from begin to end'],
    ['operations', formatCount(before.operations), formatCount(after.operations), 'executed in a run'],
    ['self time', duration(self.a), duration(self.b), `of all operations on both sides: ${timeWords(self)}`],
  ];
  return h(
    'div',
    { class: 'compared' },
    h(
      'table',
      {},
      tableHead(['', 'before', 'after', '']),
      h(
        'tbody',
        {},
        ...cells.map(([word, a, b, more]) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, word),
            h('td', {}, a),
            h('td', {}, b),
            h('td', {}, h('small', {}, more)),
          ),
        ),
      ),
    ),
    notes.length > 0 && h('ul', { class: 'hint' }, ...notes.map((text) => h('li', {}, text))),
  );
}

function timeWords({ verdict, ratio }: TimeChange): string {
  if (verdict === 'same') return 'no change';
  if (verdict === 'unknown') return 'not judged';
  return ratio === null
    ? verdict
    : `${verdict}, ${percent(ratio.value)} (${percent(ratio.low)} to ${percent(ratio.high)})`;
}

function filters({ rows }: PageComparison, chosen: string): HTMLElement {
  const words: Readonly<Record<string, string>> = { changes: 'all changes', ...VERDICTS, all: 'everything' };
  const links = Object.entries(words).flatMap(([word, title]) => {
    const count = rows.filter(
      (row) => word === 'all' || (word === 'changes' ? isChange(row) : row[1] === word),
    ).length;
    if (count === 0 && word !== 'changes' && word !== chosen) return [];
    const address = routeTo('compare', '', { show: word });
    return [
      h('a', { href: address, 'aria-current': word === chosen && 'true' }, `${title} ${formatCount(count)}`),
    ];
  });
  return h('nav', { class: 'verdicts', 'aria-label': 'Shown differences' }, ...links);
}

const TITLES = [
  '',
  'operation',
  'place',
  'count',
  'self before',
  'self after',
  'change',
  'time, with its interval',
];

function differenceTable(model: Model, rows: readonly PageDifference[]): HTMLElement {
  const scale = rows.reduce((most, row) => Math.max(most, extent(judged(row))), Math.log2(1.1));
  return h(
    'table',
    { class: 'differences' },
    tableHead(TITLES),
    h('tbody', {}, ...rows.map((row) => differenceRow(model, row, scale))),
  );
}

/** The time that was judged: the sum, or the median where there was one run on a side. */
function judged([, , , , self, p50]: PageDifference): PageTime {
  return self[2] === undefined && p50[2] !== undefined ? p50 : self;
}

/** How far from no change a ratio and its interval go, in powers of two. */
function extent([, , ...ratio]: PageTime): number {
  return Math.min(4, Math.max(0, ...ratio.map((value) => Math.abs(log(value ?? 1)))));
}

function log(ratio: number): number {
  return Math.log2(Math.max(1e-6, ratio));
}

function differenceRow(model: Model, row: PageDifference, scale: number): HTMLElement {
  const [place, verdict, countBefore, countAfter, self, p50] = row;
  const site = typeof place === 'number' ? model.sites[place] : undefined;
  const [opcode, name, where, around] = typeof place === 'number' ? describe(model, place) : place;
  const time = judged(row);
  const [before, after] = self;
  const difference = verdict === 'same' ? '·' : change((after ?? 0) - (before ?? 0));
  return h(
    'tr',
    { class: verdict, 'data-verdict': verdict },
    h('td', {}, h('span', { class: `verdict ${verdict}` }, VERDICTS[verdict])),
    h('td', {}, h('code', {}, opcode), ` ${name}`),
    h(
      'td',
      { title: around },
      site === undefined ? where : h('a', { href: siteAddress(model, site) }, where),
    ),
    h('td', { class: 'number' }, countText(countBefore, countAfter)),
    h('td', { class: 'number' }, duration(before)),
    h('td', { class: 'number' }, duration(after)),
    h('td', { class: 'number' }, difference),
    h(
      'td',
      { class: 'wide' },
      time[2] !== undefined && whisker(time, scale),
      time[2] !== undefined && h('small', {}, `${time === p50 ? 'p50 ' : ''}${percent(time[2])}`),
    ),
  );
}

/** A site of this page, as one of another is described. */
function describe({ data, sites }: Model, id: number): PageElsewhere {
  const { file, line, column, opcode, name, function: around } = sites[id];
  const place = [data.files[file].short, line, column].filter((part) => part !== -1).join(':');
  return [opcode, name, place, around];
}

function countText(...sides: readonly number[]): string {
  const [before, after] = sides.map((count) => formatCount(Math.round(count)));
  return before === after ? after : `${before} → ${after}`;
}

function duration(ns: number | null): string {
  return ns === null ? '-' : formatDuration(Math.max(0, ns));
}

/** A ratio as a change: `+12 %`; large ones as `×3.5`. */
function percent(ratio: number): string {
  if (ratio >= 3) return `×${ratio.toPrecision(2)}`;
  const part = (ratio - 1) * 100;
  const digits = Math.abs(part) < 10 ? 1 : 0;
  return `${part > 0 ? '+' : part < 0 ? '−' : ''}${Math.abs(part).toFixed(digits)} %`;
}

const WIDTH = 220;

/** The ratio as a bar from the middle, its interval as a line; the scale is logarithmic. */
function whisker([, , value, low, high]: PageTime, scale: number): SVGElement | null {
  if (value === undefined || low === undefined || high === undefined) return null;
  const x = (value: number): number =>
    WIDTH / 2 + Math.min(1, Math.max(-1, log(value) / scale)) * (WIDTH / 2 - 4);
  const [left, right] = [Math.min(x(1), x(value)), Math.max(x(1), x(value))];
  const label = `${percent(value)}, between ${percent(low)} and ${percent(high)}`;
  return svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} 16`, class: 'whisker', role: 'img', 'aria-label': label },
    svg('title', {}, label),
    svg('line', { x1: WIDTH / 2, x2: WIDTH / 2, y1: 0, y2: 16, class: 'h-axis' }),
    svg('rect', {
      x: left,
      y: 4,
      width: Math.max(0.5, right - left),
      height: 8,
      class: value > 1 ? 'worse' : 'better',
    }),
    svg('path', { d: `M${x(low)} 3v10M${x(low)} 8H${x(high)}M${x(high)} 3v10`, class: 'range' }),
  );
}
