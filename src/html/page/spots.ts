import { toUnits } from './columns.ts';
import type { Site } from './model.ts';

/** An expression of the source, or a line where there are no columns, with the operations that are there. */
export interface Spot {
  readonly line: number;
  readonly sites: readonly Site[];
  /** Self time of its operations, nanoseconds. */
  readonly selfNs: number;
  readonly count: number;
}

/** The part of a spot that is on one line, and the spots inside it. */
export interface Piece {
  readonly spot: Spot;
  readonly from: number;
  readonly to: number;
  readonly inner: Piece[];
}

/** Operations of these have the whole block as their place; their first line tells enough. */
const STATEMENT = /^(async\s+)?(def|class|with|for|while|try|match)\b|^@/;

/** The spots of a file by line (the first is number 0), each around those inside it. */
export function layOut(
  lines: readonly string[],
  sites: readonly Site[],
): { spots: Spot[]; pieces: Piece[][] } {
  const groups = new Map<string, Site[]>();
  for (const site of sites) {
    if (site.line < 1 || site.line > lines.length) continue;
    const key =
      site.column < 0 ? `${site.line}` : `${site.line} ${site.column} ${site.endLine} ${site.endColumn}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [site]);
    else group.push(site);
  }
  const spots = [...groups.values()].map(toSpot);
  const flat: Piece[][] = lines.map(() => []);
  for (const spot of spots) addPieces(lines, spot, flat);
  return { spots, pieces: flat.map(nest) };
}

function toSpot(sites: Site[]): Spot {
  sites.sort((a, b) => b.selfNs - a.selfNs);
  const selfNs = sites.reduce((sum, site) => sum + (site.isAwait ? 0 : Math.max(0, site.selfNs)), 0);
  const count = sites.reduce((most, site) => Math.max(most, site.count), 0);
  return { line: sites[0].line, sites, selfNs, count };
}

function addPieces(lines: readonly string[], spot: Spot, flat: Piece[][]): void {
  const { line, endLine, column, endColumn } = spot.sites[0];
  const start = column < 0 ? 0 : toUnits(lines[line - 1], column);
  const isShort = column < 0 || STATEMENT.test(lines[line - 1].slice(start));
  const last = isShort ? line : Math.min(Math.max(line, endLine), lines.length);
  for (let number = line; number <= last; number++) {
    const text = lines[number - 1];
    const indent = text.length - text.trimStart().length;
    const from = number === line && column >= 0 ? start : indent;
    const isEnd = number === endLine && column >= 0;
    const to = isEnd ? toUnits(text, endColumn) : text.trimEnd().length;
    if (to > from) flat[number - 1].push({ spot, from, to, inner: [] });
  }
}

/** Smaller pieces into those around them; what lies across an end is cut there. */
function nest(pieces: readonly Piece[]): Piece[] {
  const sorted = pieces.toSorted((a, b) => a.from - b.from || b.to - a.to);
  const roots: Piece[] = [];
  const open: Piece[] = [];
  for (const piece of sorted) {
    while (open.length > 0 && open[open.length - 1].to <= piece.from) open.pop();
    const around = open.at(-1);
    const own = around !== undefined && piece.to > around.to ? { ...piece, to: around.to } : piece;
    (around?.inner ?? roots).push(own);
    open.push(own);
  }
  return roots;
}
