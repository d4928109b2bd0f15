/** What the part of the address behind `#` says: the view, what is shown in it, and how. */
export interface Route {
  readonly view: string;
  /** Behind the view's name: a file; empty for none. */
  readonly target: string;
  readonly options: URLSearchParams;
}

/** Reads `#/view/target?name=value`. */
export function parseRoute(hash: string): Route {
  const [path, query = ''] = split(hash.replace(/^#?\/?/, ''), '?');
  const [view, target = ''] = split(path, '/');
  return {
    view: view === '' ? 'overview' : view,
    target: decode(target),
    options: new URLSearchParams(query),
  };
}

/** The address of a view. */
export function routeTo(
  view: string,
  target = '',
  options: Readonly<Record<string, string | number | undefined>> = {},
): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && value !== '') query.set(name, String(value));
  }
  const path =
    target === '' ? view : `${view}/${wellFormed(target).split('/').map(encodeURIComponent).join('/')}`;
  return `#/${path}${query.size > 0 ? `?${query}` : ''}`;
}

/** Half characters have no place in an address: Python keeps bytes that are no UTF-8 as such. */
export function wellFormed(text: string): string {
  return text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd');
}

function split(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
