import type { SiteStats } from '../profile/profile.ts';
import { align } from './align.ts';
import { type FileContent, type FileMatch, matchFiles } from './files.ts';
import { type Bag, bagOf, pairAlike } from './similarity.ts';

/** What identifies a site and where it stands: a part of {@link SiteStats}. */
export type MatchableSite = Pick<
  SiteStats,
  | 'file'
  | 'function'
  | 'line'
  | 'endLine'
  | 'column'
  | 'endColumn'
  | 'opcode'
  | 'name'
  | 'kind'
  | 'table'
  | 'position'
>;

/** What is known besides the sites. */
export interface MatchOptions {
  /** Folders in which the processes of a side began: files are the same that are at the same place of them. */
  readonly rootsA?: readonly string[];
  readonly rootsB?: readonly string[];
  /** The site's text in the source, null where the source is not at hand. */
  readonly textA?: (site: MatchableSite) => string | null;
  readonly textB?: (site: MatchableSite) => string | null;
  /** What an operation is and works on, where the two sides have other words for it; default: opcode and name. */
  readonly operation?: (site: MatchableSite) => string;
}

/** A function that has another name or file than it had. */
export interface FunctionMatch {
  readonly fileA: string;
  readonly functionA: string;
  readonly fileB: string;
  readonly functionB: string;
}

/** Which site of one side is which of the other: indexes in the lists given. */
export interface SiteMatch {
  readonly pairs: readonly (readonly [number, number])[];
  readonly onlyA: readonly number[];
  readonly onlyB: readonly number[];
  /** Files that are on both sides. */
  readonly files: readonly FileMatch[];
  /** Functions that were renamed or moved, as far as that is evident. */
  readonly functions: readonly FunctionMatch[];
}

/** The sites of one function, in the order of its code. */
interface FunctionSites {
  readonly file: string;
  readonly function: string;
  readonly sites: readonly number[];
}

/** Least part that a renamed function has in common with what it was, and least number of its sites. */
const LEAST_ALIKE = 0.6;
const LEAST_SITES = 3;

/** Points for what two sites have in common, in the alignment's scale. */
const SAME_OPERATION = 100;
const SAME_TEXT = 60;
const OTHER_TEXT = -40;
const SAME_SPAN = 20;
const SAME_COLUMN = 10;
const SAME_LINE = 8;
const SAME_DISTANCE = 4;

/**
 * Finds the sites of one side again on the other, across edits of the source: by file, function, operation and name, and
 * by their order in the function. Lines that moved, changed comments and renamed files make no new sites.
 */
export function matchSites(
  a: readonly MatchableSite[],
  b: readonly MatchableSite[],
  options: MatchOptions = {},
): SiteMatch {
  const matcher = new Matcher(a, b, options);
  const files = matchFiles(
    matcher.contents(a),
    matcher.contents(b),
    options.rootsA ?? [],
    options.rootsB ?? [],
  );
  matcher.matchFunctions(files);
  const pairedA = new Set(matcher.pairs.map(([i]) => i));
  const pairedB = new Set(matcher.pairs.map(([, j]) => j));
  return {
    pairs: matcher.pairs,
    onlyA: a.flatMap((_, i) => (pairedA.has(i) ? [] : [i])),
    onlyB: b.flatMap((_, j) => (pairedB.has(j) ? [] : [j])),
    files,
    functions: matcher.functions,
  };
}

class Matcher {
  readonly pairs: [number, number][] = [];
  readonly functions: FunctionMatch[] = [];
  readonly #a: readonly MatchableSite[];
  readonly #b: readonly MatchableSite[];
  readonly #options: MatchOptions;

  constructor(a: readonly MatchableSite[], b: readonly MatchableSite[], options: MatchOptions) {
    this.#a = a;
    this.#b = b;
    this.#options = options;
  }

  contents(sites: readonly MatchableSite[]): FileContent[] {
    const files = new Map<string, MatchableSite[]>();
    for (const site of sites) append(files, site.file, site);
    return [...files].map(([file, own]) => ({
      file,
      features: () => own.map((site) => `${site.function}\n${this.#key(site)}`),
    }));
  }

  /** By name within each file, then renamed ones within each file, then those that moved to another file. */
  matchFunctions(files: readonly FileMatch[]): void {
    const [ofA, ofB] = [byFile(this.#a), byFile(this.#b)];
    let restA: FunctionSites[] = [];
    let restB: FunctionSites[] = [];
    for (const { a, b } of files) {
      const [left, right] = this.#pairNamed(ofA.get(a) ?? [], ofB.get(b) ?? []);
      const rest = this.#pairSimilar(left, right);
      restA.push(...rest[0]);
      restB.push(...rest[1]);
    }
    const known = { a: new Set(files.map((file) => file.a)), b: new Set(files.map((file) => file.b)) };
    restA.push(...[...ofA].flatMap(([file, functions]) => (known.a.has(file) ? [] : functions)));
    restB.push(...[...ofB].flatMap(([file, functions]) => (known.b.has(file) ? [] : functions)));
    [restA, restB] = [restA, restB].map((rest) => rest.filter((one) => one.function !== '<module>'));
    for (const name of new Set(restA.map((one) => one.function))) {
      const named = (one: FunctionSites): boolean => one.function === name;
      this.#pairSimilar(restA.filter(named), restB.filter(named));
    }
  }

  #pairNamed(
    a: readonly FunctionSites[],
    b: readonly FunctionSites[],
  ): [readonly FunctionSites[], readonly FunctionSites[]] {
    const byName = new Map(b.map((one) => [one.function, one]));
    const [restA, restB] = [[] as FunctionSites[], new Set(b)];
    for (const one of a) {
      const other = byName.get(one.function);
      if (other === undefined) restA.push(one);
      else {
        this.#alignSites(one, other);
        restB.delete(other);
      }
    }
    return [restA, [...restB]];
  }

  /** Pairs functions by what is in them; gives those that are left. */
  #pairSimilar(
    a: readonly FunctionSites[],
    b: readonly FunctionSites[],
  ): [readonly FunctionSites[], readonly FunctionSites[]] {
    const large = (one: FunctionSites): boolean => one.sites.length >= LEAST_SITES;
    const [largeA, largeB] = [a.filter(large), b.filter(large)];
    const bags = (functions: readonly FunctionSites[], sites: readonly MatchableSite[]): Bag[] =>
      functions.map((one) => bagOf(one.sites.map((i) => this.#key(sites[i]))));
    const [takenA, takenB] = [new Set<FunctionSites>(), new Set<FunctionSites>()];
    for (const [i, j] of pairAlike(bags(largeA, this.#a), bags(largeB, this.#b), LEAST_ALIKE)) {
      const [one, other] = [largeA[i], largeB[j]];
      this.#alignSites(one, other);
      takenA.add(one);
      takenB.add(other);
      const [functionA, functionB] = [one.function, other.function];
      this.functions.push({ fileA: one.file, functionA, fileB: other.file, functionB });
    }
    return [a.filter((one) => !takenA.has(one)), b.filter((one) => !takenB.has(one))];
  }

  #alignSites(one: FunctionSites, other: FunctionSites): void {
    const [a, b] = [one.sites.map((i) => this.#a[i]), other.sites.map((j) => this.#b[j])];
    const found =
      a[0].table === b[0].table && isSameTable(a, b)
        ? a.map((_, i): [number, number] => [i, i])
        : this.#aligned(a, b);
    this.pairs.push(...found.map(([i, j]): [number, number] => [one.sites[i], other.sites[j]]));
  }

  #aligned(a: readonly MatchableSite[], b: readonly MatchableSite[]): [number, number][] {
    const [textA, textB] = [textsOf(a, this.#options.textA), textsOf(b, this.#options.textB)];
    const [keysA, keysB] = [a.map((site) => this.#key(site)), b.map((site) => this.#key(site))];
    // A text that one side knows and the other does not tells nothing.
    const bothKnown = textA.some((text) => text !== null) && textB.some((text) => text !== null);
    const exact = (keys: readonly string[], texts: readonly (string | null)[], sites: typeof a): string[] =>
      sites.map((site, i) => {
        const { column, endColumn } = site;
        // Without columns the distance to the function's first site tells repeated operations apart.
        const place = column === null ? distance(site, sites[0]) : `${column} ${endColumn}`;
        return `${keys[i]} ${place} ${bothKnown ? (texts[i] ?? '') : ''}`;
      });
    const score = (i: number, j: number): number => {
      if (keysA[i] !== keysB[j]) return 0;
      const text =
        textA[i] === null || textB[j] === null ? 0 : textA[i] === textB[j] ? SAME_TEXT : OTHER_TEXT;
      return SAME_OPERATION + text + placeScore(a, b, i, j);
    };
    return align({
      lengthA: a.length,
      lengthB: b.length,
      score,
      exactA: exact(keysA, textA, a),
      exactB: exact(keysB, textB, b),
      keysA,
      keysB,
    });
  }

  #key(site: MatchableSite): string {
    return `${this.#options.operation?.(site) ?? `${site.opcode} ${site.name ?? ''}`} ${site.kind}`;
  }
}

/** Points for standing at the same place: of the line, of the file, and from the function's first site. */
function placeScore(a: readonly MatchableSite[], b: readonly MatchableSite[], i: number, j: number): number {
  const [one, other] = [a[i], b[j]];
  let points = 0;
  if (one.column !== null && spanOf(one) === spanOf(other)) points += SAME_SPAN;
  if (one.column !== null && one.column === other.column) points += SAME_COLUMN;
  if (one.line === other.line) points += SAME_LINE;
  if (distance(one, a[0]) === distance(other, b[0])) points += SAME_DISTANCE;
  return points;
}

function distance(site: MatchableSite, first: MatchableSite): number {
  return (site.line ?? 0) - (first.line ?? 0);
}

function spanOf({ line, endLine, column, endColumn }: MatchableSite): string {
  return `${(endLine ?? 0) - (line ?? 0)} ${(endColumn ?? 0) - (column ?? 0)}`;
}

function isSameTable(a: readonly MatchableSite[], b: readonly MatchableSite[]): boolean {
  return a.length === b.length && a.every((site, i) => site.position === b[i].position);
}

function textsOf(sites: readonly MatchableSite[], textOf: MatchOptions['textA']): readonly (string | null)[] {
  return sites.map((site) => textOf?.(site) ?? null);
}

/** The functions of each file. */
function byFile(sites: readonly MatchableSite[]): Map<string, FunctionSites[]> {
  const files = new Map<string, Map<string, number[]>>();
  sites.forEach((site, i) => {
    const functions = files.get(site.file) ?? new Map<string, number[]>();
    files.set(site.file, functions);
    append(functions, site.function, i);
  });
  const inOrder = (x: number, y: number): number => sites[x].position - sites[y].position || x - y;
  return new Map(
    [...files].map(([file, functions]) => [
      file,
      [...functions].map(([name, indexes]) => ({ file, function: name, sites: indexes.sort(inOrder) })),
    ]),
  );
}

function append<Key, Value>(map: Map<Key, Value[]>, key: Key, value: Value): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}
