/** Bytes of hexadecimal text; spaces are for the reader. `'abc'` in it stands for the characters. */
export function bytesOf(hex: string): Uint8Array {
  const plain = hex.replace(/'([^']*)'/g, (_, text: string) => Buffer.from(text, 'latin1').toString('hex'));
  return new Uint8Array(Buffer.from(plain.replace(/\s/g, ''), 'hex'));
}

/** Hexadecimal text of bytes, without spaces. */
export function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
