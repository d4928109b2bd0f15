// What the page is given: the contract between `toPage`, which runs in Node, and src/html/page, which runs in a browser.
import type { ComparedSide, TimeChange } from '../diff/index.ts';
import type { CategoryId, Finding, Taxes } from '../findings/index.ts';
import type { Profile } from '../profile/profile.ts';

/** The run, as the head of the page tells it. */
export interface PageRun
  extends Pick<Profile, 'python' | 'clock' | 'probe' | 'processes' | 'durationNs' | 'sampling'> {
  /** What the numbers do not cover, one sentence each. */
  readonly notMeasured: readonly string[];
}

/** Sites as columns: entry i of each is about site i. Texts are indices in {@link PageData.strings}; -1 for none. */
export interface SiteColumns {
  /** Index in {@link PageData.files}. */
  readonly file: readonly number[];
  /** Place of the site's details in its file's chunk. */
  readonly row: readonly number[];
  readonly function: readonly number[];
  readonly opcode: readonly number[];
  readonly name: readonly number[];
  /** What most executions ran on. */
  readonly on: readonly number[];
  /** Index in {@link PageData.kinds}: what most executions of it are. */
  readonly category: readonly number[];
  /** 1 for awaits. */
  readonly await: readonly number[];
  /** -1 for none, as for the columns, which count bytes of UTF-8. */
  readonly line: readonly number[];
  readonly endLine: readonly number[];
  readonly column: readonly number[];
  readonly endColumn: readonly number[];
  readonly count: readonly number[];
  readonly raised: readonly number[];
  /** Failed lookups that the operation caught itself. */
  readonly swallowed: readonly number[];
  /** Nanoseconds, to thousandths. */
  readonly totalNs: readonly number[];
  readonly selfNs: readonly number[];
  readonly minNs: readonly (number | null)[];
  readonly maxNs: readonly (number | null)[];
  readonly p50Ns: readonly (number | null)[];
  readonly p90Ns: readonly (number | null)[];
  readonly p99Ns: readonly (number | null)[];
}

/** A source file that has sites. */
export interface PageFile {
  readonly path: string;
  /** Relative to the folder in which the program ran, for files in it. */
  readonly short: string;
}

/** A line of source that is shown outside its page. */
export interface Snippet {
  readonly site: number;
  readonly text: string;
}

/** The tree of calling contexts, as columns; see `ContextStats`. */
export interface ContextColumns {
  readonly parent: readonly number[];
  readonly site: readonly number[];
  /** Index in {@link PageData.strings}; -1 for none. */
  readonly label: readonly number[];
  readonly count: readonly number[];
  readonly selfNs: readonly number[];
}

/** A comparison with another run, or of two sets of runs. */
export interface PageComparison {
  /** What the two sides are called; the page's own runs are `after`. */
  readonly before: string;
  readonly after: string;
  readonly sides: readonly ComparedSide[];
  /** All sites that are on both sides together: their self time. */
  readonly self: TimeChange;
  /** What the comparison cannot tell, one sentence each. */
  readonly notes: readonly string[];
  /** Changes first, the largest first. */
  readonly rows: readonly PageDifference[];
}

/** What became of a site, in one word: of its time, else of its counts. */
export type PageVerdict =
  | 'slower'
  | 'faster'
  | 'more'
  | 'fewer'
  | 'raised'
  | 'new'
  | 'gone'
  | 'unclear'
  | 'same';

/** A time before and after, nanoseconds; and by what it changed, with the ends of the interval, where that is known. */
export type PageTime = readonly [
  before: number | null,
  after: number | null,
  ratio?: number,
  low?: number,
  high?: number,
];

/** A site that is not in this page: on the other side only, or not to be told from another one. */
export type PageElsewhere = readonly [opcode: string, name: string, place: string, around: string];

/** A site on both sides, or on one of them; its number in this page, or what it is. Counts are means of the runs. */
export type PageDifference = readonly [
  site: number | PageElsewhere,
  verdict: PageVerdict,
  countBefore: number,
  countAfter: number,
  self: PageTime,
  p50: PageTime,
];

/** What is needed to open the page; the rest is in one chunk per file. */
export interface PageData {
  readonly version: string;
  readonly title: string;
  readonly run: PageRun;
  readonly strings: readonly string[];
  readonly files: readonly PageFile[];
  readonly sites: SiteColumns;
  /** What operations can be, by their ids, and the words for them. */
  readonly kinds: readonly { readonly id: CategoryId; readonly label: string }[];
  readonly taxes: Taxes;
  readonly findings: readonly Finding[];
  readonly snippets: readonly Snippet[];
  /** Null without `--callers`. */
  readonly contexts: ContextColumns | null;
  readonly collections: Profile['collections'];
  readonly comparison: PageComparison | null;
}

/** Executions by duration: value and count by turns. */
export type PageHistogram = readonly number[];

/** The executions of a site by what they ran on. */
export interface PageVariant {
  readonly label: string;
  readonly count: number;
  readonly raised: number;
  readonly totalNs: number;
  readonly selfNs: number;
  readonly p50Ns: number | null;
  readonly p90Ns: number | null;
  readonly p99Ns: number | null;
  readonly histogram: PageHistogram;
}

/** What a click on a site shows besides {@link SiteColumns}. */
export interface SiteDetail {
  readonly histogram: PageHistogram;
  readonly variants: readonly PageVariant[];
  /** Suspended executions, suspensions, time suspended; null where not recorded. */
  readonly suspensions: { readonly count: number; readonly times: number; readonly totalNs: number } | null;
  /** Off the CPU: at least and at most. */
  readonly offCpu: { readonly count: number; readonly leastNs: number; readonly totalNs: number } | null;
  readonly estimate: {
    readonly bursts: number;
    readonly count: PageInterval;
    readonly selfNs: PageInterval;
  } | null;
}

/** Value, low end, high end. */
export type PageInterval = readonly [number, number, number];

/** An instruction: line (-1 for none), first and last column (-1 for none), offset in bytes, text. */
export type PageInstruction = readonly [line: number, from: number, to: number, offset: number, text: string];

/** The bytecode of a function. */
export interface PageCode {
  readonly function: string;
  readonly instructions: readonly PageInstruction[];
}

/** What belongs to one file. */
export interface FileChunk {
  /** Null where it cannot be shown. */
  readonly source: string | null;
  /** Why there is no source, or what is to be known of it; empty for nothing. */
  readonly note: string;
  readonly details: readonly SiteDetail[];
  readonly codes: readonly PageCode[];
  /** Why there is no bytecode; empty where there is. */
  readonly codeNote: string;
}
