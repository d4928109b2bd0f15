import { toUnits } from './columns.ts';
import { h } from './dom.ts';
import type { Model, Site } from './model.ts';
import { siteAddress, siteLink } from './site-link.ts';

/** The line of a site with its expression marked, where the source is known, and its place. */
export function snippetOf(model: Model, site: Site): HTMLElement {
  const text = model.snippets.get(site.id);
  return h(
    'p',
    { class: 'snippet' },
    text !== undefined &&
      h('a', { class: 'code', href: siteAddress(model, site), tabindex: '-1' }, ...marked(text, site)),
    siteLink(model, site),
  );
}

function marked(text: string, site: Site): (Node | string)[] {
  const indent = text.length - text.trimStart().length;
  if (site.column < 0) return [h('code', {}, text.trim())];
  const from = toUnits(text, site.column);
  const to = site.endLine === site.line ? toUnits(text, site.endColumn) : text.length;
  return [
    h(
      'code',
      {},
      text.slice(Math.min(indent, from), from),
      h('mark', {}, text.slice(from, to)),
      text.slice(to).trimEnd(),
    ),
  ];
}
