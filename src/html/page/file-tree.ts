import { bar, h } from './dom.ts';
import type { Model } from './model.ts';
import { formatShare } from './numbers.ts';
import { routeTo } from './route.ts';

interface Folder {
  readonly name: string;
  readonly folders: Map<string, Folder>;
  readonly files: { readonly name: string; readonly file: number }[];
}

/** The files in their folders, each with its share of the time; arrows move, Enter opens. */
export function fileTree(model: Model, chosen: number): HTMLElement {
  const root = newFolder('');
  model.data.files.forEach(({ short }, file) => {
    const parts = short.startsWith('<') ? [short] : short.split('/');
    let folder = root;
    for (const part of parts.slice(0, -1)) folder = child(folder, part);
    folder.files.push({ name: parts.at(-1) ?? short, file });
  });
  const most = model.fileNs.reduce((a, b) => Math.max(a, b), 0);
  return h(
    'nav',
    { class: 'files', 'aria-label': 'Files', onkeydown: moveFocus },
    h('ul', {}, ...items(model, root, chosen, most)),
  );
}

function newFolder(name: string): Folder {
  return { name, folders: new Map(), files: [] };
}

function child(folder: Folder, name: string): Folder {
  const known = folder.folders.get(name) ?? newFolder(name);
  folder.folders.set(name, known);
  return known;
}

function nsOf(model: Model, folder: Folder): number {
  let ns = 0;
  for (const { file } of folder.files) ns += model.fileNs[file];
  for (const inner of folder.folders.values()) ns += nsOf(model, inner);
  return ns;
}

function items(model: Model, folder: Folder, chosen: number, most: number): HTMLElement[] {
  const folders = [...folder.folders.values()].map((inner) => ({ inner, ns: nsOf(model, inner) }));
  return [
    ...folders.sort((a, b) => b.ns - a.ns).map(({ inner, ns }) => folderItem(model, inner, ns, chosen, most)),
    ...folder.files
      .toSorted((a, b) => model.fileNs[b.file] - model.fileNs[a.file])
      .map(({ name, file }) => fileItem(model, name, file, chosen, most)),
  ];
}

/** A folder that holds a single folder is one line with it. */
function folderItem(model: Model, folder: Folder, ns: number, chosen: number, most: number): HTMLElement {
  let inner = folder;
  let name = folder.name;
  while (inner.files.length === 0 && inner.folders.size === 1) {
    [inner] = inner.folders.values();
    name += `/${inner.name}`;
  }
  return h(
    'li',
    {},
    h(
      'details',
      { open: true },
      h(
        'summary',
        {},
        h('span', { class: 'name' }, `${name}/`),
        h('span', { class: 'share' }, formatShare(ns, model.wholeNs)),
      ),
      h('ul', {}, ...items(model, inner, chosen, most)),
    ),
  );
}

function fileItem(model: Model, name: string, file: number, chosen: number, most: number): HTMLElement {
  const ns = model.fileNs[file];
  return h(
    'li',
    {},
    h(
      'a',
      {
        href: routeTo('source', model.data.files[file].short),
        title: model.data.files[file].path,
        'aria-current': file === chosen && 'true',
      },
      h('span', { class: 'name' }, name),
      h('span', { class: 'share' }, formatShare(ns, model.wholeNs)),
      bar(most > 0 ? ns / most : 0),
    ),
  );
}

function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  event.preventDefault();
  const nav = event.currentTarget as HTMLElement;
  const stops = [...nav.querySelectorAll<HTMLElement>('a, summary')].filter(
    (stop) => stop.offsetParent !== null,
  );
  const at = stops.indexOf(document.activeElement as HTMLElement);
  stops[at + step]?.focus();
}
