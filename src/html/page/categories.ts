import type { PageData } from '../data.ts';
import { h } from './dom.ts';

/** Class that has the colour of a kind of work; the neutral one for a number that is none. */
export function colourOf({ kinds }: PageData, kind: number): string {
  return `k-${kinds[kind]?.id ?? 'other'}`;
}

/** A small square in the colour of a kind of work. */
export function swatch(data: PageData, kind: number): HTMLElement {
  return h('span', { class: `swatch ${colourOf(data, kind)}`, 'aria-hidden': 'true' });
}
