import { resolve } from 'node:path';
import { PyrewriteError } from '../../errors.ts';
import type { Profile } from '../../profile/profile.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json-output.ts';

export const command: Command = {
  summary: 'prints source files with counts and times beside each line',
  usage: 'pyrewrite annotate [OPTIONS] FILE… PROFILE…',
  description: `
Prints source files with what was measured in each line, in the layout of line_profiler: how often the line was
executed, the time of its measured operations with all that they called, and its part of its function's time. With
--operations each operation has a line of its own, with what it is in the source underlined where the version
tells columns.
Files that begin as profiles do are profiles; others are sources, by their path or its end.`,
  examples: [
    { line: 'pyrewrite annotate aggregate.py app.prof', what: 'every line of aggregate.py' },
    {
      line: 'pyrewrite annotate --operations --measured aggregate.py app.prof',
      what: 'lines with measured operations, and these',
    },
  ],
  options: {
    operations: { type: 'boolean', help: 'show the operations below their lines' },
    measured: { type: 'boolean', help: 'only lines in which something was measured' },
    json: { type: 'boolean', help: 'print lines and operations as JSON' },
  },
  run,
};

async function run(args: Args, io: Io): Promise<number> {
  const { readProfileFiles } = await import('../profile-files.ts');
  const { isProfile } = await import('../is-profile.ts');
  const { readSourceLines } = await import('../source-lines.ts');
  const isOne = (name: string): boolean => isProfile(name, io.cwd);
  const names = args.positionals.filter((name) => !isOne(name));
  const profiles = args.positionals.filter(isOne);
  if (names.length === 0 || profiles.length === 0) {
    const what = names.length === 0 ? 'no source FILE given' : 'no PROFILE given';
    throw new PyrewriteError('usage', what, { remedy: `usage: ${command.usage}` });
  }
  const profile = readProfileFiles(profiles, io.cwd);
  const source = readSourceLines();
  const files = names.map((name) => findFile(profile, name, io.cwd));
  for (const file of files) {
    if (source(file) === undefined) {
      throw new PyrewriteError('not-found', 'the source cannot be read', {
        file,
        remedy: 'annotate where the program ran, with its sources in place',
      });
    }
  }
  if (args.flag('json')) await printAsJson(profile, files, source, io);
  else await printText(profile, files, source, { args, io });
  return 0;
}

/** The file of the profile that is meant: by its path, or by the end of it where that is one file only. */
function findFile(profile: Profile, name: string, cwd: string): string {
  const files = [...new Set(profile.sites.map(({ file }) => file))];
  const path = resolve(cwd, name);
  if (files.includes(path)) return path;
  // What has no path, such as <string>, is named as the profile has it.
  if (files.includes(name)) return name;
  const ending = files.filter((file) => file.endsWith(`/${name}`));
  if (ending.length === 1) return ending[0];
  if (ending.length > 1) {
    throw new PyrewriteError('usage', `${name} is the end of ${ending.length} paths in the profile`, {
      remedy: `name one of them in full: ${ending.slice(0, 3).join(', ')}`,
    });
  }
  throw new PyrewriteError('not-found', `nothing was measured in ${name}`, {
    remedy: `the profile has ${files.slice(0, 3).join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''}`,
  });
}

type Source = (file: string) => readonly string[] | undefined;

async function printText(
  profile: Profile,
  files: readonly string[],
  source: Source,
  { args, io }: { readonly args: Args; readonly io: Io },
): Promise<void> {
  const { formatAnnotated } = await import('../../report/annotate.ts');
  const { textStyle, writeText } = await import('../report-text.ts');
  const style = {
    ...textStyle(io, io.stdout),
    operations: args.flag('operations'),
    measuredOnly: args.flag('measured'),
  };
  for (const [i, file] of files.entries()) {
    if (i > 0) io.stdout.write('\n');
    writeText(io, io.stdout, formatAnnotated(profile, file, source, style));
  }
}

async function printAsJson(
  profile: Profile,
  files: readonly string[],
  source: Source,
  io: Io,
): Promise<void> {
  const { annotateLines } = await import('../../report/annotate.ts');
  const { toReportSite } = await import('../../report/json.ts');
  const annotated = files.map((file) => ({
    file,
    lines: annotateLines(profile, file, source(file) ?? []).map(({ sites, ...line }) => ({
      ...line,
      operations: sites.map(toReportSite),
    })),
  }));
  printJson(io.stdout, { schema: 'pyrewrite-annotate/1', files: annotated });
}
