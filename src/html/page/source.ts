import { detailPanel } from './detail.ts';
import { h } from './dom.ts';
import { fileTree } from './file-tree.ts';
import { drawListing, drawSiteList, isTint, type Listing, TINTS, type Tint, tintValue } from './listing.ts';
import type { Model, Site } from './model.ts';
import { go, note } from './navigate.ts';
import { formatDuration, plural } from './numbers.ts';
import { parseRoute, type Route, routeTo, wellFormed } from './route.ts';
import { layOut } from './spots.ts';

interface Shown extends Listing {
  readonly panel: HTMLElement;
}

let shown: Shown | undefined;

/** A file with its expressions coloured by what they cost, the list of files, and what is known of a chosen place. */
export function sourceView(
  model: Model,
  route: Route,
  into: HTMLElement,
): ((event: KeyboardEvent) => void) | undefined {
  if (model.data.files.length === 0) {
    into.replaceChildren(h('p', { class: 'empty' }, 'No file was measured.'));
    return undefined;
  }
  const file = fileOf(model, route);
  const named = route.options.get('tint');
  const tint = isTint(named) ? named : 'self';
  const key = `${file} ${tint}`;
  if (into.dataset.shown !== key || into.childElementCount === 0) {
    into.dataset.shown = key;
    void draw(model, file, tint, into);
  } else if (shown !== undefined) select(shown, siteOf(model, route, file));
  return onKey;
}

/** The named file; that of the named site; the most expensive one. */
function fileOf({ data, sites, fileNs }: Model, { target, options }: Route): number {
  const named = data.files.findIndex(({ short, path }) => wellFormed(short) === target || path === target);
  if (named >= 0) return named;
  const site = sites[Number(options.get('site') ?? -1)];
  return site?.file ?? fileNs.indexOf(fileNs.reduce((a, b) => Math.max(a, b), 0));
}

/** The chosen operation, where it is in the file. */
function siteOf(model: Model, { options }: Route, file: number): Site | undefined {
  const site = model.sites[Number(options.get('site') ?? -1)];
  return site?.file === file ? site : undefined;
}

async function draw(model: Model, file: number, tint: Tint, into: HTMLElement): Promise<void> {
  const text = h('section', { class: 'text', 'aria-label': model.data.files[file].short, tabindex: '-1' });
  const panel = h('aside', { class: 'panel', 'aria-label': 'Chosen operation' });
  into.replaceChildren(fileTree(model, file), text, panel);
  const chunk = await model.chunk(file);
  // The reader may have gone on meanwhile.
  if (!text.isConnected) return;
  const sites = model.byFile[file].map((id) => model.sites[id]);
  const lines = chunk.source?.split('\n') ?? [];
  if (lines.at(-1) === '') lines.pop();
  const { spots, pieces } = layOut(lines, sites);
  const listing: Shown = {
    ...{ model, file, chunk, tint, spots, panel, elements: new Map() },
    choose: ({ sites: [first] }) => go(addressOf(listing, first)),
  };
  shown = listing;
  text.replaceChildren(
    fileHead(listing, sites),
    chunk.note !== '' ? h('p', { class: 'note', role: 'note' }, chunk.note) : '',
    chunk.source === null ? drawSiteList(model, sites) : drawListing(listing, lines, pieces),
  );
  select(listing, siteOf(model, parseRoute(location.hash), file));
}

function addressOf({ model, file, tint }: Listing, site: Site | undefined): string {
  const how = { site: site?.id, tint: tint === 'self' ? undefined : tint };
  return routeTo('source', model.data.files[file].short, how);
}

function fileHead({ model, file, tint }: Listing, sites: readonly Site[]): HTMLElement {
  const ran = sites.filter(({ count }) => count > 0).length;
  const choice = h('select', { id: 'tint', onchange: () => changeTint(choice.value) });
  for (const [value, title] of Object.entries(TINTS)) {
    choice.append(h('option', { value, selected: value === tint }, title));
  }
  const about = `${formatDuration(model.fileNs[file])} self; ${ran} of ${plural(sites.length, 'operation')} ran`;
  return h(
    'div',
    { class: 'file-head' },
    h('h1', { title: model.data.files[file].path }, model.data.files[file].short),
    h('span', { title: about }, about),
    h('label', { for: 'tint' }, 'colour by '),
    choice,
  );
}

function changeTint(tint: string): void {
  if (shown === undefined || !isTint(tint)) return;
  go(addressOf({ ...shown, tint }, siteOf(shown.model, parseRoute(location.hash), shown.file)));
}

function select(listing: Shown, site: Site | undefined): void {
  const { model, chunk, spots, elements, panel } = listing;
  for (const drawn of elements.values()) for (const element of drawn) element.classList.remove('chosen');
  const spot = site && spots.find(({ sites }) => sites.includes(site));
  for (const element of (spot && elements.get(spot)) ?? []) element.classList.add('chosen');
  const line = document.getElementById(`L${site?.line}`);
  if (line !== null && !isVisible(line)) line.scrollIntoView({ block: 'center' });
  panel.replaceChildren(...detailPanel(model, chunk, site, spot?.sites ?? (site ? [site] : [])));
  panel.classList.toggle('open', site !== undefined);
  panel.scrollTop = 0;
}

function isVisible(element: HTMLElement): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top > 100 && bottom < innerHeight - 20;
}

/** Esc closes the panel; n and p go through the spots from the hottest on. */
function onKey(event: KeyboardEvent): void {
  if (shown === undefined) return;
  const { model, file, tint, spots } = shown;
  if (event.key === 'Escape') {
    note(addressOf(shown, undefined));
    select(shown, undefined);
  } else if (event.key === 'n' || event.key === 'p') {
    const ran = spots.filter(({ count }) => count > 0);
    const sorted = ran.toSorted((a, b) => tintValue(b, tint) - tintValue(a, tint));
    const chosen = siteOf(model, parseRoute(location.hash), file);
    const at = chosen === undefined ? -1 : sorted.findIndex(({ sites }) => sites.includes(chosen));
    const next = sorted.at(
      (Math.max(at, event.key === 'n' ? -1 : 0) + (event.key === 'n' ? 1 : -1)) % Math.max(1, sorted.length),
    );
    if (next !== undefined) go(addressOf(shown, next.sites[0]));
  }
}
