import type { Finding } from '../../findings/index.ts';
import { h } from './dom.ts';
import type { Model } from './model.ts';
import { formatDuration, formatShare } from './numbers.ts';
import { siteLink } from './site-link.ts';
import { snippetOf } from './snippet.ts';

/** Sites of a finding that are shown with their lines, and those that are named after them. */
const MOST = { snippets: 3, links: 9 };

/** What could be faster, the largest gain first; nothing where nothing was found. */
export function findingsSection(model: Model): HTMLElement | null {
  const { findings } = model.data;
  if (findings.length === 0) return null;
  return h(
    'section',
    { 'aria-labelledby': 'findings' },
    h('h2', { id: 'findings' }, 'What to change'),
    h('ol', { class: 'findings' }, ...findings.map((finding) => card(model, finding))),
  );
}

function card(model: Model, { rule, title, evidence, remedy, gainNs, sites: ids }: Finding): HTMLElement {
  const sites = ids.map((id) => model.sites[id]);
  return h(
    'li',
    { class: 'finding', 'data-rule': rule },
    h(
      'p',
      { class: 'gain' },
      h('b', {}, formatDuration(gainNs.value)),
      ` less, ${formatShare(gainNs.value, model.wholeNs)} of the run`,
      h('small', {}, `between ${formatDuration(Math.max(0, gainNs.low))} and ${formatDuration(gainNs.high)}`),
    ),
    h('h3', {}, title),
    h('ul', {}, ...evidence.map((fact) => h('li', {}, fact))),
    h('p', { class: 'remedy' }, remedy),
    ...sites.slice(0, MOST.snippets).map((site) => snippetOf(model, site)),
    sites.length > MOST.snippets &&
      h(
        'p',
        { class: 'more' },
        'also ',
        ...sites.slice(MOST.snippets, MOST.links).flatMap((site) => [siteLink(model, site), ' ']),
      ),
  );
}
