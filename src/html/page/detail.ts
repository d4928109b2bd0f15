import type { FileChunk, PageInterval, SiteDetail } from '../data.ts';
import { swatch } from './categories.ts';
import { bar, h, tableHead } from './dom.ts';
import { histogram } from './histogram.ts';
import { kindLabel, type Model, placeOf, type Site } from './model.ts';
import { formatCount, formatDuration, formatShare, one, plural, shareOf, sum } from './numbers.ts';
import { bytecode } from './site-bytecode.ts';
import { siteAddress } from './site-link.ts';

/** What is known of an operation, and which others are at the same place. */
export function detailPanel(
  model: Model,
  chunk: FileChunk,
  site: Site | undefined,
  others: readonly Site[],
): HTMLElement[] {
  if (site === undefined)
    return [
      h(
        'p',
        { class: 'hint' },
        'Choose a coloured expression. ',
        h('kbd', {}, 'n'),
        ' goes to the most expensive one.',
      ),
    ];
  const detail = chunk.details[model.data.sites.row[site.id]];
  return [
    ...(others.length > 1 ? [chooser(model, site, others)] : []),
    head(model, site),
    numbers(model, site, detail),
    section('Durations', histogram(model, site, detail)),
    ...variants(model, site, detail),
    ...collections(model, site),
    ...chains(model, site),
    section('Bytecode', bytecode(chunk, site)),
  ];
}

function section(title: string, ...children: readonly (Node | string)[]): HTMLElement {
  return h('section', {}, h('h3', {}, title), ...children);
}

function chooser(model: Model, chosen: Site, others: readonly Site[]): HTMLElement {
  return h(
    'ul',
    { class: 'chooser', 'aria-label': 'Operations at this place' },
    ...others.map((site) =>
      h(
        'li',
        {},
        h(
          'a',
          { href: siteAddress(model, site), 'aria-current': site === chosen && 'true' },
          h('code', {}, site.opcode),
          ` ${site.name} `,
          h('small', {}, sum(site.selfNs, site.count, model)),
        ),
      ),
    ),
  );
}

function head(model: Model, site: Site): HTMLElement {
  return h(
    'div',
    { class: 'head' },
    h('h2', {}, h('code', {}, site.opcode), site.name !== '' && ` ${site.name}`),
    h(
      'p',
      {},
      swatch(model.data, site.category),
      `${kindLabel(model, site)}${site.isAwait ? ', with suspensions: other code ran meanwhile' : ''}`,
    ),
    h('p', { class: 'place' }, `${placeOf(model, site)} in ${site.function}`),
  );
}

function numbers(model: Model, site: Site, detail: SiteDetail): HTMLElement {
  const rows: Row[] = [
    ['count', formatCount(site.count)],
    ['raised', formatCount(site.raised), site.raised > 0 && formatShare(site.raised, site.count)],
    ['self', sum(site.selfNs, site.count, model), shareOf(site, model)],
    ['total', sum(site.totalNs, site.count, model)],
    ['min', one(site.minNs, model)],
    ['p50', one(site.p50Ns, model)],
    ['p90', one(site.p90Ns, model)],
    ['p99', one(site.p99Ns, model)],
    ['max', one(site.maxNs, model)],
    ...moreNumbers(site, detail),
  ];
  return h('dl', { class: 'numbers' }, ...rows.map(numberNode));
}

/** A word, its value, and what else is to be said of it. */
type Row = readonly [word: string, value: string, more?: string | false];

function numberNode([word, value, more]: Row): HTMLElement {
  const note = more !== undefined && more !== false && h('small', {}, more);
  return h('div', { 'data-field': word }, h('dt', {}, word), h('dd', {}, value, note));
}

/** What only some operations or some recordings have. */
function moreNumbers({ count, swallowed }: Site, { suspensions, offCpu, estimate }: SiteDetail): Row[] {
  const rows: Row[] = [];
  if (swallowed > 0) rows.push(['swallowed', formatCount(swallowed), 'exceptions inside']);
  if (suspensions !== null) {
    const times = `${plural(suspensions.times, 'time')}, ${formatDuration(suspensions.totalNs)}`;
    rows.push(['suspended', `${formatCount(suspensions.count)} of ${formatCount(count)}`, times]);
  }
  if (offCpu !== null) {
    const { leastNs, totalNs } = offCpu;
    const waited = `${formatDuration(leastNs)} to ${formatDuration(totalNs)}`;
    rows.push(['off the CPU', waited, `in ${plural(offCpu.count, 'execution')}`]);
  }
  if (estimate !== null) {
    rows.push([
      'all: count',
      interval(estimate.count, formatCount),
      `from ${plural(estimate.bursts, 'burst')}`,
    ]);
    rows.push(['all: self', interval(estimate.selfNs, formatDuration)]);
  }
  return rows;
}

function interval([value, low, high]: PageInterval, format: (value: number) => string): string {
  return `${format(value)} (${format(low)} to ${format(high)})`;
}

function variants(model: Model, site: Site, detail: SiteDetail): HTMLElement[] {
  if (detail.variants.length === 0) return [];
  const seen = detail.variants.reduce((total, { count }) => total + count, 0);
  const rows = detail.variants.map((variant) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, variant.label, bar(variant.count / Math.max(1, site.count))),
      h('td', {}, formatCount(variant.count), h('small', {}, formatShare(variant.count, site.count))),
      h('td', { class: variant.raised > 0 && 'is-raised' }, formatCount(variant.raised)),
      h('td', {}, sum(variant.selfNs, variant.count, model)),
      h('td', {}, one(variant.p50Ns, model)),
      h('td', {}, one(variant.p99Ns, model)),
    ),
  );
  return [
    section(
      'Ran on',
      h(
        'table',
        { class: 'variants' },
        tableHead(['', 'count', 'raised', 'self', 'p50', 'p99']),
        h('tbody', {}, ...rows),
      ),
      seen < site.count
        ? h('p', { class: 'hint' }, `${plural(site.count - seen, 'execution')} without: operands not seen.`)
        : '',
    ),
  ];
}

function collections({ data }: Model, site: Site): HTMLElement[] {
  const own = data.collections.filter((collection) => collection.site === site.id);
  if (own.length === 0) return [];
  return [
    section(
      'Garbage collections here',
      h('p', { class: 'hint' }, 'Their time is in no operation.'),
      h(
        'ul',
        {},
        ...own.map(({ generation, count, totalNs, maxNs, collected }) =>
          h(
            'li',
            {},
            `generation ${generation}: ${formatCount(count)} ×, ${formatDuration(totalNs)}, at most ${formatDuration(maxNs)}; ${plural(collected, 'object')} freed`,
          ),
        ),
      ),
    ),
  ];
}

/** Most chains of calls that are shown. */
const MOST_CHAINS = 8;

/** The chains of operations that were open around it, the most expensive first. */
function chains(model: Model, site: Site): HTMLElement[] {
  const { contexts, strings } = model.data;
  if (contexts === null) return [];
  const own = contexts.site.flatMap((id, node) => (id === site.id && contexts.count[node] > 0 ? [node] : []));
  own.sort((a, b) => contexts.selfNs[b] - contexts.selfNs[a]);
  const chain = (node: number): (Node | string)[] => {
    const parts: (Node | string)[] = [];
    for (let at = contexts.parent[node]; at >= 0; at = contexts.parent[at]) {
      const around = contexts.site[at] < 0 ? undefined : model.sites[contexts.site[at]];
      if (parts.length > 0) parts.push(' ← ');
      parts.push(
        around === undefined
          ? (strings[contexts.label[at]] ?? 'root')
          : h(
              'a',
              { href: siteAddress(model, around), title: placeOf(model, around) },
              around.name || around.opcode,
            ),
      );
    }
    return parts;
  };
  return own.length === 0
    ? []
    : [
        section(
          'Came from',
          h(
            'ul',
            { class: 'chains' },
            ...own
              .slice(0, MOST_CHAINS)
              .map((node) =>
                h(
                  'li',
                  {},
                  h('b', {}, formatDuration(Math.max(0, contexts.selfNs[node]))),
                  ` ${formatCount(contexts.count[node])} × `,
                  ...chain(node),
                ),
              ),
          ),
        ),
      ];
}
