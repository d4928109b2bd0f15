/** What an element may contain; texts are texts, never markup. */
export type Child = Node | string | null | undefined | false;

type Value = string | number | boolean | null | undefined | ((event: never) => void);

/** Attributes by their names; functions are listeners for `onNAME`; false, null and undefined are left out. */
export type Props = Readonly<Record<string, Value>>;

/** Makes an element. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setProps(element, props);
  append(element, children);
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an element of a drawing. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS(SVG, tag);
  setProps(element, props);
  append(element, children);
  return element;
}

function setProps(element: Element, props: Props): void {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

function append(element: Element, children: readonly Child[]): void {
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/** A horizontal bar of a part of 1; its length is set as a style property, which the page's policy allows to programs. */
export function bar(part: number, className = 'bar'): HTMLElement {
  const fill = h('i');
  fill.style.width = `${Math.min(1, Math.max(0, part)) * 100}%`;
  return h('span', { class: className, 'aria-hidden': 'true' }, fill);
}

/** The head of a table; columns without a title have an empty cell. */
export function tableHead(titles: readonly string[]): HTMLElement {
  const cells = titles.map((title) => (title === '' ? h('td') : h('th', { scope: 'col' }, title)));
  return h('thead', {}, h('tr', {}, ...cells));
}

/** Whether a key press is text for a field and no command. */
export function isTyping(event: KeyboardEvent): boolean {
  const { target } = event;
  return (
    event.ctrlKey ||
    event.metaKey ||
    event.altKey ||
    (target instanceof HTMLElement && /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName))
  );
}
