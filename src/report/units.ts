const UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
] as const;

/** Part of the last digit that a bound may be rounded down by. */
const ROUNDING = 0.05;

/**
 * A duration with the unit that suits it and three significant digits: `12 ns`, `1.23 µs`, `45.6 ms`, `7.89 s`.
 * Nanoseconds are whole: the clock knows no better.
 */
export function formatDuration(ns: number): string {
  // Rounded first, so that 999.6 ns is 1.00 µs and not 1000 ns.
  const rounded = Number(ns.toPrecision(3));
  for (const [unit, size] of UNITS) {
    if (rounded >= size) return `${threeDigits(rounded / size)} ${unit}`;
  }
  return `${Math.round(ns)} ns`;
}

/**
 * A duration that may lie under what can be told from zero.
 * @param floorNs largest value that cannot be told from zero
 */
export function formatMeasured(ns: number, floorNs: number): string {
  return ns > floorNs ? formatDuration(ns) : formatBound(floorNs);
}

/** `≤` and the bound itself: `≤ 5 ns`. */
function formatBound(floorNs: number): string {
  return `≤ ${formatUpwards(floorNs)}`;
}

/** As {@link formatDuration}, but rounded up, since it is a bound; 10.01 ns may still be 10 ns. */
export function formatUpwards(ns: number): string {
  const digits = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(ns, 1))) - 2);
  return formatDuration(Math.ceil(ns / digits - ROUNDING) * digits);
}

/** A count with its thousands separated: `1,234,567`. */
export function formatCount(count: number): string {
  return count.toFixed(0).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** A part of a whole in percent; `<0.1%` for what would look like nothing. */
export function formatShare(part: number, whole: number): string {
  if (whole <= 0) return '-';
  const percent = (part / whole) * 100;
  if (percent > 0 && percent < 0.05) return '<0.1%';
  return `${percent.toFixed(1)}%`;
}

/** `1 file`, `2 files`. */
export function plural(count: number, noun: string, nouns = `${noun}s`): string {
  return `${formatCount(count)} ${count === 1 ? noun : nouns}`;
}

function threeDigits(value: number): string {
  if (value >= 1000) return formatCount(value);
  return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
