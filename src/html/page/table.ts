import { swatch } from './categories.ts';
import { h, isTyping } from './dom.ts';
import { parseFilter } from './filter.ts';
import type { Model, Site } from './model.ts';
import { note } from './navigate.ts';
import { plural } from './numbers.ts';
import { type Route, routeTo } from './route.ts';
import { siteAddress } from './site-link.ts';
import { sortSites, TABLE_COLUMNS, type TableColumn, toCsv } from './table-columns.ts';

/** Height of a row in pixels, as in the style sheet. */
const ROW = 28;
/** Rows that are drawn above and below those in sight. */
const SPARE = 12;

interface Table {
  readonly model: Model;
  readonly scroller: HTMLElement;
  readonly body: HTMLElement;
  readonly status: HTMLElement;
  readonly field: HTMLInputElement;
  readonly heads: readonly HTMLElement[];
  sort: TableColumn;
  isRising: boolean;
  rows: readonly Site[];
  /** Row that has the focus. */
  at: number;
}

let shown: Table | undefined;

/** All operations, to be sorted and filtered; only the rows in sight exist. */
export function tableView(model: Model, route: Route, into: HTMLElement): (event: KeyboardEvent) => void {
  if (into.childElementCount === 0 || shown === undefined) shown = build(model, into);
  const table = shown;
  const filter = route.options.get('filter') ?? '';
  if (table.field !== document.activeElement) table.field.value = filter;
  table.sort = TABLE_COLUMNS.find(({ id }) => id === route.options.get('sort')) ?? columnOf('self');
  table.isRising =
    route.options.get('order') === 'rising' ||
    (!table.sort.isNumber && route.options.get('order') !== 'falling');
  update(table);
  return (event) => moveRow(table, event);
}

function columnOf(id: string): TableColumn {
  return TABLE_COLUMNS.find((column) => column.id === id) ?? TABLE_COLUMNS[0];
}

function build(model: Model, into: HTMLElement): Table {
  const heads = TABLE_COLUMNS.map((column) => headCell(column));
  const body = h('div', { class: 'rows', role: 'rowgroup' });
  const scroller = h(
    'div',
    {
      class: 'grid',
      role: 'table',
      'aria-label': 'Operations',
      tabindex: '0',
      onscroll: () => shown && drawRows(shown),
    },
    h('div', { role: 'rowgroup', class: 'head' }, h('div', { role: 'row', class: 'row' }, ...heads)),
    body,
  );
  const field = h('input', {
    id: 'filter',
    type: 'search',
    placeholder: 'filter: celsius  op:call  on:list  count>1000  p99>1us  -file:test',
    'aria-describedby': 'table-status',
    spellcheck: false,
    oninput: () => shown && changed(shown),
  });
  const status = h('span', { id: 'table-status', role: 'status' });
  const copy = h('button', { onclick: () => shown && saveCsv(shown) }, 'Save as CSV');
  into.replaceChildren(
    h(
      'div',
      { class: 'tools' },
      h('h1', { class: 'sr' }, 'Operations'),
      h('label', { for: 'filter', class: 'sr' }, 'Filter'),
      field,
      status,
      copy,
    ),
    scroller,
  );
  const observer = new ResizeObserver(() => shown && drawRows(shown));
  observer.observe(scroller);
  return {
    model,
    scroller,
    body,
    status,
    field,
    heads,
    sort: columnOf('self'),
    isRising: false,
    rows: [],
    at: 0,
  };
}

function headCell(column: TableColumn): HTMLElement {
  return h(
    'div',
    {
      role: 'columnheader',
      class: `cell ${column.id} ${column.isNumber ? 'number' : ''}`,
      title: column.about,
    },
    h('button', { onclick: () => shown && sortBy(shown, column) }, column.title),
  );
}

function sortBy(table: Table, column: TableColumn): void {
  const isSame = table.sort === column;
  table.isRising = isSame ? !table.isRising : !column.isNumber;
  table.sort = column;
  changed(table);
}

/** The address says what is shown, so that it can be passed on. */
function changed(table: Table): void {
  const { sort, isRising } = table;
  const order = isRising === sort.isNumber ? (isRising ? 'rising' : 'falling') : undefined;
  note(
    routeTo('table', '', {
      sort: sort.id === 'self' ? undefined : sort.id,
      order,
      filter: table.field.value,
    }),
  );
  update(table);
}

function update(table: Table): void {
  const { model, field, sort, isRising, heads } = table;
  const filter = parseFilter(field.value, model);
  const kept = model.sites.filter(filter);
  table.rows = sortSites(kept, sort, isRising, model);
  table.at = 0;
  heads.forEach((head, k) => {
    const isSorted = TABLE_COLUMNS[k] === sort;
    head.setAttribute('aria-sort', isSorted ? (isRising ? 'ascending' : 'descending') : 'none');
  });
  table.status.textContent =
    kept.length === model.sites.length
      ? plural(kept.length, 'operation')
      : `${kept.length} of ${plural(model.sites.length, 'operation')}`;
  table.body.style.height = `${kept.length * ROW}px`;
  table.scroller.setAttribute('aria-rowcount', String(kept.length + 1));
  table.scroller.scrollTop = 0;
  drawRows(table);
}

function drawRows(table: Table): void {
  const { scroller, rows, body } = table;
  // On paper there is no scrolling.
  const height = scroller.clientHeight;
  const first = Math.max(0, Math.floor(scroller.scrollTop / ROW) - SPARE);
  const last = Math.min(rows.length, Math.ceil((scroller.scrollTop + height) / ROW) + SPARE);
  const nodes: HTMLElement[] = [];
  for (let k = first; k < last; k++) nodes.push(rowNode(table, rows[k], k));
  body.replaceChildren(...nodes);
}

function rowNode({ model, at }: Table, site: Site, k: number): HTMLElement {
  const row = h(
    'div',
    {
      role: 'row',
      class: `row ${k === at ? 'at' : ''} ${site.count === 0 ? 'idle' : ''}`,
      'aria-rowindex': k + 2,
      'data-site': site.id,
    },
    ...TABLE_COLUMNS.map((column) => cellNode(model, site, column)),
  );
  row.style.top = `${k * ROW}px`;
  return row;
}

function cellNode(model: Model, site: Site, column: TableColumn): HTMLElement {
  const text = column.text(site, model);
  const isBound = column.isNumber && text.startsWith('≤');
  const isRaised = column.id === 'raised' && site.raised > 0;
  return h(
    'div',
    {
      role: 'cell',
      class: `cell ${column.id} ${column.isNumber ? 'number' : ''} ${isBound ? 'bound' : ''} ${isRaised ? 'is-raised' : ''}`,
      title: !column.isNumber && text,
    },
    column.id === 'op' && swatch(model.data, site.category),
    column.id === 'place' ? h('a', { href: siteAddress(model, site), tabindex: '-1' }, text) : text,
  );
}

function moveRow(table: Table, event: KeyboardEvent): void {
  if (isTyping(event)) return;
  const page = Math.max(1, Math.floor(table.scroller.clientHeight / ROW) - 2);
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -table.rows.length,
    End: table.rows.length,
  };
  if (event.key === 'Enter' && document.activeElement === table.scroller) {
    const site = table.rows[table.at];
    if (site !== undefined) location.hash = siteAddress(table.model, site);
    return;
  }
  const step = steps[event.key];
  if (step === undefined || (document.activeElement instanceof HTMLButtonElement && step !== undefined))
    return;
  event.preventDefault();
  table.scroller.focus({ preventScroll: true });
  table.at = Math.min(table.rows.length - 1, Math.max(0, table.at + step));
  const top = table.at * ROW;
  const height = table.scroller.clientHeight - ROW;
  if (top < table.scroller.scrollTop) table.scroller.scrollTop = top;
  else if (top + ROW > table.scroller.scrollTop + height) table.scroller.scrollTop = top + ROW - height;
  drawRows(table);
}

function saveCsv({ rows, model }: Table): void {
  const address = URL.createObjectURL(new Blob([toCsv(rows, model)], { type: 'text/csv' }));
  h('a', { href: address, download: 'operations.csv' }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
