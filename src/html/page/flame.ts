import { colourOf } from './categories.ts';
import { h, isTyping } from './dom.ts';
import { type Frame, frameAt, pathOf, toFrames } from './flame-tree.ts';
import { type Model, placeOf } from './model.ts';
import { go, note } from './navigate.ts';
import { formatCount, formatDuration, formatShare } from './numbers.ts';
import { type Route, routeTo } from './route.ts';
import { siteAddress } from './site-link.ts';

/** Height of a frame in pixels, as in the style sheet. */
const ROW = 22;
/** Narrower frames are left out, pixels. */
const LEAST_WIDTH = 2;

interface Flame {
  readonly model: Model;
  readonly root: Frame;
  readonly canvas: HTMLElement;
  readonly status: HTMLElement;
  readonly search: HTMLInputElement;
  readonly choice: HTMLSelectElement;
  readonly elements: Map<Frame, HTMLElement>;
  by: 'time' | 'count';
  /** What is as wide as the page. */
  top: Frame;
}

let shown: Flame | undefined;

/** Nested frames as wide as what they cost; operations are the innermost ones. */
export function flameView(model: Model, route: Route, into: HTMLElement): (event: KeyboardEvent) => void {
  if (into.childElementCount === 0 || shown === undefined) shown = build(model, into);
  const flame = shown;
  flame.by = route.options.get('by') === 'count' ? 'count' : 'time';
  flame.choice.value = flame.by;
  flame.top = frameAt(flame.root, route.options.get('at') ?? '');
  if (flame.search !== document.activeElement) flame.search.value = route.options.get('find') ?? '';
  drawFrames(flame);
  return (event) => moveFrame(flame, event);
}

function build(model: Model, into: HTMLElement): Flame {
  const canvas = h('div', { class: 'frames', role: 'tree', 'aria-label': 'Flame graph' });
  const status = h('p', { class: 'status', role: 'status' });
  const search = h('input', {
    id: 'find',
    type: 'search',
    placeholder: 'mark frames',
    oninput: () => shown && changed(shown, shown.top),
  });
  const choice = h(
    'select',
    { id: 'by', onchange: () => shown && switchBy(shown) },
    h('option', { value: 'time' }, 'time'),
    h('option', { value: 'count' }, 'executions'),
  );
  const about =
    model.data.contexts === null
      ? 'file, function, operation; chains of calls are recorded with --callers'
      : 'operations inside operations, from threads and tasks down';
  into.replaceChildren(
    h(
      'div',
      { class: 'tools' },
      h('h1', { class: 'sr' }, 'Flame graph'),
      h('label', { for: 'by' }, 'width by '),
      choice,
      h('label', { for: 'find', class: 'sr' }, 'Mark frames'),
      search,
      h('button', { onclick: () => shown && zoom(shown, shown.root) }, 'Show all'),
      h('small', {}, about),
    ),
    status,
    h('div', { class: 'flame-box' }, canvas),
  );
  new ResizeObserver(() => shown && drawFrames(shown)).observe(canvas);
  const root = toFrames(model);
  return { model, root, canvas, status, search, choice, elements: new Map(), by: 'time', top: root };
}

function switchBy(flame: Flame): void {
  flame.by = flame.choice.value === 'count' ? 'count' : 'time';
  changed(flame, flame.top);
}

function addressOf(flame: Flame, top: Frame): string {
  const by = flame.by === 'count' ? 'count' : undefined;
  return routeTo('flame', '', { by, at: pathOf(top), find: flame.search.value });
}

function changed(flame: Flame, top: Frame): void {
  note(addressOf(flame, top));
  flame.top = top;
  drawFrames(flame);
}

function zoom(flame: Flame, frame: Frame): void {
  go(addressOf(flame, frame));
}

function widthValue(flame: Flame, frame: Frame): number {
  return flame.by === 'count' ? frame.count : frame.ns;
}

interface Place {
  readonly frame: Frame;
  /** Parts of the width. */
  readonly from: number;
  readonly width: number;
}

/** The frames around the top one in full width, and those inside it side by side. */
function places(flame: Flame): Place[] {
  const least = LEAST_WIDTH / Math.max(1, flame.canvas.clientWidth);
  const found: Place[] = [];
  for (let at = flame.top.parent; at !== null; at = at.parent)
    found.unshift({ frame: at, from: 0, width: 1 });
  const whole = widthValue(flame, flame.top);
  const open: Place[] = [{ frame: flame.top, from: 0, width: 1 }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    found.push(place);
    let { from } = place;
    const children = place.frame.children.toSorted((a, b) => widthValue(flame, b) - widthValue(flame, a));
    for (const child of children) {
      const width = whole > 0 ? widthValue(flame, child) / whole : 0;
      if (width < least) break;
      open.push({ frame: child, from, width });
      from += width;
    }
  }
  return found;
}

function drawFrames(flame: Flame): void {
  const { canvas, elements, search } = flame;
  const focused = [...elements].find(([, element]) => element === document.activeElement)?.[0];
  const wanted = search.value.toLowerCase();
  const all = places(flame);
  let marked = 0;
  elements.clear();
  for (const place of all) {
    const isMarked = wanted !== '' && place.frame.label.toLowerCase().includes(wanted);
    if (isMarked) marked++;
    elements.set(place.frame, frameNode(flame, place, isMarked));
  }
  canvas.style.height = `${(all.reduce((depth, { frame }) => Math.max(depth, frame.depth), 0) + 1) * ROW}px`;
  canvas.replaceChildren(...elements.values());
  const current = (focused && elements.get(focused)) ?? elements.get(flame.top);
  current?.setAttribute('tabindex', '0');
  if (focused !== undefined) current?.focus();
  describe(flame, flame.top, wanted === '' ? '' : `; ${marked} marked`);
}

function frameNode(flame: Flame, { frame, from, width }: Place, isMarked: boolean): HTMLElement {
  const isAround = frame.depth < flame.top.depth;
  const kind =
    frame.site >= 0 ? colourOf(flame.model.data, frame.category) : `level${Math.min(2, frame.depth)}`;
  const element = h(
    'div',
    {
      class: `frame ${kind} ${isMarked ? 'marked' : ''} ${isAround ? 'around' : ''}`,
      role: 'treeitem',
      tabindex: '-1',
      'aria-level': frame.depth + 1,
      'aria-label': textOf(flame, frame),
      title: textOf(flame, frame),
      onclick: () => open(flame, frame),
      onfocus: () => describe(flame, frame, ''),
      onmouseenter: () => describe(flame, frame, ''),
    },
    width * flame.canvas.clientWidth > 24 && frame.label,
  );
  element.style.left = `${from * 100}%`;
  element.style.width = `${width * 100}%`;
  element.style.top = `${frame.depth * ROW}px`;
  return element;
}

function textOf({ model, root }: Flame, frame: Frame): string {
  const where = frame.site >= 0 ? `, ${placeOf(model, model.sites[frame.site])}` : '';
  const ns = `${formatDuration(frame.ns)}, ${formatShare(frame.ns, root.ns)} of all measured time`;
  return `${frame.label}${where}: ${ns}; ${formatCount(frame.count)} executions`;
}

function describe(flame: Flame, frame: Frame, more: string): void {
  flame.status.textContent = `${textOf(flame, frame)}${more}`;
}

/** A frame without others in it opens its source. */
function open(flame: Flame, frame: Frame): void {
  const site = flame.model.sites[frame.site];
  if (site !== undefined && (frame.children.length === 0 || frame === flame.top))
    go(siteAddress(flame.model, site));
  else zoom(flame, frame);
}

function moveFrame(flame: Flame, event: KeyboardEvent): void {
  if (isTyping(event)) return;
  if (event.key === 'Escape') {
    zoom(flame, flame.root);
    return;
  }
  const focused = [...flame.elements].find(([, element]) => element === document.activeElement)?.[0];
  if (focused === undefined) {
    if (event.key.startsWith('Arrow')) focusFrame(flame, flame.top);
    return;
  }
  const drawn = (frames: readonly Frame[]): Frame[] =>
    frames
      .filter((frame) => flame.elements.has(frame))
      .sort((a, b) => widthValue(flame, b) - widthValue(flame, a));
  const beside = drawn(focused.parent?.children ?? []);
  const at = beside.indexOf(focused);
  const targets: Readonly<Record<string, Frame | null | undefined>> = {
    ArrowDown: drawn(focused.children)[0],
    ArrowUp: focused.parent,
    ArrowRight: beside[at + 1],
    ArrowLeft: beside[at - 1],
  };
  if (event.key === 'Enter') open(flame, focused);
  else if (event.key in targets) {
    event.preventDefault();
    const target = targets[event.key];
    if (target) focusFrame(flame, target);
  }
}

function focusFrame(flame: Flame, frame: Frame): void {
  for (const element of flame.elements.values()) element.setAttribute('tabindex', '-1');
  const element = flame.elements.get(frame);
  element?.setAttribute('tabindex', '0');
  element?.focus();
}
