import { type Model, placeOf, type Site } from './model.ts';
import { formatCount, one, shareOf, sum } from './numbers.ts';

/** A column of the table. */
export interface TableColumn {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly isNumber: boolean;
  text(site: Site, model: Model): string;
  /** What it is sorted by; numbers fall first, texts rise. */
  value(site: Site, model: Model): number | string;
}

function textColumn(id: string, title: string, about: string, text: TableColumn['text']): TableColumn {
  return { id, title, about, isNumber: false, text, value: text };
}

function numberColumn(
  id: string,
  about: string,
  value: (site: Site, model: Model) => number,
  text: TableColumn['text'],
): TableColumn {
  return { id, title: id, about, isNumber: true, text, value };
}

const single = (
  id: string,
  about: string,
  field: 'minNs' | 'p50Ns' | 'p90Ns' | 'p99Ns' | 'maxNs',
): TableColumn =>
  numberColumn(
    id,
    about,
    (site) => site[field] ?? -1,
    (site, model) => one(site[field], model),
  );

/** All columns, as they stand beside each other. */
export const TABLE_COLUMNS: readonly TableColumn[] = [
  textColumn('op', 'operation', "the version's own name of the opcode", ({ opcode }) => opcode),
  textColumn('name', 'name', 'attribute, global, operator, callee', ({ name }) => name),
  textColumn('on', 'on', 'what most executions ran on', ({ on }) => on),
  textColumn('place', 'place', 'file:line:column', (site, model) => placeOf(model, site)),
  textColumn('function', 'function', 'qualified name', (site) => site.function),
  numberColumn(
    'count',
    'executions',
    ({ count }) => count,
    ({ count }) => formatCount(count),
  ),
  numberColumn(
    'raised',
    'ended by an exception',
    ({ raised }) => raised,
    ({ raised }) => formatCount(raised),
  ),
  numberColumn(
    'total',
    'from begin to end',
    ({ totalNs }) => totalNs,
    (site, model) => sum(site.totalNs, site.count, model),
  ),
  numberColumn(
    'self',
    'without the measured operations inside',
    ({ selfNs }) => selfNs,
    (site, model) => sum(site.selfNs, site.count, model),
  ),
  numberColumn(
    'share',
    "part of the processes' time",
    ({ selfNs, isAwait }) => (isAwait ? -1 : selfNs),
    shareOf,
  ),
  single('min', 'the shortest', 'minNs'),
  single('p50', 'half took no longer', 'p50Ns'),
  single('p90', 'nine in ten took no longer', 'p90Ns'),
  single('p99', '99 in 100 took no longer', 'p99Ns'),
  single('max', 'the longest', 'maxNs'),
];

/** Sorted copy; equal ones in the order of their places. */
export function sortSites(
  sites: readonly Site[],
  column: TableColumn,
  isRising: boolean,
  model: Model,
): Site[] {
  const values = new Map(sites.map((site) => [site, column.value(site, model)]));
  const sign = isRising ? 1 : -1;
  return sites.toSorted((a, b) => {
    const [x, y] = [values.get(a) ?? 0, values.get(b) ?? 0];
    return (
      (x < y ? -sign : x > y ? sign : 0) ||
      a.file - b.file ||
      a.line - b.line ||
      a.column - b.column ||
      a.id - b.id
    );
  });
}

/** The sites as comma-separated values, as they are and not as they are shown. */
export function toCsv(sites: readonly Site[], model: Model): string {
  const head =
    'file,function,line,column,opcode,name,on,count,raised,total_ns,self_ns,min_ns,p50_ns,p90_ns,p99_ns,max_ns';
  const rows = sites.map((site) =>
    [
      model.data.files[site.file].path,
      site.function,
      site.line < 0 ? '' : site.line,
      site.column < 0 ? '' : site.column,
      site.opcode,
      site.name,
      site.on,
      site.count,
      site.raised,
      site.totalNs,
      site.selfNs,
      site.minNs,
      site.p50Ns,
      site.p90Ns,
      site.p99Ns,
      site.maxNs,
    ]
      .map(csvCell)
      .join(','),
  );
  return `${[head, ...rows].join('\r\n')}\r\n`;
}

/** Quoted where needed; spreadsheets take a text that begins with one of these for a formula. */
function csvCell(value: string | number | null): string {
  if (typeof value !== 'string') return String(value ?? '');
  const safe = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
