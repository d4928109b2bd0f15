/** A count with its thousands separated: `1,234,567`. */
export function count(value: number): string {
  return value.toFixed(0).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** How long copies of something that grows or shrinks took. */
export function spread({
  minNs,
  p50Ns,
  maxNs,
}: {
  readonly minNs: number | null;
  readonly p50Ns: number | null;
  readonly maxNs: number | null;
}): string {
  return `the shortest took ${duration(minNs ?? 0)}, half of them ${duration(p50Ns ?? 0)} or more, the longest ${duration(maxNs ?? 0)}`;
}

/** A duration in three digits, as in the report's table. */
export function duration(ns: number): string {
  const rounded = Number(ns.toPrecision(3));
  if (rounded >= 1e9) return `${digits(rounded / 1e9)} s`;
  if (rounded >= 1e6) return `${digits(rounded / 1e6)} ms`;
  if (rounded >= 1e3) return `${digits(rounded / 1e3)} µs`;
  return `${Math.round(ns)} ns`;
}

function digits(value: number): string {
  return value >= 1000 ? count(value) : value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
