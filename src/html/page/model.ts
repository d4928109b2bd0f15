import type { FileChunk, PageData } from '../data.ts';

/** An operation at its place. */
export interface Site {
  readonly id: number;
  /** Index of its file. */
  readonly file: number;
  readonly function: string;
  readonly opcode: string;
  readonly name: string;
  readonly on: string;
  readonly category: number;
  readonly isAwait: boolean;
  readonly line: number;
  readonly endLine: number;
  readonly column: number;
  readonly endColumn: number;
  readonly count: number;
  readonly raised: number;
  readonly swallowed: number;
  readonly totalNs: number;
  readonly selfNs: number;
  readonly minNs: number | null;
  readonly maxNs: number | null;
  readonly p50Ns: number | null;
  readonly p90Ns: number | null;
  readonly p99Ns: number | null;
}

/** Everything that the views show. */
export interface Model {
  readonly data: PageData;
  readonly sites: readonly Site[];
  /** Numbers of each file's sites. */
  readonly byFile: readonly (readonly number[])[];
  /** Self time of each file, nanoseconds. */
  readonly fileNs: readonly number[];
  /** Time of all processes together: what shares are parts of. */
  readonly wholeNs: number;
  /** Source by site, for those shown outside their pages. */
  readonly snippets: ReadonlyMap<number, string>;
  /** Details of a file, unpacked at first need. */
  chunk(file: number): Promise<FileChunk>;
}

/**
 * The data as the views want it.
 * @param load unpacks the details of a file
 */
export function modelOf(data: PageData, load: (file: number) => Promise<FileChunk>): Model {
  const sites = toSites(data);
  const byFile: number[][] = data.files.map(() => []);
  const fileNs = data.files.map(() => 0);
  for (const site of sites) {
    byFile[site.file].push(site.id);
    if (!site.isAwait) fileNs[site.file] += Math.max(0, site.selfNs);
  }
  const chunks = new Map<number, Promise<FileChunk>>();
  return {
    data,
    sites,
    byFile,
    fileNs,
    wholeNs: processTime(data),
    snippets: new Map(data.snippets.map(({ site, text }) => [site, text])),
    chunk(file) {
      const known = chunks.get(file) ?? load(file);
      chunks.set(file, known);
      return known;
    },
  };
}

function processTime({ run }: PageData): number {
  const sum = run.processes.reduce((total, process) => total + process.durationNs, 0);
  return sum > 0 ? sum : run.durationNs;
}

function toSites({ sites: columns, strings }: PageData): Site[] {
  const text = (index: number): string => (index < 0 ? '' : strings[index]);
  return columns.file.map((file, id) => ({
    id,
    file,
    function: text(columns.function[id]),
    opcode: text(columns.opcode[id]),
    name: text(columns.name[id]),
    on: text(columns.on[id]),
    category: columns.category[id],
    isAwait: columns.await[id] === 1,
    line: columns.line[id],
    endLine: columns.endLine[id],
    column: columns.column[id],
    endColumn: columns.endColumn[id],
    count: columns.count[id],
    raised: columns.raised[id],
    swallowed: columns.swallowed[id],
    totalNs: columns.totalNs[id],
    selfNs: columns.selfNs[id],
    minNs: columns.minNs[id],
    maxNs: columns.maxNs[id],
    p50Ns: columns.p50Ns[id],
    p90Ns: columns.p90Ns[id],
    p99Ns: columns.p99Ns[id],
  }));
}

/** `file:line:column` as the terminal shows it. */
export function placeOf({ data }: Model, site: Site): string {
  const { short } = data.files[site.file];
  if (site.line < 0) return `${short} (${site.function})`;
  return site.column < 0 ? `${short}:${site.line}` : `${short}:${site.line}:${site.column}`;
}

/** What a site is, in a word or two. */
export function kindLabel({ data }: Model, site: Site): string {
  return data.kinds[site.category]?.label ?? '';
}
