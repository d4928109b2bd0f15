/** Mean of some numbers, and how they scatter. */
export interface Sample {
  readonly count: number;
  readonly mean: number;
  /** Unbiased; 0 where there is one number. */
  readonly variance: number;
}

/** Mean and variance of at least one number. */
export function sampleOf(values: readonly number[]): Sample {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count: values.length, mean, variance: values.length > 1 ? squares / (values.length - 1) : 0 };
}

/** A difference of two means, its standard error, and the degrees of freedom of that. */
export interface Difference {
  readonly value: number;
  readonly error: number;
  readonly freedom: number;
}

/**
 * Welch's difference of two samples, `b - a`, of at least two numbers each.
 * @param leastVariance of a single number: two numbers that are the same by chance are no proof of no scatter
 */
export function welch(a: Sample, b: Sample, leastVariance = 0): Difference {
  const partA = Math.max(a.variance, leastVariance) / a.count;
  const partB = Math.max(b.variance, leastVariance) / b.count;
  const sum = partA + partB;
  const freedom = sum ** 2 / (partA ** 2 / (a.count - 1) + partB ** 2 / (b.count - 1));
  return {
    value: b.mean - a.mean,
    error: Math.sqrt(sum),
    freedom: Number.isFinite(freedom) ? freedom : a.count + b.count - 2,
  };
}

/** The probability of a difference at least so far from zero where there is none, by Student's t. */
export function pValue({ value, error, freedom }: Difference): number {
  if (error === 0) return value === 0 ? 1 : 0;
  const t = value / error;
  return incompleteBeta(freedom / (freedom + t * t), freedom / 2, 0.5);
}

/** The t that is exceeded, on either side of zero, with this probability. */
export function tQuantile(probability: number, freedom: number): number {
  let low = 0;
  let high = 1;
  const tail = (t: number): number => pValue({ value: t, error: 1, freedom });
  while (tail(high) > probability && high < 1e12) high *= 2;
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2;
    if (tail(middle) > probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Benjamini and Hochberg's q-values: among all that have a q up to x, a part of at most x is expected to be chance.
 * @param ps in any order
 * @returns in the same order
 */
export function falseDiscoveryRates(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((x, y) => ps[y] - ps[x]);
  const rates = new Array<number>(ps.length).fill(1);
  let least = 1;
  order.forEach((index, i) => {
    least = Math.min(least, (ps[index] * ps.length) / (ps.length - i));
    rates[index] = least;
  });
  return rates;
}

/** Middle of some numbers, the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** The regularized incomplete beta function, by its continued fraction. */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  // The fraction converges fast on this side of the mean only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log(1 - x));
  return (front * betaFraction(x, a, b)) / a;
}

/** Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  const away = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= 300; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < 1e-14) break;
  }
  return result;
}

const LANCZOS = [
  676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
  -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
];

/** Logarithm of the gamma function of a positive number. */
function logGamma(z: number): number {
  if (z < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * z)) - logGamma(1 - z);
  const x = z - 1;
  const sum = LANCZOS.reduce((total, term, i) => total + term / (x + i + 1), 0.9999999999998099);
  const t = x + LANCZOS.length - 0.5;
  return 0.5 * Math.log(2 * Math.PI) + (x + 0.5) * Math.log(t) - t + Math.log(sum);
}
