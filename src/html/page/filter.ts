import { type Model, placeOf, type Site } from './model.ts';

/** Whether a site is shown. */
export type SiteFilter = (site: Site) => boolean;

type TextField = 'op' | 'name' | 'on' | 'file' | 'function' | 'kind';
type NumberField =
  | 'count'
  | 'raised'
  | 'self'
  | 'total'
  | 'share'
  | 'min'
  | 'p50'
  | 'p90'
  | 'p99'
  | 'max'
  | 'line';

/** What a filter may name, and what it is. */
const TEXTS: Readonly<Record<TextField, (site: Site, model: Model) => string>> = {
  op: ({ opcode }) => opcode,
  name: ({ name }) => name,
  on: ({ on }) => on,
  file: ({ file }, { data }) => data.files[file].short,
  function: (site) => site.function,
  kind: ({ category }, { data }) => `${data.kinds[category]?.id} ${data.kinds[category]?.label}`,
};

const NUMBERS: Readonly<Record<NumberField, (site: Site, model: Model) => number>> = {
  count: ({ count }) => count,
  raised: ({ raised }) => raised,
  self: ({ selfNs }) => selfNs,
  total: ({ totalNs }) => totalNs,
  share: ({ selfNs, isAwait }, { wholeNs }) => (isAwait ? 0 : selfNs / wholeNs),
  min: ({ minNs }) => minNs ?? 0,
  p50: ({ p50Ns }) => p50Ns ?? 0,
  p90: ({ p90Ns }) => p90Ns ?? 0,
  p99: ({ p99Ns }) => p99Ns ?? 0,
  max: ({ maxNs }) => maxNs ?? 0,
  line: ({ line }) => line,
};

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  '%': 0.01,
  k: 1e3,
  m: 1e6,
};

const COMPARISON = /^(\w+)(<=|>=|<|>|=)([\d.]+)([a-zµμ%]*)$/i;

/**
 * Reads a filter: words that must all occur, in any field or in `field:word`; `field>number` with units; a minus
 * before one means that it must not hold. Words with blanks stand in double quotes.
 * @returns the filter, and the words that could not be understood and are taken as plain text
 */
export function parseFilter(text: string, model: Model): SiteFilter {
  const words = text.match(/-?(?:[\w]+:)?"[^"]*"|\S+/g) ?? [];
  const tests = words.map((word) => {
    const isNot = word.startsWith('-') && word.length > 1;
    const test = parseWord((isNot ? word.slice(1) : word).replaceAll('"', ''), model);
    return isNot ? (site: Site) => !test(site) : test;
  });
  return (site) => tests.every((test) => test(site));
}

function parseWord(word: string, model: Model): SiteFilter {
  const [, field, operator, number, unit] = COMPARISON.exec(word) ?? [];
  const value = NUMBERS[field as NumberField];
  const size = UNITS[unit?.toLowerCase() ?? ''];
  if (value !== undefined && Object.hasOwn(NUMBERS, field) && size !== undefined) {
    return compare((site) => value(site, model), operator, Number(number) * size);
  }
  const at = word.indexOf(':');
  const named = at > 0 ? word.slice(0, at) : '';
  if (Object.hasOwn(TEXTS, named)) {
    const wanted = word.slice(at + 1).toLowerCase();
    const get = TEXTS[named as TextField];
    return (site) => get(site, model).toLowerCase().includes(wanted);
  }
  const wanted = word.toLowerCase();
  return (site) =>
    `${site.opcode}\n${site.name}\n${site.on}\n${site.function}\n${placeOf(model, site)}`
      .toLowerCase()
      .includes(wanted);
}

function compare(value: (site: Site) => number, operator: string, bound: number): SiteFilter {
  switch (operator) {
    case '<':
      return (site) => value(site) < bound;
    case '<=':
      return (site) => value(site) <= bound;
    case '>':
      return (site) => value(site) > bound;
    case '>=':
      return (site) => value(site) >= bound;
    default:
      return (site) => value(site) === bound;
  }
}
