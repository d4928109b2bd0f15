import { PyrewriteError } from '../../errors.ts';
import type { AnyFormat, MetricName } from '../../export/index.ts';
import type { Args, Command } from '../command.ts';
import type { ExportRequest } from '../export/write-export.ts';
import type { Io } from '../io.ts';

export const command: Command = {
  summary: 'writes profiles in the formats of other tools',
  usage: 'pyrewrite export [OPTIONS] -o FILE PROFILE…',
  description: `
The format follows from the end of FILE, or from --format:

  speedscope    .speedscope.json     speedscope.app
  collapsed     .collapsed .folded   flamegraph.pl, inferno
  pprof         .pb.gz .pprof        go tool pprof, Grafana, Pyroscope
  firefox       .gecko.json          profiler.firefox.com
  chrome-trace  .trace.json          ui.perfetto.dev
  callgrind     .callgrind           KCachegrind, callgrind_annotate
  pstats        .pstats              pstats, snakeviz, gprof2dot
  lcov          .lcov .info          coverage gutters of editors, genhtml
  openmetrics   .prom .om            Prometheus
  csv, jsonl    .csv .jsonl          a table of all operations
  parquet       .parquet             pandas, polars, DuckDB, Spark, ClickHouse
  arrow         .arrow .feather      pyarrow, polars, R

Several profiles are added up. A folder stands for the .prof files in it, a dash for standard input or output.
docs/reference/formats/exports.md tells what each format holds, docs/reference/formats/tidy-table.md every column.`,
  examples: [
    { line: 'pyrewrite export -o app.speedscope.json app.prof', what: 'a flame graph of operations' },
    { line: 'pyrewrite export -o app.pb.gz app.prof && go tool pprof -top app.pb.gz', what: 'for pprof' },
    {
      line: 'pyrewrite export --each -o workers.parquet profiles/',
      what: 'a table with the rows of each process',
    },
    {
      line: 'pyrewrite export --format parquet --partition host,service=web,date -o lake profiles/',
      what: 'a table of many files, for fleets: lake/host=…/service=web/date=…/….parquet',
    },
  ],
  options: {
    output: {
      type: 'string',
      short: 'o',
      value: 'FILE',
      help: 'where to write; - for standard output (required)',
    },
    format: { type: 'string', value: 'FORMAT', help: 'the format, whatever the name of FILE' },
    metric: {
      type: 'string',
      value: 'METRIC',
      help: 'weights of collapsed stacks: self, await, count, raised, gc, off-cpu or\nsuspended (default: self)',
    },
    each: { type: 'boolean', help: 'tables: the rows of each process, not of their sum' },
    table: {
      type: 'string',
      value: 'TABLE',
      help: 'tables: ops, the operations, or processes (default: ops)',
    },
    label: {
      type: 'string',
      multiple: true,
      value: 'NAME=VALUE',
      help: 'a column or a label with the same text everywhere, such as\nservice=web; repeatable',
    },
    partition: {
      type: 'string',
      value: 'KEYS',
      help: 'tables: files in folders NAME=VALUE below FILE, by host, python, date,\nhour or NAME=VALUE, separated by commas',
    },
  },
  run,
};

async function run(args: Args, io: Io): Promise<number> {
  const output = args.string('output');
  if (args.positionals.length === 0 || output === undefined) {
    const what = output === undefined ? 'no -o FILE given' : 'no PROFILE given';
    throw new PyrewriteError('usage', what, { remedy: `usage: ${command.usage}` });
  }
  const request = await requestOf(args, output);
  if (output === '-' && request.format.format.binary && io.stdout.isTerminal) {
    throw new PyrewriteError('usage', `${request.format.name} is not for a terminal`, {
      remedy: 'give -o FILE, or a pipe',
    });
  }
  const { writeExport } = await import('../export/write-export.ts');
  const notes: string[] = [];
  writeExport(request, io, notes);
  const { printable } = await import('../../report/text-table.ts');
  for (const note of notes) io.stderr.write(`pyrewrite: ${printable(note)}\n`);
  return 0;
}

async function requestOf(args: Args, output: string): Promise<ExportRequest> {
  const { OPERATIONS } = await import('../../export/index.ts');
  const { parseLabels } = await import('../export/labels.ts');
  const { parsePartition } = await import('../export/partitions.ts');
  const format = await formatOf(args, output);
  const partition = args.string('partition');
  if (format.kind === 'profile') refuseTableOptions(args, format.name);
  return {
    files: args.positionals,
    output,
    format,
    metric: await metricOf(args, format.name),
    labels: parseLabels(args.strings('label'), OPERATIONS),
    each: args.flag('each'),
    table: tableOf(args),
    partition: partition === undefined ? [] : parsePartition(partition),
  };
}

async function formatOf(args: Args, output: string): Promise<AnyFormat> {
  const { formatByName, formatForFile } = await import('../../export/index.ts');
  const name = args.string('format');
  return name === undefined ? await formatForFile(output) : await formatByName(name);
}

function refuseTableOptions(args: Args, name: string): void {
  const given = ['each', 'table', 'partition'].find(
    (option) => args.flag(option) || args.string(option) !== undefined,
  );
  if (given === undefined) return;
  throw new PyrewriteError('usage', `--${given} is for tables and not for ${name}`, {
    remedy: 'tables are csv, jsonl, parquet and arrow',
  });
}

async function metricOf(args: Args, name: string): Promise<MetricName | undefined> {
  const text = args.string('metric');
  if (text === undefined) return undefined;
  const { METRIC_NAMES } = await import('../../export/index.ts');
  const metric = METRIC_NAMES.find((one) => one === text);
  if (metric === undefined) {
    throw new PyrewriteError('usage', `there is no metric '${text}'`, {
      remedy: `there are ${METRIC_NAMES.join(', ')}`,
    });
  }
  if (name === 'collapsed') return metric;
  throw new PyrewriteError('usage', `--metric is for collapsed stacks: ${name} has all metrics in one file`);
}

function tableOf(args: Args): 'ops' | 'processes' {
  const table = args.string('table') ?? 'ops';
  if (table === 'ops' || table === 'processes') return table;
  throw new PyrewriteError('usage', `there is no table '${table}'`, { remedy: 'there are ops, processes' });
}
