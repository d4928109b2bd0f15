import type { PageHistogram, SiteDetail } from '../data.ts';
import { h, svg } from './dom.ts';
import type { Model, Site } from './model.ts';
import { formatCount, formatDuration } from './numbers.ts';

const WIDTH = 360;
const HEIGHT = 124;
const MARGIN = { left: 4, right: 4, top: 30, bottom: 18 };
/** Bars per factor of two: a bucket of the profile is narrower, and a bar has to be seen. */
const BARS_PER_OCTAVE = 8;
/** Room for as many: where all took the same, the scale would say nothing. */
const LEAST_BARS = 2 * BARS_PER_OCTAVE;

interface Bar {
  /** Number of the bar, from log2 of its durations. */
  readonly at: number;
  readonly count: number;
}

/** Executions by duration, on a logarithmic scale of time, with the percentiles marked. */
export function histogram(model: Model, site: Site, { histogram: data }: SiteDetail): HTMLElement {
  if (data.length === 0) return h('p', { class: 'hint' }, 'Never executed.');
  const bars = toBars(data);
  const [first, last] = [bars[0].at, bars[bars.length - 1].at + 1];
  const pad = Math.max(1, Math.ceil((LEAST_BARS - (last - first)) / 2));
  const scale = scaleOf(Math.max(0, first - pad), last + pad);
  const most = bars.reduce((greatest, { count }) => Math.max(greatest, count), 0);
  const drawing = svg(
    'svg',
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, class: 'histogram', role: 'img', 'aria-label': summary(site) },
    floorBand(scale, model.data.run.probe.floorNs),
    ...bars.map((bar) => barNode(scale, bar, most)),
    ...ticks(scale),
    ...(['p50Ns', 'p90Ns', 'p99Ns'] as const).flatMap((field) =>
      marker(scale, field.slice(0, 3), site[field]),
    ),
  );
  return h('div', {}, drawing);
}

function summary({ count, p50Ns, p99Ns }: Site): string {
  return `${formatCount(count)} executions; half of them within ${formatDuration(p50Ns ?? 0)}, 99 in 100 within ${formatDuration(p99Ns ?? 0)}`;
}

/** Durations under 1 ns have the same bar. */
function numberOf(ns: number): number {
  return Math.floor(Math.log2(Math.max(1, ns)) * BARS_PER_OCTAVE);
}

function toBars(data: PageHistogram): Bar[] {
  const counts = new Map<number, number>();
  for (let k = 0; k < data.length; k += 2) {
    const at = numberOf(data[k]);
    counts.set(at, (counts.get(at) ?? 0) + data[k + 1]);
  }
  return [...counts].map(([at, count]) => ({ at, count })).sort((a, b) => a.at - b.at);
}

interface Scale {
  /** Place of a bar's left side. */
  x(at: number): number;
  readonly first: number;
  readonly last: number;
}

function scaleOf(first: number, last: number): Scale {
  const width = WIDTH - MARGIN.left - MARGIN.right;
  return { x: (at) => MARGIN.left + ((at - first) / (last - first)) * width, first, last };
}

const BASE = HEIGHT - MARGIN.bottom;

/** The root of the count: the few slow ones are what one looks for. */
function barNode({ x }: Scale, { at, count }: Bar, most: number): SVGElement {
  const height = Math.max(1.5, Math.sqrt(count / most) * (BASE - MARGIN.top));
  const from = formatDuration(2 ** (at / BARS_PER_OCTAVE));
  const to = formatDuration(2 ** ((at + 1) / BARS_PER_OCTAVE));
  return svg(
    'rect',
    {
      x: x(at) + 0.3,
      y: BASE - height,
      width: Math.max(0.8, x(at + 1) - x(at) - 0.6),
      height,
      class: 'h-bar',
    },
    svg('title', {}, `${from} to ${to}: ${formatCount(count)}`),
  );
}

/** Everything up to the floor cannot be told from zero. */
function floorBand({ x, first, last }: Scale, floorNs: number): SVGElement | null {
  const end = Math.min(last, Math.log2(Math.max(1, floorNs)) * BARS_PER_OCTAVE);
  if (end <= first) return null;
  return svg(
    'rect',
    { x: x(first), y: MARGIN.top, width: x(end) - x(first), height: BASE - MARGIN.top, class: 'h-floor' },
    svg('title', {}, 'up to the floor: cannot be told from zero'),
  );
}

/** Powers of ten, and 2 and 5 where there is room. */
function ticks({ x, first, last }: Scale): SVGElement[] {
  const octaves = (last - first) / BARS_PER_OCTAVE;
  const steps = octaves < 5 ? [1, 2, 5] : octaves < 14 ? [1, 3] : [1];
  const nodes: SVGElement[] = [];
  for (let power = 0; power < 13; power++) {
    for (const step of steps) {
      const ns = step * 10 ** power;
      const at = Math.log2(ns) * BARS_PER_OCTAVE;
      if (at < first || at > last) continue;
      const place = x(at);
      const anchor = place < 20 ? 'start' : place > WIDTH - 24 ? 'end' : 'middle';
      nodes.push(
        svg('line', { x1: place, x2: place, y1: BASE, y2: BASE + 3, class: 'h-axis' }),
        svg('text', { x: place, y: HEIGHT - 4, 'text-anchor': anchor, class: 'h-tick' }, shortDuration(ns)),
      );
    }
  }
  nodes.push(svg('line', { x1: MARGIN.left, x2: WIDTH - MARGIN.right, y1: BASE, y2: BASE, class: 'h-axis' }));
  return nodes;
}

function shortDuration(ns: number): string {
  return formatDuration(ns).replace(/\.0+(?= )/, '');
}

function marker({ x, first, last }: Scale, word: string, ns: number | null): SVGElement[] {
  if (ns === null) return [];
  const at = Math.log2(Math.max(1, ns)) * BARS_PER_OCTAVE;
  if (at < first || at > last) return [];
  const place = x(at);
  const level = { p50: 0, p90: 1, p99: 2 }[word] ?? 0;
  const isLeft = place > WIDTH - 30;
  // Each on a line of its own: they may lie close together.
  const y = 8 + level * 9;
  return [
    svg('line', { x1: place, x2: place, y1: y - 7, y2: BASE, class: 'h-mark' }),
    svg(
      'text',
      { x: place + (isLeft ? -3 : 3), y, 'text-anchor': isLeft ? 'end' : 'start', class: 'h-tick' },
      word,
    ),
  ];
}
