/** A piece of a line: its end, and its class; '' for plain text. */
export interface Token {
  readonly to: number;
  readonly kind: '' | 'k' | 's' | 'c' | 'n' | 'd';
}

const KEYWORDS =
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield match case';

const PATTERN =
  /(?<c>#.*)|(?<t>[rbfutRBFUT]{0,3}(?:"""|'''))|(?<s>[rbfutRBFUT]{0,3}(?:"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?))|(?<d>@[\w.]+)|(?<w>[^\W\d]\w*)|(?<n>\d[\w.]*)/gu;

const keywords = new Set(KEYWORDS.split(' '));

/** Colours Python well enough to be read; a string may go on over lines. Tokens cover each line in full. */
export function highlight(lines: readonly string[]): Token[][] {
  let open: string | undefined;
  return lines.map((line) => {
    const tokens: Token[] = [];
    let at = 0;
    const add = (to: number, kind: Token['kind']): void => {
      if (to > at) tokens.push({ to, kind });
      at = Math.max(at, to);
    };
    if (open !== undefined) {
      const end = line.indexOf(open);
      add(end < 0 ? line.length : end + 3, 's');
      if (end < 0) return tokens;
      open = undefined;
    }
    PATTERN.lastIndex = at;
    for (let found = PATTERN.exec(line); found !== null; found = PATTERN.exec(line)) {
      const { c, t, s, d, w, n } = found.groups ?? {};
      const end = found.index + found[0].length;
      add(found.index, '');
      if (t !== undefined) {
        const quote = t.slice(-3);
        const close = line.indexOf(quote, end);
        open = close < 0 ? quote : undefined;
        add(close < 0 ? line.length : close + 3, 's');
        PATTERN.lastIndex = at;
      } else if (c !== undefined) add(end, 'c');
      else if (s !== undefined) add(end, 's');
      else if (d !== undefined && line.slice(0, found.index).trim() === '') add(end, 'd');
      else if (w !== undefined && keywords.has(w)) add(end, 'k');
      else if (n !== undefined) add(end, 'n');
    }
    add(line.length, '');
    return tokens;
  });
}
