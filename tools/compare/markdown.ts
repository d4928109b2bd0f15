/** A row of a table; numbers are written with commas. */
export function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => cell.toLocaleString('en')).join(' | ')} |`;
}
