const COOKIE = /^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)/;

/**
 * The text of a Python source: UTF-8 unless its first two lines say otherwise (PEP 263), lines ended by `\n` only.
 * @throws RangeError for an encoding that is not known here
 */
export function decodeSource(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 1024)).toString('latin1').split(/\r?\n/, 2);
  const named = head.map((line) => COOKIE.exec(line)?.[1]).find((name) => name !== undefined);
  const text = new TextDecoder(encodingName(named ?? 'utf-8')).decode(bytes);
  return text.replace(/\r\n?/g, '\n');
}

/** Python's name of an encoding as the web's. */
function encodingName(name: string): string {
  const plain = name.toLowerCase().replaceAll('_', '-');
  if (/^(latin-?1|iso-8859-1|l1)(-|$)/.test(plain)) return 'latin1';
  return plain.replace(/^(utf-8|utf8).*$/, 'utf-8');
}
