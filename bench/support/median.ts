/** The middle of some numbers, or the upper of the two in the middle: one that was measured. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1];
}
