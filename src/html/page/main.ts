import { compareView } from './compare.ts';
import { h, isTyping } from './dom.ts';
import { flameView } from './flame.ts';
import { showHelp } from './help.ts';
import { loadModel } from './load.ts';
import type { Model } from './model.ts';
import { go } from './navigate.ts';
import { overview } from './overview.ts';
import { parseRoute, type Route, routeTo } from './route.ts';
import { searchBox } from './search.ts';
import { sourceView } from './source.ts';
import { tableView } from './table.ts';
import { applyTheme, nextTheme } from './theme.ts';

/** A view draws itself into the page; what it returns handles keys that nothing else took. */
export type View = (
  model: Model,
  route: Route,
  into: HTMLElement,
) => ((event: KeyboardEvent) => void) | undefined;

interface Tab {
  readonly id: string;
  readonly title: string;
  readonly view: View;
}

function tabsOf({ data }: Model): Tab[] {
  return [
    { id: 'overview', title: 'Overview', view: overview },
    { id: 'source', title: 'Source', view: sourceView },
    { id: 'flame', title: 'Flame graph', view: flameView },
    { id: 'table', title: 'Table', view: tableView },
    ...(data.comparison === null ? [] : [{ id: 'compare', title: 'Compare', view: compareView }]),
  ];
}

async function start(): Promise<void> {
  applyTheme();
  const page = document.getElementById('page');
  if (page === null) return;
  const model = await loadModel();
  const tabs = tabsOf(model);
  const main = h('main', { id: 'main', tabindex: '-1' });
  const links = tabs.map((tab, k) =>
    h('a', { href: routeTo(tab.id), title: `Key ${k + 1}`, 'data-view': tab.id }, tab.title),
  );
  page.replaceChildren(header(model, links), main);
  let onKey: ReturnType<View>;
  let drawn = '';
  const draw = (): void => {
    const route = parseRoute(location.hash);
    const tab = tabs.find(({ id }) => id === route.view) ?? tabs[0];
    for (const link of links) setCurrent(link, link.dataset.view === tab.id);
    main.className = tab.id;
    // Another view begins at its top; the same one stays where it is.
    if (drawn !== tab.id) main.replaceChildren();
    drawn = tab.id;
    document.title = tab.id === 'overview' ? model.data.title : `${tab.title} · ${model.data.title}`;
    onKey = tab.view(model, route, main);
  };
  addEventListener('hashchange', draw);
  addEventListener('keydown', (event) => {
    if (!isTyping(event) && !commonKey(event, tabs)) onKey?.(event);
  });
  draw();
  page.removeAttribute('aria-busy');
  // For npm run bench html.
  performance.mark('drawn');
}

function setCurrent(link: HTMLElement, isCurrent: boolean): void {
  if (isCurrent) link.setAttribute('aria-current', 'page');
  else link.removeAttribute('aria-current');
}

function header(model: Model, links: readonly HTMLElement[]): HTMLElement {
  return h(
    'header',
    {},
    h('a', { class: 'skip', href: '#main', onclick: skip }, 'Skip to the content'),
    h('a', { class: 'brand', href: routeTo('overview'), title: model.data.title }, 'pyrewrite'),
    h('nav', { 'aria-label': 'Views' }, ...links),
    searchBox(model),
    h(
      'button',
      { class: 'icon', title: 'Dark or light (t)', 'aria-label': 'Dark or light', onclick: nextTheme },
      '◐',
    ),
    h(
      'button',
      { class: 'icon', title: 'Keys and colours (?)', 'aria-label': 'Help', onclick: showHelp },
      '?',
    ),
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** Keys that work in every view. */
function commonKey(event: KeyboardEvent, tabs: readonly Tab[]): boolean {
  const tab = /^[1-9]$/.test(event.key) ? tabs[Number(event.key) - 1] : undefined;
  if (tab !== undefined) go(routeTo(tab.id));
  else if (event.key === 't') nextTheme();
  else if (event.key === '?') showHelp();
  else if (event.key === '/') {
    event.preventDefault();
    document.getElementById('search')?.focus();
  } else return false;
  return true;
}

start().catch((error: unknown) => {
  const why = error instanceof Error ? error.message : String(error);
  document
    .getElementById('page')
    ?.replaceChildren(h('p', { class: 'failed', role: 'alert' }, `This report cannot be shown: ${why}`));
  throw error;
});
