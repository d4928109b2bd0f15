import { PyrewriteError } from '../../errors.ts';
import type { SortKey } from '../../report/sort.ts';
import { integerOption } from '../args.ts';
import type { Args, Command } from '../command.ts';
import { HTML_OPTIONS } from '../html-options.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'prints recorded profiles as a table, JSON or an HTML page',
  usage: 'pyrewrite report [OPTIONS] PROFILE…',
  description: `
Prints what was measured, by operation and place in the source. Several profiles, or a profile of several
processes, are added up. A profile can be read while its program still runs, and after it was killed.
A folder stands for the .prof files in it, a dash for standard input.`,
  examples: [
    { line: 'pyrewrite report app.prof', what: 'the twenty most expensive operations' },
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
  ],
  options: {
    json: { type: 'boolean', help: 'print the report as JSON' },
    sort: {
      type: 'string',
      value: 'KEY',
      help: 'self, total, count, raised, p50, p99 or place (default: self)',
    },
    limit: { type: 'string', value: 'N', help: 'rows of the table; 0 for all (default: 20)' },
    ...HTML_OPTIONS,
  },
  run,
};

const MOST_ROWS = 1_000_000_000;

async function run(args: Args, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new PyrewriteError('usage', 'no PROFILE given', { remedy: `usage: ${command.usage}` });
  }
  const { formatTable, isSortKey, SORT_KEYS, toJson } = await import('../../report/index.ts');
  const sort = args.string('sort') ?? 'self';
  if (!isSortKey(sort)) {
    throw new PyrewriteError('usage', `there is no sort key '${sort}'`, {
      remedy: `there are ${SORT_KEYS.join(', ')}`,
    });
  }
  const limit = args.string('limit');
  const options = limit === undefined ? {} : { limit: integerOption(limit, 'limit', 0, MOST_ROWS) };
  const { readProfileFiles } = await import('../profile-files.ts');
  const profile = readProfileFiles(args.positionals, io.cwd);
  const html = args.string('html');
  if (html !== undefined) {
    const { writeHtmlReport } = await import('../html/write-report.ts');
    const file = await writeHtmlReport({ profile, io, file: html, withSource: !args.flag('no-source') });
    io.stdout.write(`${file}\n`);
  } else if (args.flag('json')) io.stdout.write(`${JSON.stringify(toJson(profile))}\n`);
  else io.stdout.write(formatTable(profile, { ...options, ...tableStyle(io, sort) }));
  return 0;
}

function tableStyle(io: Io, sort: SortKey) {
  const { columns, colors } = io.stdout;
  return { sort, color: colors, cwd: io.cwd, ...(columns === undefined ? {} : { width: columns }) };
}
