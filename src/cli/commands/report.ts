import { PyrewriteError } from '../../errors.ts';
import { integerOption } from '../args.ts';
import type { Args, Command } from '../command.ts';
import { HTML_OPTIONS } from '../html-options.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json-output.ts';

export const command: Command = {
  summary: 'prints recorded profiles as a table, JSON or an HTML page',
  usage: 'pyrewrite report [OPTIONS] PROFILE…',
  description: `
Prints where the time went, what could be faster, and the costliest operations with their source. With --sort or
--limit: a table of the operations alone. Several profiles, or a profile of several
processes, are added up. A profile can be read while its program still runs, and after it was killed.
A folder stands for the .prof files in it, a dash for standard input.`,
  examples: [
    {
      line: 'pyrewrite report app.prof',
      what: 'where the time went, what could be faster, the costliest operations',
    },
    {
      line: 'pyrewrite report --sort count --limit 0 worker-*.prof',
      what: 'all operations of all workers, by count',
    },
    {
      line: 'pyrewrite report --json app.prof > app.json',
      what: 'for programs; docs/reference/report-json.md',
    },
    {
      line: 'pyrewrite report --html app.html app.prof',
      what: 'a page for the browser, in one file that needs no network',
    },
    {
      line: 'pyrewrite report --html change.html --compare before.prof after.prof',
      what: 'the same, and what changed since',
    },
  ],
  options: {
    json: { type: 'boolean', help: 'print the report as JSON' },
    sort: {
      type: 'string',
      value: 'KEY',
      help: 'a table by self, total, count, raised, p50, p99 or place',
    },
    limit: { type: 'string', value: 'N', help: 'a table of so many rows (default: 20); 0 for all' },
    ...HTML_OPTIONS,
    compare: {
      type: 'string',
      multiple: true,
      value: 'PROFILE',
      help: 'an earlier run that the page compares with; may be\nrepeated; each PROFILE is one run then',
    },
  },
  run,
};

const MOST_ROWS = 1_000_000_000;

async function run(args: Args, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new PyrewriteError('usage', 'no PROFILE given', { remedy: `usage: ${command.usage}` });
  }
  const { formatScreen, formatTable, isSortKey, SORT_KEYS, toJson } = await import('../../report/index.ts');
  const sort = args.string('sort') ?? 'self';
  if (!isSortKey(sort)) {
    throw new PyrewriteError('usage', `there is no sort key '${sort}'`, {
      remedy: `there are ${SORT_KEYS.join(', ')}`,
    });
  }
  const limit = args.string('limit');
  const options = limit === undefined ? {} : { limit: integerOption(limit, 'limit', 0, MOST_ROWS) };
  const html = args.string('html');
  if (html !== undefined) {
    io.stdout.write(`${await writeHtml(args, io, html)}\n`);
    return 0;
  }
  if (args.strings('compare').length > 0) {
    throw new PyrewriteError('usage', '--compare is for the HTML page', {
      remedy: 'give --html FILE, too; pyrewrite diff compares in the terminal',
    });
  }
  const { readProfileFiles } = await import('../profile-files.ts');
  const profile = readProfileFiles(args.positionals, io.cwd);
  const { readSourceLines } = await import('../source-lines.ts');
  const { textStyle, writeText } = await import('../report-text.ts');
  const asTable = limit !== undefined || args.string('sort') !== undefined;
  const source = readSourceLines();
  if (args.flag('json')) printJson(io.stdout, toJson(profile, undefined, source));
  else if (asTable)
    writeText(io, io.stdout, formatTable(profile, { ...options, ...textStyle(io, io.stdout), sort }));
  else writeText(io, io.stdout, formatScreen(profile, { ...textStyle(io, io.stdout), source }));
  return 0;
}

async function writeHtml(args: Args, io: Io, file: string): Promise<string> {
  const { writeHtmlReport } = await import('../html/write-report.ts');
  const withSource = !args.flag('no-source');
  const before = args.strings('compare');
  if (before.length > 0) {
    const { compareWith } = await import('../html/compare.ts');
    return await writeHtmlReport({ ...compareWith(before, args.positionals, io.cwd), io, file, withSource });
  }
  const { readProfileFiles } = await import('../profile-files.ts');
  return await writeHtmlReport({ profile: readProfileFiles(args.positionals, io.cwd), io, file, withSource });
}
