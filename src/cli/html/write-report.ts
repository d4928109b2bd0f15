import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import type { PageComparison } from '../../html/data.ts';
import { toDocument } from '../../html/document.ts';
import { toPage } from '../../html/to-page.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Interpreter } from '../../python/interpreter.ts';
import type { NotMeasured } from '../../report/report.ts';
import { joined } from '../export/joined.ts';
import type { Io } from '../io.ts';
import { writeChunksAtomically } from '../rewrite/atomic.ts';
import { readAssets } from './assets.ts';
import { collectSources } from './collect-sources.ts';

/** What goes into the page, and where it goes. */
export interface HtmlReportOptions {
  readonly profile: Profile;
  readonly io: Io;
  /** As given on the command line. */
  readonly file: string;
  /** False leaves the texts of the sources out. */
  readonly withSource: boolean;
  /** The interpreter that ran, when it is known. */
  readonly python?: Interpreter;
  readonly notMeasured?: NotMeasured;
  readonly comparison?: PageComparison;
}

/**
 * Writes the report as one HTML file.
 * @returns its path
 * @throws PyrewriteError 'not-found' when pyrewrite was not built; errors of the file system
 */
export async function writeHtmlReport(options: HtmlReportOptions): Promise<string> {
  const { profile, io, withSource, python, notMeasured, comparison = null } = options;
  const assets = readAssets();
  const sources = withSource ? { sources: await collectSources(profile, io, python) } : {};
  const { data, chunks } = toPage(profile, {
    version: packageVersion(),
    title: titleOf(profile),
    comparison,
    ...sources,
    ...(notMeasured === undefined ? {} : { notMeasured }),
  });
  const file = resolve(io.cwd, options.file);
  writeChunksAtomically(file, joined(toDocument(data, chunks, assets)));
  return file;
}

/** The command line of the first process, the interpreter without its folder. */
function titleOf({ processes }: Profile): string {
  const [python = '', ...rest] = processes[0]?.command ?? [];
  const command = [basename(python), ...rest].join(' ');
  return command === '' ? 'pyrewrite report' : command;
}

function packageVersion(): string {
  const file = new URL('../../../package.json', import.meta.url);
  return String(JSON.parse(readFileSync(file, 'utf8')).version);
}
