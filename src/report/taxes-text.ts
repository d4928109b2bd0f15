import type { Category } from '../findings/categories.ts';
import type { Report } from './report.ts';
import { cutEnd, wrapIndented } from './text-table.ts';
import { formatCount, formatDuration, formatShare } from './units.ts';

type Paint = (text: string) => string;

/** How {@link formatTaxes} paints. */
export interface TaxesStyle {
  readonly width: number;
  readonly bold: Paint;
  readonly dim: Paint;
  readonly bar: Paint;
}

const LONGEST_BAR = 24;
const SHORTEST_BAR = 6;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A category of less than this part of the time is summed up with others. */
const LEAST_PART = 0.005;

/** Columns beside the bar: two blanks, label, time, share, uncertainty. */
const BESIDE = 2 + 13 + 10 + 8 + 12;

/** The time by category, a bar each; the small ones in one line, and what is no part of the whole in another. */
export function formatTaxes(report: Report, style: TaxesStyle): string[] {
  const { categories, wholeNs, waitingNs, freed } = report;
  const large = categories.filter((one) => isSpecial(one) || one.ns >= LEAST_PART * wholeNs);
  const small = categories.filter((one) => !large.includes(one));
  const longest = large.reduce((most, one) => (isSpecial(one) ? most : Math.max(most, one.ns)), 0);
  const room = Math.min(LONGEST_BAR, Math.max(0, style.width - BESIDE));
  const bar = room < SHORTEST_BAR ? 0 : room;
  const lines = large.map((one) => taxLine(one, { wholeNs, longest, bar, style }));
  if (small.length > 0) lines.push(smallLine(small, wholeNs, style));
  const freedNs = freed.reduce((sum, { ns }) => sum + ns, 0);
  if (freedNs > 0 && freedNs >= LEAST_PART * wholeNs)
    lines.push(...wrapIndented(freedLine(freed), style.width));
  if (waitingNs > 0) {
    const waiting = `  ${'await'.padEnd(12)} ${formatDuration(waitingNs)} of waiting, during which other code ran`;
    lines.push(...wrapIndented(waiting, style.width));
  }
  return [style.bold('Where the time went'), ...lines];
}

const MOST_FREED = 4;

/** The types of which most was freed, by time. */
function freedLine(freed: Report['freed']): string {
  const shown = freed
    .slice(0, MOST_FREED)
    .map(({ type, count, ns }) => `${formatCount(count)} ${type ?? '?'} (${formatDuration(ns)})`);
  const more = freed.length - shown.length;
  const all = [...shown, ...(more > 0 ? [`${more} types more`] : [])];
  return `  ${'freed'.padEnd(12)} ${all.join(', ')}`;
}

/** What is not a tax of the program's. */
function isSpecial({ id }: Category): boolean {
  return id === 'probes' || id === 'unmeasured';
}

interface Scale {
  readonly wholeNs: number;
  readonly longest: number;
  /** Characters of the longest bar. */
  readonly bar: number;
  readonly style: TaxesStyle;
}

function taxLine(category: Category, { wholeNs, longest, bar, style }: Scale): string {
  const { label, ns, uncertaintyNs } = category;
  const numbers = [
    formatDuration(ns).padStart(9),
    formatShare(ns, wholeNs).padStart(7),
    ...(isSpecial(category) || style.width < BESIDE ? [] : [style.dim(`±${formatDuration(uncertaintyNs)}`)]),
  ].join(' ');
  const drawn = barOf(longest > 0 && !isSpecial(category) ? ns / longest : 0, bar);
  const painted = style.bar(drawn);
  return `  ${label.padEnd(12)} ${bar > 0 ? `${painted} ` : ''}${numbers}`.trimEnd();
}

/** A bar in eighths of a character, padded to its width. */
function barOf(part: number, width: number): string {
  const eighths = Math.round(part * width * 8);
  const text = '█'.repeat(eighths >> 3) + EIGHTHS[eighths & 7];
  return text.padEnd(width);
}

function smallLine(small: readonly Category[], wholeNs: number, { width, dim }: TaxesStyle): string {
  const sum = small.reduce((total, { ns }) => total + ns, 0);
  const names = small.map(({ label }) => label).join(', ');
  return dim(cutEnd(`  ${formatDuration(sum)} (${formatShare(sum, wholeNs)}) in all: ${names}`, width));
}
