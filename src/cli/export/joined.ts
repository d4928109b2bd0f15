/** Bytes of a piece that is written at once, or characters. */
const PIECE = 1 << 16;

/** The same bytes in larger pieces: each costs a system call. */
export function* joined(chunks: Iterable<string | Uint8Array>): Generator<Uint8Array> {
  let held: Uint8Array[] = [];
  let texts: string[] = [];
  let length = 0;
  const endText = (): void => {
    if (texts.length > 0) held.push(Buffer.from(texts.join('')));
    texts = [];
  };
  for (const chunk of chunks) {
    if (typeof chunk === 'string') texts.push(chunk);
    else {
      endText();
      held.push(chunk);
    }
    length += chunk.length;
    if (length < PIECE) continue;
    endText();
    yield held.length === 1 ? held[0] : Buffer.concat(held);
    held = [];
    length = 0;
  }
  endText();
  if (held.length > 0) yield Buffer.concat(held);
}
