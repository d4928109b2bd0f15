/** Index in a line of a column that counts bytes of UTF-8, as Python's do. */
export function toUnits(line: string, bytes: number): number {
  let seen = 0;
  for (let index = 0; index < line.length; index++) {
    // Never between the halves of a pair.
    if (seen >= bytes && !isSecondHalf(line.charCodeAt(index))) return index;
    seen += widthAt(line, index);
  }
  return line.length;
}

/** Bytes of a code unit; the four of a pair are the first half's. */
function widthAt(line: string, index: number): number {
  const unit = line.charCodeAt(index);
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  if (unit >= 0xd800 && unit < 0xdc00) return 4;
  return isSecondHalf(unit) ? 0 : 3;
}

function isSecondHalf(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}
