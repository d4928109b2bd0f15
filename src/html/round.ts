/** A time to a thousandth of a nanosecond: the clock knows no better, and digits take room. */
export function thousandths(ns: number): number {
  return Math.round(ns * 1000) / 1000;
}

/** {@link thousandths}, or null. */
export function thousandthsOrNull(ns: number | null): number | null {
  return ns === null ? null : thousandths(ns);
}

/** A number that is not negative to so many digits. Much faster than by way of a text. */
export function significant(value: number, digits: number): number {
  if (value <= 0) return 0;
  const place = digits - 1 - Math.floor(Math.log10(value));
  const unit = 10 ** Math.abs(place);
  return place >= 0 ? Math.round(value * unit) / unit : Math.round(value / unit) * unit;
}
