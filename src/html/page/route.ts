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
  const path = target === '' ? view : `${view}/${target.split('/').map(encodeURIComponent).join('/')}`;
  return `#/${path}${query.size > 0 ? `?${query}` : ''}`;
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
