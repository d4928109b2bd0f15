import type { Category, CategoryId } from '../../findings/index.ts';
import type { PageData } from '../data.ts';
import { bar, h, tableHead } from './dom.ts';
import type { Model } from './model.ts';
import { formatCount, formatDuration, formatShare } from './numbers.ts';
import { routeTo } from './route.ts';

/** Kinds of time in which no operation of the table ran. */
const NO_SITES: readonly CategoryId[] = ['gc', 'off-cpu', 'probes', 'unmeasured'];

/** Narrower segments have no room for their name. */
const LEAST_NAMED = 0.07;

/** The time of the run by what it was spent on, as one bar and as a table. */
export function taxesSection({ data }: Model): HTMLElement {
  const { categories, wholeNs, waitingNs, freed } = data.taxes;
  const label = categories
    .map((category) => `${category.label} ${formatShare(category.ns, wholeNs)}`)
    .join(', ');
  const rows = categories.map((category) => taxRow(category, wholeNs));
  const greatest = categories.reduce((most, { ns }) => Math.max(most, ns), 0);
  categories.forEach(({ id, ns }, k) => {
    rows[k].append(h('td', { class: 'wide' }, bar(ns / greatest, `bar k-${id}`)));
  });
  return h(
    'section',
    { 'aria-labelledby': 'taxes' },
    h('h2', { id: 'taxes' }, 'Where the time went'),
    h(
      'div',
      { class: 'strip', role: 'img', 'aria-label': label },
      ...categories.map((category) => segment(category, wholeNs)),
    ),
    h(
      'table',
      { class: 'taxes' },
      tableHead(['', 'count', 'time', '', 'share', '']),
      h('tbody', {}, ...rows),
    ),
    freed.length > 0 &&
      h('p', { class: 'hint' }, `Objects freed, and the time of what freed them: ${freedText(freed)}.`),
    waitingNs > 0 &&
      h(
        'p',
        { class: 'hint' },
        `Besides, awaits waited for ${formatDuration(waitingNs)}, during which other code ran.`,
      ),
  );
}

const MOST_FREED = 8;

function freedText(freed: PageData['taxes']['freed']): string {
  const shown = freed
    .slice(0, MOST_FREED)
    .map(({ type, count, ns }) => `${formatCount(count)} ${type ?? '?'} (${formatDuration(ns)})`);
  const more = freed.length - shown.length;
  return [...shown, ...(more > 0 ? [`${more} types more`] : [])].join(', ');
}

function segment({ id, label, ns }: Category, wholeNs: number): HTMLElement {
  const part = Math.max(0, ns) / wholeNs;
  const title = `${label}: ${formatDuration(ns)}, ${formatShare(ns, wholeNs)}`;
  const element = h('span', { class: `segment k-${id}`, title }, part > LEAST_NAMED && label);
  element.style.flexGrow = String(part);
  return element;
}

function taxRow({ id, label, about, ns, uncertaintyNs, count }: Category, wholeNs: number): HTMLElement {
  const name = NO_SITES.includes(id)
    ? label
    : h('a', { href: routeTo('table', '', { filter: `kind:${id}` }), title: 'The operations' }, label);
  const isBound = ns <= uncertaintyNs && uncertaintyNs > 0;
  return h(
    'tr',
    { 'data-category': id },
    h(
      'th',
      { scope: 'row' },
      h('span', { class: `swatch k-${id}`, 'aria-hidden': 'true' }),
      name,
      h('small', {}, about),
    ),
    h('td', {}, count > 0 ? formatCount(Math.round(count)) : ''),
    h(
      'td',
      { class: isBound && 'bound' },
      isBound ? `≤ ${formatDuration(Math.max(0, ns) + uncertaintyNs)}` : formatDuration(ns),
    ),
    h('td', { class: 'unsure' }, !isBound && uncertaintyNs > 0 && `± ${formatDuration(uncertaintyNs)}`),
    h('td', {}, formatShare(Math.max(0, ns), wholeNs)),
  );
}
