/** What `PyOS_string_to_double` takes: no spaces, no underscores, no hexadecimal. */
const FLOAT_TEXT =
  /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[iI][nN][fF](?:[iI][nN][iI][tT][yY])?|[nN][aA][nN])$/;

/** Whether the payload of a legacy TYPE_FLOAT or TYPE_COMPLEX is a number. */
export function isFloatText(text: Uint8Array): boolean {
  return FLOAT_TEXT.test(String.fromCharCode(...text));
}

/** The number a text stands for that {@link isFloatText} accepts. */
export function parseFloatText(text: Uint8Array): number {
  const word = String.fromCharCode(...text).toLowerCase();
  if (word.includes('n')) {
    if (word.includes('nan')) return Number.NaN;
    return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  return Number(word);
}
