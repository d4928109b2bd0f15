/** Bytes of a piece that is written at once, or characters. */
const PIECE = 1 << 16;

/** The same bytes in larger pieces: each costs a system call. */
export function* joined(chunks: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  let texts: string[] = [];
  let length = 0;
  for (const chunk of chunks) {
    const isText = typeof chunk === 'string';
    if (isText) {
      texts.push(chunk);
      length += chunk.length;
    }
    if (length > 0 && (!isText || length >= PIECE)) {
      yield Buffer.from(texts.join(''));
      texts = [];
      length = 0;
    }
    if (!isText && chunk.length > 0) yield chunk;
  }
  if (length > 0) yield Buffer.from(texts.join(''));
}
