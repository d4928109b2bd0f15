import { existsSync, readFileSync } from 'node:fs';
import { PyrewriteError } from '../../errors.ts';
import type { Profile } from '../../profile/profile.ts';
import type { NotMeasured } from '../../report/report.ts';
import type { AnsweredFile, Answerer } from '../../service/answers.ts';
import { systemErrorText } from '../error-text.ts';
import type { HtmlReportOptions } from '../html/write-report.ts';
import type { Io } from '../io.ts';
import type { RunFolder } from './environment.ts';
import { joinProfiles, listProfiles } from './profiles.ts';

export interface RunReportOptions {
  readonly io: Io;
  readonly folder: RunFolder;
  readonly answerer: Answerer;
  /** Where the profile goes. */
  readonly output: string;
  readonly json: boolean;
  /** The HTML page, when one is wanted. */
  readonly html?: Pick<HtmlReportOptions, 'file' | 'withSource' | 'python'>;
}

/** What was asked for and is not in the profile, for the report's last lines. */
export function notMeasured(files: Iterable<AnsweredFile>): NotMeasured {
  const all = [...files];
  return {
    files: all.flatMap(({ filename, skipped }) =>
      skipped === undefined ? [] : [{ file: filename, reason: skipped }],
    ),
    operations: all.flatMap(({ filename, report }) =>
      (report?.refused ?? []).map(({ opname, qualname, lineno, reason }) => ({
        opcode: opname,
        file: filename,
        function: qualname,
        line: lineno,
        reason,
      })),
    ),
  };
}

/** Why there is no profile, and what to do. */
function explainNothing(files: readonly AnsweredFile[], folder: RunFolder): string {
  if (existsSync(folder.error)) {
    const reason = readFileSync(folder.error, 'utf8');
    return (
      `pyrewrite: nothing was recorded: the recorder cannot be loaded: ${reason}\n` +
      '  pyrewrite doctor examines it\n'
    );
  }
  const sites = files.reduce((sum, { report }) => sum + (report?.sites ?? 0), 0);
  if (files.length === 0) {
    return (
      'pyrewrite: nothing was recorded: the program ended before it loaded a file to instrument\n' +
      '  --include MODULE instruments modules outside its folder\n'
    );
  }
  if (sites === 0) {
    const skipped = files.find((file) => file.skipped !== undefined);
    const because = skipped === undefined ? '' : `; ${skipped.filename}: ${skipped.skipped}`;
    return (
      `pyrewrite: nothing was recorded: ${files.length} files hold none of the chosen operations${because}\n` +
      '  choose others with --opcodes, or other files with --include and --functions\n'
    );
  }
  return (
    `pyrewrite: nothing was recorded, although ${sites} operations were instrumented\n` +
    '  pyrewrite doctor tells whether the recorder works\n'
  );
}

interface ReadProfiles {
  readonly profiles: readonly Profile[];
  /** The files that hold them. */
  readonly good: readonly string[];
}

/** A process that was killed while it began its profile leaves one that cannot be read: the others count. */
async function readProfiles(io: Io, files: readonly string[]): Promise<ReadProfiles> {
  const { readProfile } = await import('../../profile/reader.ts');
  const profiles: Profile[] = [];
  const good: string[] = [];
  for (const file of files) {
    try {
      profiles.push(readProfile(readFileSync(file)));
      good.push(file);
    } catch (error) {
      if (!(error instanceof PyrewriteError)) throw error;
      io.stderr.write(`pyrewrite: the profile of a process is left out: ${error.message}\n`);
    }
  }
  return { profiles, good };
}

/** Keeps the profile; where that is not possible, the report is still printed. */
function keepProfile(io: Io, files: readonly string[], output: string): void {
  try {
    joinProfiles(files, output);
    io.stderr.write(`\nprofile: ${output}\n`);
  } catch (error) {
    const reason = systemErrorText(error);
    if (reason === undefined) throw error;
    io.stderr.write(`\npyrewrite: the profile is not kept: ${reason}\n  name another file with -o FILE\n`);
  }
}

/** Prints the report of a run on standard error, keeps its profile and writes its page. */
export async function reportRun(options: RunReportOptions): Promise<void> {
  const { io, folder, answerer, output, json, html } = options;
  const files = [...answerer.files.values()];
  const { profiles, good } = await readProfiles(io, listProfiles(folder.profiles));
  if (profiles.length === 0) {
    io.stderr.write(explainNothing(files, folder));
    return;
  }
  const { mergeProfiles } = await import('../../profile/merge.ts');
  const profile = profiles.length === 1 ? profiles[0] : mergeProfiles(profiles);
  io.stderr.write(await reportText(profile, notMeasured(files), io, json));
  keepProfile(io, good, output);
  if (html !== undefined) {
    const { writeHtmlReport } = await import('../html/write-report.ts');
    const page = await writeHtmlReport({ profile, io, notMeasured: notMeasured(files), ...html });
    io.stderr.write(`page: ${page}\n`);
  }
}

async function reportText(profile: Profile, missing: NotMeasured, io: Io, json: boolean): Promise<string> {
  const { formatScreen, toJson } = await import('../../report/index.ts');
  const { readSourceLines } = await import('../source-lines.ts');
  const { localText, textStyle } = await import('../report-text.ts');
  const source = readSourceLines();
  if (json) return `${JSON.stringify(toJson(profile, missing, source))}\n`;
  const style = { ...textStyle(io, io.stderr), notMeasured: missing, source };
  return `\n${localText(io, formatScreen(profile, style))}`;
}
