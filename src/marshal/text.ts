/*
 * str payloads. CPython encodes them as UTF-8 with the error handler 'surrogatepass': a lone surrogate is its
 * three-byte pattern (WTF-8), which TextDecoder would replace and so destroy.
 */

/** Offset of the first byte that Python's UTF-8 decoder with 'surrogatepass' refuses, or -1. */
export function invalidUtf8At(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const length = sequenceLength(bytes, at, end);
    if (length === 0) return at;
    at += length;
  }
  return -1;
}

/** Length of the well-formed sequence at `at`, or 0. */
function sequenceLength(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at];
  if (lead < 0x80) return 1;
  const length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > end) return 0;
  const second = bytes[at + 1];
  // Overlong forms, and code points above 0x10FFFF.
  if (
    (lead === 0xe0 && second < 0xa0) ||
    (lead === 0xf0 && second < 0x90) ||
    (lead === 0xf4 && second > 0x8f)
  ) {
    return 0;
  }
  for (let i = 1; i < length; i++) {
    if ((bytes[at + i] & 0xc0) !== 0x80) return 0;
  }
  return length;
}

/** Text of well-formed UTF-8, in which surrogates may stand alone. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; ) {
    const lead = bytes[at];
    if (lead < 0x80) {
      text += String.fromCharCode(lead);
      at += 1;
    } else if (lead < 0xe0) {
      text += String.fromCharCode(((lead & 0x1f) << 6) | (bytes[at + 1] & 0x3f));
      at += 2;
    } else if (lead < 0xf0) {
      const unit = ((lead & 0x0f) << 12) | ((bytes[at + 1] & 0x3f) << 6) | (bytes[at + 2] & 0x3f);
      text += String.fromCharCode(unit);
      at += 3;
    } else {
      const high = ((lead & 0x07) << 18) | ((bytes[at + 1] & 0x3f) << 12);
      text += String.fromCodePoint(high | ((bytes[at + 2] & 0x3f) << 6) | (bytes[at + 3] & 0x3f));
      at += 4;
    }
  }
  return text;
}

/** Text of a Latin-1 payload: TYPE_ASCII and its kin, whose bytes CPython does not check. */
export function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at++) text += String.fromCharCode(bytes[at]);
  return text;
}

/** UTF-8 of a text, lone surrogates passed. A pair of surrogates becomes one four-byte sequence. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) ?? 0;
    if (point < 0x80) {
      bytes[length++] = point;
    } else if (point < 0x800) {
      bytes[length++] = 0xc0 | (point >> 6);
      bytes[length++] = 0x80 | (point & 0x3f);
    } else {
      if (point < 0x10000) {
        bytes[length++] = 0xe0 | (point >> 12);
      } else {
        bytes[length++] = 0xf0 | (point >> 18);
        bytes[length++] = 0x80 | ((point >> 12) & 0x3f);
        i++; // the low surrogate belongs to the same code point
      }
      bytes[length++] = 0x80 | ((point >> 6) & 0x3f);
      bytes[length++] = 0x80 | (point & 0x3f);
    }
  }
  return bytes.slice(0, length);
}
