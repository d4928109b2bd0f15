import type { Io, Output } from './io.ts';

/** What a stream can show. */
export interface TextStyle {
  readonly color: boolean;
  readonly cwd: string;
  /** Characters on a line, of a terminal. */
  readonly width?: number;
}

/** How reports look on a stream. */
export function textStyle(io: Io, stream: Output): TextStyle {
  const { columns, colors } = stream;
  return { color: colors, cwd: io.cwd, ...(columns === undefined ? {} : { width: columns }) };
}

/** One ASCII character for each that reports use, so that columns stay as wide as they are. */
const ASCII: ReadonlyMap<string, string> = new Map([
  ...[...'█▉▊▋▌'].map((bar) => [bar, '#'] as const),
  ...[...'▍▎▏'].map((bar) => [bar, ' '] as const),
  ['≤', '<'],
  ['µ', 'u'],
  ['…', '~'],
  ['±', '+'],
  ['×', 'x'],
  ['→', '>'],
  ['│', '|'],
  ['’', "'"],
]);

/** Whether the locale says that the terminal shows more than ASCII; one that says nothing does. */
function showsUnicode({ env }: Io): boolean {
  const { LC_ALL, LC_CTYPE, LANG } = env;
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return locale === '' || /utf-?8/i.test(locale);
}

/** The text as the user's locale can show it. */
export function localText(io: Io, text: string): string {
  if (showsUnicode(io)) return text;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything beyond ASCII is meant
  return text.replace(/[^\x00-\x7f]/gu, (character) => ASCII.get(character) ?? '?');
}

/** Writes a report to a stream. */
export function writeText(io: Io, stream: Output, text: string): void {
  stream.write(localText(io, text));
}
