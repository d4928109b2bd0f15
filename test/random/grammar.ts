/** Grammar of the random programs: rules are Python text with holes. */

/** What a hole takes, or a rule makes. */
export type Sort =
  | 'int'
  | 'fint'
  | 'str'
  | 'list'
  | 'bool'
  | 'iter'
  | 'step'
  | 'pattern'
  | 'stmt'
  | 'block'
  | 'body'
  | 'def'
  | 'class'
  | 'member'
  | 'members';

/** Where a rule may stand. */
export type Place =
  | 'loop'
  | 'return'
  | 'value'
  | 'yield'
  | 'delegate'
  | 'async'
  | 'walrus'
  | 'module'
  | 'exception'
  | 'self';

/** What a definition defines. */
export type Kind = 'plain' | 'generator' | 'async' | 'asyncgen';

/**
 * One form of a sort. In the text, `$name` is a hole: a sort with a capital or small letter for a child
 * (`$int`, `$block`), one letter for a name or a literal (see names.ts). `$name:a,b` changes what the child
 * may hold or what it costs (see render.ts); `$=` is the name of the hole before it once more.
 * A hole of a block stands alone in its line.
 */
export interface Rule {
  readonly sort: Sort;
  readonly text: string;
  /** How often compared with others of its sort; default 2. */
  readonly weight?: number;
  readonly where?: Place;
  /** Minor version of Python 3 from which it exists. */
  readonly since?: number;
  /** How often the block of a `for` over it runs at most. */
  readonly times?: number;
  readonly defines?: Kind;
  /** A call of a function that is visible: its text only tells the arguments. */
  readonly isCall?: boolean;
}

/** A part of a rule's text. */
export interface Hole {
  readonly name: string;
  readonly modifiers: readonly string[];
}

const HOLE = /\$(=|[A-Za-z]+)(?::([a-z]+(?:,[a-z]+)*))?/g;

const SORTS: ReadonlySet<string> = new Set<Sort>([
  'int',
  'fint',
  'str',
  'list',
  'bool',
  'iter',
  'step',
  'pattern',
  'stmt',
  'block',
  'body',
  'def',
  'class',
  'member',
  'members',
]);

/** Whether a hole is filled with a child, and not with a name. */
export function isSort(name: string): name is Sort {
  return SORTS.has(name);
}

/** The text between the holes (one more than there are holes), and the holes. */
export interface Template {
  readonly texts: readonly string[];
  readonly holes: readonly Hole[];
}

/** Takes a rule's text apart. */
export function parseTemplate(text: string): Template {
  const texts: string[] = [];
  const holes: Hole[] = [];
  let from = 0;
  for (const match of text.matchAll(HOLE)) {
    texts.push(text.slice(from, match.index));
    holes.push({ name: match[1], modifiers: match[2]?.split(',') ?? [] });
    from = match.index + match[0].length;
  }
  return { texts: [...texts, text.slice(from)], holes };
}

/** Options of a rule that stand behind its text. */
export type Options = Omit<Rule, 'sort' | 'text'>;

/** Shorthand of the tables: a text, or a text with options. */
export type Entry = string | readonly [text: string, options: Options];

/** Makes the rules of one sort; the first one is what a deep tree ends with, and shrinks to. */
export function rules(sort: Sort, entries: readonly Entry[]): readonly Rule[] {
  return entries.map((entry) =>
    typeof entry === 'string' ? { sort, text: entry } : { sort, text: entry[0], ...entry[1] },
  );
}
