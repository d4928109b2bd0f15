import { PyrewriteError } from '../../errors.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'asks profiles by SQL',
  usage: 'pyrewrite query [OPTIONS] SQL PROFILE…',
  description: `
Runs SQL in an embedded DuckDB over two tables: ops, a row for each operation at its place and each kind of operands,
and processes. --explain lists their columns. Several profiles are added up; with --each the rows are those of each
process. A folder stands for the .prof files in it. Without PROFILEs, SQL can read files by itself, such as the
Parquet files of a fleet that pyrewrite export --partition wrote.

DuckDB is not installed with pyrewrite, for its size: npm install @duckdb/node-api, beside pyrewrite.`,
  examples: [
    {
      line: 'pyrewrite query "SELECT category, sum(self_ns) / 1e6 AS ms FROM ops GROUP BY 1 ORDER BY 2 DESC" app.prof',
      what: 'where the time went',
    },
    {
      line: 'pyrewrite query --csv "SELECT * EXCLUDE (hist_ns, hist_count) FROM ops WHERE raised > 0" app.prof',
      what: 'operations that raised, for a spreadsheet',
    },
    {
      line: `pyrewrite query "SELECT host, sum(count) FROM read_parquet('lake/**/*.parquet') GROUP BY 1"`,
      what: 'files of a fleet',
    },
    { line: 'pyrewrite query --explain', what: 'tables and columns' },
  ],
  options: {
    csv: { type: 'boolean', help: 'print CSV' },
    json: { type: 'boolean', help: 'print a JSON list of objects' },
    jsonl: { type: 'boolean', help: 'print a JSON object on each line' },
    each: { type: 'boolean', help: 'rows of each process, not of their sum' },
    explain: { type: 'boolean', help: 'list tables and columns; needs no SQL' },
  },
  run,
};

async function run(args: Args, io: Io): Promise<number> {
  const { TABLES, runQuery } = await import('../query/database.ts');
  const { printRows, QUERY_FORMATS } = await import('../query/output.ts');
  if (args.flag('explain')) {
    const { explainTables } = await import('../query/explain.ts');
    io.stdout.write(explainTables(TABLES, args.flag('json')));
    return 0;
  }
  const [sql, ...files] = args.positionals;
  if (sql === undefined) {
    throw new PyrewriteError('usage', 'no SQL given', { remedy: `usage: ${command.usage}` });
  }
  const chosen = QUERY_FORMATS.filter((format) => args.flag(format));
  if (chosen.length > 1) {
    throw new PyrewriteError('usage', `--${chosen.join(' and --')} do not go together`);
  }
  const { eachProfile, readProfileFiles } = await import('../profile-files.ts');
  const notes: string[] = [];
  const each = args.flag('each');
  const profiles = () => (each ? eachProfile(files, io.cwd, notes) : [readProfileFiles(files, io.cwd)]);
  await runQuery(sql, files.length === 0 ? null : profiles, async (result) => {
    await printRows(result, chosen[0] ?? 'table', io);
  });
  return 0;
}
