import { h } from './dom.ts';
import { type Model, placeOf } from './model.ts';
import { go } from './navigate.ts';
import { formatDuration, sum } from './numbers.ts';
import { routeTo } from './route.ts';
import { siteAddress } from './site-link.ts';

interface Hit {
  readonly title: string;
  readonly where: string;
  readonly cost: string;
  readonly address: string;
}

/** Hits of each kind that are listed. */
const MOST = { files: 5, functions: 6, sites: 12 };

/** A field that finds files, functions and operations; arrows choose, Enter opens. */
export function searchBox(model: Model): HTMLElement {
  const list = h('ul', { id: 'hits', role: 'listbox', 'aria-label': 'Found', hidden: true });
  let hits: readonly Hit[] = [];
  let at = 0;
  const show = (): void => {
    list.hidden = hits.length === 0;
    field.setAttribute('aria-expanded', String(hits.length > 0));
    list.replaceChildren(...hits.map((hit, k) => hitNode(hit, k, k === at)));
    field.setAttribute('aria-activedescendant', hits.length > 0 ? `hit${at}` : '');
    list.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' });
  };
  const close = (): void => {
    hits = [];
    show();
  };
  const field = h('input', {
    id: 'search',
    type: 'search',
    placeholder: 'Search  /',
    role: 'combobox',
    'aria-label': 'Search files, functions and operations',
    'aria-controls': 'hits',
    'aria-expanded': 'false',
    autocomplete: 'off',
    spellcheck: false,
    oninput: () => {
      at = 0;
      hits = find(model, field.value);
      show();
    },
    onblur: () => setTimeout(close, 200),
    onkeydown: (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        field.value = '';
        close();
        field.blur();
      } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
        event.preventDefault();
        at = (at + (event.key === 'ArrowDown' ? 1 : -1) + hits.length) % Math.max(1, hits.length);
        show();
      } else if (event.key === 'Enter' && hits[at] !== undefined) {
        go(hits[at].address);
        close();
        field.blur();
      }
    },
  });
  return h('div', { class: 'search', role: 'search' }, field, list);
}

function hitNode(hit: Hit, k: number, isChosen: boolean): HTMLElement {
  return h(
    'li',
    { role: 'option', id: `hit${k}`, 'aria-selected': String(isChosen), onmousedown: () => go(hit.address) },
    h('b', {}, hit.title),
    h('span', {}, hit.where),
    h('small', {}, hit.cost),
  );
}

function find(model: Model, text: string): Hit[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === '') return [];
  return [...findFiles(model, wanted), ...findFunctions(model, wanted), ...findSites(model, wanted)];
}

function findFiles(model: Model, wanted: string): Hit[] {
  return model.data.files
    .map(({ short }, file) => ({ short, file }))
    .filter(({ short }) => short.toLowerCase().includes(wanted))
    .sort((a, b) => model.fileNs[b.file] - model.fileNs[a.file])
    .slice(0, MOST.files)
    .map(({ short, file }) => ({
      title: short,
      where: 'file',
      cost: formatDuration(model.fileNs[file]),
      address: routeTo('source', short),
    }));
}

function findFunctions(model: Model, wanted: string): Hit[] {
  const found = new Map<string, { ns: number; site: number }>();
  for (const site of model.sites) {
    if (!site.function.toLowerCase().includes(wanted)) continue;
    const key = `${site.file} ${site.function}`;
    const known = found.get(key) ?? { ns: 0, site: site.id };
    const best = site.selfNs > model.sites[known.site].selfNs ? site.id : known.site;
    found.set(key, { ns: known.ns + (site.isAwait ? 0 : Math.max(0, site.selfNs)), site: best });
  }
  return [...found.values()]
    .sort((a, b) => b.ns - a.ns)
    .slice(0, MOST.functions)
    .map(({ ns, site }) => ({
      title: model.sites[site].function,
      where: `function in ${model.data.files[model.sites[site].file].short}`,
      cost: formatDuration(ns),
      address: siteAddress(model, model.sites[site]),
    }));
}

function findSites(model: Model, wanted: string): Hit[] {
  return model.sites
    .filter(({ name, opcode, on }) => `${opcode} ${name} ${on}`.toLowerCase().includes(wanted))
    .sort((a, b) => b.selfNs - a.selfNs)
    .slice(0, MOST.sites)
    .map((site) => ({
      title: `${site.opcode} ${site.name}`,
      where: placeOf(model, site),
      cost: sum(site.selfNs, site.count, model),
      address: siteAddress(model, site),
    }));
}
