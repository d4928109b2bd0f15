import { formatCount, formatDuration, formatMeasured, formatShare } from '../../report/units.ts';
import type { Model, Site } from './model.ts';

export { formatCount, formatDuration, formatMeasured, formatShare, plural } from '../../report/units.ts';

/** A single duration; a dash where there was none. */
export function one(ns: number | null, { data }: Model): string {
  return ns === null ? '-' : formatMeasured(ns, data.run.probe.floorNs);
}

/** A sum over the executions of a site. */
export function sum(ns: number, count: number, { data }: Model): string {
  return formatMeasured(ns, data.run.probe.floorNs * count);
}

/** Part of the run that is the operation's own; none for awaits, during which other code runs. */
export function shareOf(site: Site, model: Model): string {
  if (site.isAwait) return '-';
  const bound = model.data.run.probe.floorNs * site.count;
  if (site.selfNs > bound) return formatShare(site.selfNs, model.wholeNs);
  const share = formatShare(bound, model.wholeNs);
  return share.startsWith('<') ? share : `≤ ${share}`;
}

/** An estimate with its interval: `1.23 ms (1.10 ms to 1.36 ms)`. */
export function interval(value: number, low: number, high: number): string {
  return `${signed(value)} (${signed(low)} to ${signed(high)})`;
}

/** A duration that may be negative, with a real minus. */
export function signed(ns: number): string {
  return ns < 0 ? `−${formatDuration(-ns)}` : formatDuration(ns);
}

/** A change with its sign. */
export function change(ns: number): string {
  return ns > 0 ? `+${formatDuration(ns)}` : signed(ns);
}

/** A number of executions in few characters: `1.2 M`. */
export function shortCount(count: number): string {
  if (count < 10_000) return formatCount(count);
  if (count < 1_000_000) return `${(count / 1000).toFixed(count < 100_000 ? 1 : 0)} k`;
  return `${(count / 1_000_000).toFixed(count < 10_000_000 ? 2 : 1)} M`;
}

/** Levels of heat behind the first, 0. */
export const HOTTEST = 8;

/** Parts of the greatest value that are too small for a colour. */
const LUKEWARM = 0.001;

/** How hot a value is beside the greatest: 0 (next to nothing) to {@link HOTTEST}. The root shows small ones, too. */
export function heat(value: number, greatest: number): number {
  const part = greatest > 0 ? value / greatest : 0;
  return part < LUKEWARM ? 0 : Math.min(HOTTEST, Math.ceil(Math.sqrt(part) * HOTTEST));
}
