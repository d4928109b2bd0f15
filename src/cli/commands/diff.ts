import type { MatchableSite } from '../../diff/index.ts';
import { PyrewriteError } from '../../errors.ts';
import { integerOption } from '../args.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json-output.ts';

export const command: Command = {
  summary: 'compares two runs, or two sets of runs, operation by operation',
  usage: 'pyrewrite diff [OPTIONS] A B',
  description: `
Compares what was measured in A with what was measured in B. Each file is one run; a folder stands for the .prof
files in it, and a glob in quotation marks for those that it matches. Operations are matched across edits of the
source: lines that moved are no new operations.

Counts are compared exactly. Times are judged by how much the runs of each side differ, so several runs of each
side, taken in turns, tell most; of single runs only the medians are judged, by how much those of all operations
differ. Among the changes shown, 5 % are expected to be chance.`,
  examples: [
    {
      line: 'pyrewrite diff before.prof after.prof',
      what: 'one run of each: counts, and large changes of medians',
    },
    { line: "pyrewrite diff 'a-*.prof' 'b-*.prof'", what: 'several runs of each: times with intervals' },
    { line: 'pyrewrite diff --a 1.prof --a 2.prof --b after/', what: 'sides of several files and folders' },
    {
      line: 'pyrewrite diff --markdown before/ after/ > comment.md',
      what: 'for a comment on a pull request',
    },
  ],
  options: {
    a: {
      type: 'string',
      multiple: true,
      value: 'PROFILE',
      help: 'a run of A, instead of the first operand; may be repeated',
    },
    b: {
      type: 'string',
      multiple: true,
      value: 'PROFILE',
      help: 'a run of B, instead of the second operand; may be repeated',
    },
    all: { type: 'boolean', help: 'show operations without a change, too' },
    limit: { type: 'string', value: 'N', help: 'rows of the table; 0 for all (default: 20)' },
    threshold: {
      type: 'string',
      value: 'PERCENT',
      help: 'smallest change of a time that counts as one (default: 5)',
    },
    json: { type: 'boolean', help: 'print the comparison as JSON; docs/reference/diff-json.md' },
    markdown: { type: 'boolean', help: 'print the comparison as Markdown' },
  },
  run,
};

const MOST_ROWS = 1_000_000_000;

async function run(args: Args, io: Io): Promise<number> {
  const [namesA, namesB] = sidesOf(args);
  const threshold = thresholdOf(args.string('threshold'));
  const limit = integerOption(args.string('limit') ?? '20', 'limit', 0, MOST_ROWS);
  if (args.flag('json') && args.flag('markdown')) {
    throw new PyrewriteError('usage', '--json and --markdown cannot be printed together');
  }
  const { openRuns } = await import('../diff/runs.ts');
  const { compareRuns } = await import('../../diff/index.ts');
  const { familyOf } = await import('../../opcodes/families.ts');
  const [a, b] = [openRuns(namesA, io.cwd), openRuns(namesB, io.cwd)];
  const comparison = compareRuns(a.profiles, b.profiles, {
    threshold,
    textA: a.textOf,
    textB: b.textOf,
    acrossVersions: inAnyVersion(familyOf),
  });
  const view = await import('../../report/diff/index.ts');
  const { columns, colors } = io.stdout;
  const options = { all: args.flag('all'), limit, cwd: io.cwd, color: colors };
  if (args.flag('json')) printJson(io.stdout, view.comparisonToJson(comparison));
  else if (args.flag('markdown')) io.stdout.write(view.formatComparisonMarkdown(comparison, options));
  else {
    const width = columns === undefined ? {} : { width: columns };
    io.stdout.write(view.formatComparison(comparison, { ...options, ...width }));
  }
  return 0;
}

/** Versions call the same operation by other names, and not all name the operator: its family and a name are what matters. */
function inAnyVersion(familyOf: (opcode: string, name: string | null) => string) {
  return ({ opcode, name }: MatchableSite): string =>
    `${familyOf(opcode, name)} ${name !== null && /^[\p{L}_]/u.test(name) ? name : ''}`;
}

/** The names of both sides: two operands, or options, or one of each. */
function sidesOf(args: Args): [readonly string[], readonly string[]] {
  const rest = [...args.positionals];
  const [a, b] = ['a', 'b'].map((side) => {
    const named = args.strings(side);
    return named.length > 0 ? named : rest.splice(0, 1);
  });
  if (a.length === 0 || b.length === 0 || rest.length > 0) {
    const what =
      rest.length > 0 ? `there are two sides, and ${rest[0]} is one too many` : 'two sides are needed';
    const remedy =
      'pyrewrite diff A B; several runs of a side as a folder, a glob in quotation marks, or --a and --b';
    throw new PyrewriteError('usage', what, { remedy });
  }
  return [a, b];
}

function thresholdOf(text = '5'): number {
  const percent = Number(text.replace(/\s*%$/, ''));
  if (!(percent >= 0 && percent <= 1000) || text.trim() === '') {
    throw new PyrewriteError('usage', `--threshold takes a percentage from 0 to 1000, not '${text}'`);
  }
  return percent / 100;
}
