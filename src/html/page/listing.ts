import type { FileChunk } from '../data.ts';
import { bar, h } from './dom.ts';
import { highlight, type Token } from './highlight.ts';
import type { Model, Site } from './model.ts';
import { heat, plural, shortCount, sum } from './numbers.ts';
import { routeTo } from './route.ts';
import type { Piece, Spot } from './spots.ts';

/** What the colours of expressions stand for. */
export const TINTS = { self: 'self time', count: 'executions', one: 'time of one execution' } as const;

/** One of {@link TINTS}. */
export type Tint = keyof typeof TINTS;

/** Whether a word of the address is a {@link Tint}. */
export function isTint(word: string | null): word is Tint {
  return word !== null && Object.hasOwn(TINTS, word);
}

/** A source that is drawn. */
export interface Listing {
  readonly model: Model;
  readonly file: number;
  readonly chunk: FileChunk;
  readonly tint: Tint;
  readonly spots: readonly Spot[];
  /** What each spot is drawn as. */
  readonly elements: Map<Spot, HTMLElement[]>;
  /** The reader chose a spot. */
  choose(spot: Spot): void;
}

/** What the colours show of a spot. */
export function tintValue(spot: Spot, tint: Tint): number {
  if (tint === 'self') return spot.selfNs;
  return tint === 'count' ? spot.count : spot.selfNs / Math.max(1, spot.count);
}

/** The lines with their numbers, and their expressions coloured. */
export function drawListing(
  listing: Listing,
  lines: readonly string[],
  pieces: readonly Piece[][],
): HTMLElement {
  const tokens = highlight(lines);
  const greatest = listing.spots.reduce((most, spot) => Math.max(most, tintValue(spot, listing.tint)), 0);
  const byLine = new Map<number, Site[]>();
  for (const { line, sites } of listing.spots) byLine.set(line, [...(byLine.get(line) ?? []), ...sites]);
  const hottest = [...byLine.values()].reduce((most, sites) => Math.max(most, nsOf(sites)), 0);
  const rows = lines.map((text, k) => {
    const line: Line = { listing, text, tokens: tokens[k], greatest };
    const nodes = pieceNodes(line, pieces[k], 0, text.length, 0);
    return h(
      'div',
      { class: 'line', id: `L${k + 1}` },
      ...margin(listing.model, k + 1, byLine.get(k + 1) ?? [], hottest),
      h('code', {}, ...nodes, text === '' ? '\n' : ''),
    );
  });
  return h('div', { class: 'listing', role: 'group', 'aria-label': 'Source' }, ...rows);
}

function nsOf(sites: readonly Site[]): number {
  return sites.reduce((ns, site) => ns + (site.isAwait ? 0 : Math.max(0, site.selfNs)), 0);
}

/** Number, executions and self time of a line. */
function margin(model: Model, number: number, sites: readonly Site[], hottest: number): HTMLElement[] {
  const ns = nsOf(sites);
  const count = sites.reduce((max, site) => Math.max(max, site.count), 0);
  const title = sites.length > 0 && `${plural(sites.length, 'operation')}, the most frequent ${count} times`;
  return [
    h('span', { class: 'no' }, String(number)),
    h('span', { class: 'count', title }, sites.length > 0 ? shortCount(count) : ''),
    h('span', { class: 'ns' }, count > 0 ? sum(ns, count, model) : ''),
    bar(hottest > 0 ? ns / hottest : 0),
  ];
}

interface Line {
  readonly listing: Listing;
  readonly text: string;
  readonly tokens: readonly Token[];
  /** Of all spots, what is hottest. */
  readonly greatest: number;
}

function pieceNodes(line: Line, pieces: readonly Piece[], from: number, to: number, around: number): Node[] {
  const nodes: Node[] = [];
  let at = from;
  for (const piece of pieces) {
    nodes.push(...textNodes(line, at, piece.from), spotNode(line, piece, around));
    at = Math.max(at, piece.to);
  }
  nodes.push(...textNodes(line, at, to));
  return nodes;
}

/** A cheap expression inside an expensive one has the colour of that. */
function spotNode(line: Line, piece: Piece, around: number): HTMLElement {
  const { listing, greatest } = line;
  const { spot, inner, from, to } = piece;
  const own = heat(tintValue(spot, listing.tint), greatest);
  const level = spot.count === 0 ? 'idle' : own > around ? `h${own}` : 'h0';
  const known = listing.elements.get(spot) ?? [];
  const isFirst = known.length === 0;
  const choose = (event: Event): void => {
    event.stopPropagation();
    event.preventDefault();
    listing.choose(spot);
  };
  const element = h(
    'span',
    {
      class: `spot ${level}`,
      role: isFirst && 'link',
      tabindex: isFirst && '0',
      title: spotTitle(listing.model, spot),
      onclick: choose,
      onkeydown: (event: KeyboardEvent) => (event.key === 'Enter' || event.key === ' ') && choose(event),
    },
    ...pieceNodes(line, inner, from, to, Math.max(own, around)),
  );
  listing.elements.set(spot, [...known, element]);
  return element;
}

function spotTitle(model: Model, { sites }: Spot): string {
  return sites
    .slice(0, 6)
    .map((site) => {
      const self = sum(site.selfNs, site.count, model);
      return `${site.opcode} ${site.name}: ${shortCount(site.count)} ×, ${self} self`;
    })
    .join('\n');
}

function textNodes({ text, tokens }: Line, from: number, to: number): Node[] {
  const nodes: Node[] = [];
  let start = 0;
  for (const { to: end, kind } of tokens) {
    const part = text.slice(Math.max(start, from), Math.min(end, to));
    if (part !== '' && end > from && start < to) {
      nodes.push(kind === '' ? document.createTextNode(part) : h('span', { class: `t-${kind}` }, part));
    }
    start = end;
  }
  return nodes;
}

/** Where the source cannot be shown: its operations as a list. */
export function drawSiteList(model: Model, sites: readonly Site[]): HTMLElement {
  const sorted = sites.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const rows = sorted.map((site) => {
    const address = routeTo('source', model.data.files[site.file].short, { site: site.id });
    const line = site.line < 0 ? '' : `line ${site.line}: `;
    return h(
      'li',
      {},
      h('a', { href: address }, `${line}${site.opcode} ${site.name}`),
      h('small', {}, ` ${shortCount(site.count)} ×, ${sum(site.selfNs, site.count, model)} self`),
    );
  });
  return h('ol', { class: 'sites' }, ...rows);
}
