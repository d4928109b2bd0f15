import { isAbsolute, relative } from 'node:path';
import {
  CATEGORY_IDS,
  categoryLabel,
  categoryOf,
  type Finding,
  type SourceLines,
} from '../findings/index.ts';
import type { ContextStats, Profile, SiteStats } from '../profile/profile.ts';
import { toJson } from '../report/json.ts';
import { formatNotMeasured } from '../report/not-measured.ts';
import type { NotMeasured, Report } from '../report/report.ts';
import { formatVariants } from '../report/table.ts';
import type {
  ContextColumns,
  FileChunk,
  PageComparison,
  PageData,
  PageFile,
  SiteColumns,
  Snippet,
} from './data.ts';
import { PageStrings } from './page-strings.ts';
import { thousandths, thousandthsOrNull } from './round.ts';
import type { SourceText } from './source-text.ts';
import { toChunk } from './to-chunk.ts';

/** What a page shows besides the profile. */
export interface PageOptions {
  /** Version of pyrewrite. */
  readonly version: string;
  readonly title: string;
  /** By the path that the profile has for the file. */
  readonly sources?: ReadonlyMap<string, SourceText>;
  /** What was asked for and not instrumented, when the caller knows. */
  readonly notMeasured?: NotMeasured;
  readonly comparison?: PageComparison | null;
}

/** Most sites whose line of source is shown outside its page. */
const MOST_SNIPPETS = 60;
/** Sites of a finding that are shown with their lines. */
const SITES_OF_FINDING = 3;
const LONGEST_SNIPPET = 200;

/** The profile as the page wants it: what opens it, and one chunk per file, which can be gone through once. */
export function toPage(
  profile: Profile,
  options: PageOptions,
): { data: PageData; chunks: Iterable<FileChunk> } {
  const strings = new PageStrings();
  const files = groupByFile(profile.sites);
  const { sources } = options;
  const lines = linesOf(sources);
  const report = toJson(profile, options.notMeasured, lines);
  const { findings, wholeNs, categories, waitingNs, freed } = report;
  const [cwd] = profile.processes.map((process) => process.cwd);
  const data: PageData = {
    version: options.version,
    title: options.title,
    run: toRun(report),
    files: [...files.keys()].map((path) => ({ path, short: shortPath(path, cwd) })),
    sites: toColumns(profile.sites, files, strings),
    kinds: CATEGORY_IDS.map((id) => ({ id, label: categoryLabel(id) })),
    taxes: { wholeNs, categories, waitingNs, freed },
    findings,
    snippets: toSnippets(profile.sites, findings, lines),
    contexts: toContexts(profile.contexts, strings),
    collections: profile.collections,
    comparison: options.comparison ?? null,
    strings: strings.list,
  };
  return { data, chunks: chunksOf(files, sources) };
}

/** One file at a time: with their histograms, all of them are large. */
function* chunksOf(
  files: ReadonlyMap<string, readonly SiteStats[]>,
  sources: PageOptions['sources'],
): Generator<FileChunk> {
  for (const [path, sites] of files) yield toChunk(sites, sources?.get(path));
}

/** Lines of the sources, each split at first need. */
function linesOf(sources: PageOptions['sources']): SourceLines {
  const files = new Map<string, readonly string[] | undefined>();
  return (file) => {
    if (!files.has(file)) files.set(file, sources?.get(file)?.text?.split('\n'));
    return files.get(file);
  };
}

function toRun(report: Report): PageData['run'] {
  const { python, clock, probe, processes, durationNs, sampling } = report;
  const notMeasured = formatNotMeasured(report);
  return { python, clock, probe, processes, durationNs, sampling, notMeasured };
}

function groupByFile(sites: readonly SiteStats[]): Map<string, SiteStats[]> {
  const files = new Map<string, SiteStats[]>();
  for (const site of sites) {
    const known = files.get(site.file);
    if (known === undefined) files.set(site.file, [site]);
    else known.push(site);
  }
  return files;
}

/** Relative to the folder of the first process for files in it. */
function shortPath(file: string, cwd: string | undefined): PageFile['short'] {
  if (!cwd || !isAbsolute(file)) return file;
  const path = relative(cwd, file);
  return path === '' || path.startsWith('..') ? file : path;
}

function toColumns(
  sites: readonly SiteStats[],
  files: ReadonlyMap<string, readonly SiteStats[]>,
  strings: PageStrings,
): SiteColumns {
  const fileOf = new Map([...files.keys()].map((path, k) => [path, k]));
  const rowOf = new Map<SiteStats, number>();
  for (const group of files.values()) for (const [row, site] of group.entries()) rowOf.set(site, row);
  const column = <T>(value: (site: SiteStats) => T): T[] => sites.map(value);
  return {
    file: column(({ file }) => fileOf.get(file) ?? 0),
    row: column((site) => rowOf.get(site) ?? 0),
    function: column((site) => strings.add(site.function)),
    opcode: column(({ opcode }) => strings.add(opcode)),
    name: column(({ name }) => strings.add(name)),
    on: column((site) => strings.add(formatVariants(site))),
    category: column((site) => CATEGORY_IDS.indexOf(categoryOf(site, mainVariant(site)))),
    await: column(({ kind }) => (kind === 'await' ? 1 : 0)),
    ...placeColumns(sites),
    count: column(({ count }) => count),
    raised: column(({ raised }) => raised),
    swallowed: column(({ swallowed }) => swallowed),
    totalNs: column(({ totalNs }) => thousandths(totalNs)),
    selfNs: column(({ selfNs }) => thousandths(selfNs)),
    minNs: column(({ minNs }) => thousandthsOrNull(minNs)),
    maxNs: column(({ maxNs }) => thousandthsOrNull(maxNs)),
    p50Ns: column(({ p50Ns }) => thousandthsOrNull(p50Ns)),
    p90Ns: column(({ p90Ns }) => thousandthsOrNull(p90Ns)),
    p99Ns: column(({ p99Ns }) => thousandthsOrNull(p99Ns)),
  };
}

/** The variant that says what the site is: the one that most of its time went to. */
function mainVariant({ variants }: SiteStats): SiteStats['variants'][number] | undefined {
  return variants.reduce<SiteStats['variants'][number] | undefined>(
    (most, variant) => (most === undefined || variant.selfNs > most.selfNs ? variant : most),
    undefined,
  );
}

function placeColumns(
  sites: readonly SiteStats[],
): Pick<SiteColumns, 'line' | 'endLine' | 'column' | 'endColumn'> {
  return {
    line: sites.map(({ line }) => line ?? -1),
    endLine: sites.map(({ endLine }) => endLine ?? -1),
    column: sites.map(({ column }) => column ?? -1),
    endColumn: sites.map(({ endColumn }) => endColumn ?? -1),
  };
}

function toContexts(contexts: readonly ContextStats[], strings: PageStrings): ContextColumns | null {
  if (contexts.length === 0) return null;
  return {
    parent: contexts.map(({ parent }) => parent),
    site: contexts.map(({ site }) => site),
    label: contexts.map(({ label }) => strings.add(label)),
    count: contexts.map(({ count }) => count),
    selfNs: contexts.map(({ selfNs }) => thousandths(selfNs)),
  };
}

/** The lines of the most expensive sites and of those that findings are about. */
function toSnippets(
  sites: readonly SiteStats[],
  findings: readonly Finding[],
  lines: SourceLines,
): Snippet[] {
  const costly = sites
    .map(({ selfNs }, site) => ({ site, selfNs }))
    .sort((a, b) => b.selfNs - a.selfNs)
    .slice(0, MOST_SNIPPETS);
  const wanted = new Set([
    ...findings.flatMap((finding) => finding.sites.slice(0, SITES_OF_FINDING)),
    ...costly.map(({ site }) => site),
  ]);
  return [...wanted].flatMap((site) => {
    const { file, line } = sites[site];
    const text = line === null ? undefined : lines(file)?.[line - 1];
    return text === undefined || text.length > LONGEST_SNIPPET ? [] : [{ site, text }];
  });
}
