/** A count with its thousands separated: `1,234,567`. */
export function count(value: number): string {
  return value.toFixed(0).replace(/\B(?=(?:\d{3})+$)/g, ',');
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
