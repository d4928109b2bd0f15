import type { ComparedSite, CountChange, CountRange, Place, TimeChange } from '../../diff/index.ts';
import { formatCount, formatDuration } from '../units.ts';

/** `+12 %`, `−3 %`, `±0 %`; large ones as a factor: `×3.1`. */
export function formatRatio(ratio: number): string {
  if (ratio >= 3 || ratio <= 1 / 3) return `×${Number(ratio.toPrecision(2))}`;
  const percent = Math.round((ratio - 1) * 100);
  if (percent === 0) return '±0 %';
  return `${percent > 0 ? '+' : '−'}${Math.abs(percent)} %`;
}

/** What became of a time, in words, with the interval where there is one. */
export function formatTimeChange({ ratio, verdict }: TimeChange): string {
  const between = ratio === null ? '' : ` (${formatRatio(ratio.low)} … ${formatRatio(ratio.high)})`;
  switch (verdict) {
    case 'same':
      return `no change${between}`;
    case 'unclear':
      return `no change seen${between}`;
    case 'unknown':
      return 'not known';
    case 'slower':
    case 'faster':
      return `${formatRatio(ratio?.value ?? 1)}${between} ${verdict}`;
  }
}

/** `1,000`, or `1,000 → 2,000`; counts that vary within a side as `990–1,010`. */
export function formatCountChange({ a, b, exact }: CountChange): string {
  const [left, right] = [a, b].map((range) => formatRange(range, exact));
  return left === right ? left : `${left} → ${right}`;
}

function formatRange({ least, most, mean }: CountRange, exact: boolean): string {
  if (!exact) return `≈ ${formatCount(mean)}`;
  return least === most ? formatCount(least) : `${formatCount(least)}–${formatCount(most)}`;
}

/** `1.2 µs → 1.5 µs`. */
export function formatTimes({ a, b }: TimeChange): string {
  const one = (ns: number | null): string => (ns === null ? '-' : formatDuration(ns));
  const [left, right] = [one(a), one(b)];
  return left === right ? left : `${left} → ${right}`;
}

/** Where the site is: in B, or in A where it is gone. */
export function placeOf({ a, b }: ComparedSite): Place {
  const place = b ?? a;
  if (place === null) throw new RangeError('a compared site is on one side at least');
  return place;
}

/** What is to be said of a site in one word, and whether it is bad news. */
export function headline(site: ComparedSite): {
  readonly word: string;
  readonly tone: 'bad' | 'good' | 'plain';
} {
  const { verdict, self, p50, count, raised } = site;
  if (verdict !== 'changed') return { word: WORDS[verdict], tone: 'plain' };
  const time = [self.verdict, p50.verdict].find((word) => word === 'slower' || word === 'faster');
  if (time !== undefined) return { word: time, tone: time === 'slower' ? 'bad' : 'good' };
  if (count.verdict === 'more' || count.verdict === 'fewer') {
    return { word: `${count.verdict} executions`, tone: count.verdict === 'more' ? 'bad' : 'good' };
  }
  const more = raised.verdict === 'more';
  return { word: `${more ? 'more' : 'fewer'} raised`, tone: more ? 'bad' : 'good' };
}

const WORDS: Readonly<Record<Exclude<ComparedSite['verdict'], 'changed'>, string>> = {
  same: 'no change',
  unclear: 'no change seen',
  new: 'new',
  gone: 'gone',
  idle: 'never executed',
};
