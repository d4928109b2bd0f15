import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AllowedGrowth, BudgetUnit, LimitResult } from '../../check/index.ts';
import { PyrewriteError } from '../../errors.ts';
import type { Args, Command } from '../command.ts';
import type { Io } from '../io.ts';
import { printJson } from '../json-output.ts';

const DEFAULT_FILE = 'pyrewrite-budget.toml';

export const command: Command = {
  summary: 'checks profiles against budgets, or against those of a baseline',
  usage: 'pyrewrite check [OPTIONS] PROFILE…',
  description: `
Compares what was measured with budgets: the most executions, exceptions or time that operations may take, by place,
function, module or group of opcodes. Counts are exact and do not flake, so budget them first. Several profiles are
added up. A budget that fits no operation is an error: a check that checks nothing is none.

With --baseline the PROFILEs are compared with others instead: each file is a run; counts may not grow in any
function, and nothing may be surely slower.`,
  examples: [
    { line: 'pyrewrite check app.prof', what: `against ${DEFAULT_FILE}` },
    {
      line: 'pyrewrite check --write pyrewrite-budget.toml app.prof',
      what: 'makes a budget file of what was counted',
    },
    {
      line: 'pyrewrite check --baseline main.prof --growth count=5% branch.prof',
      what: 'counts may be 5 % more than those of main',
    },
    {
      line: 'pyrewrite check --junit budget.xml app.prof',
      what: 'for a CI system; on GitHub the places are annotated, too',
    },
  ],
  options: {
    budget: { type: 'string', value: 'FILE', help: `the budget file (default: ${DEFAULT_FILE})` },
    baseline: {
      type: 'string',
      multiple: true,
      value: 'PROFILE',
      help: 'compare with this run instead; a folder or glob for several, may be repeated',
    },
    growth: {
      type: 'string',
      value: 'LIST',
      help: 'what may grow by how much: count, raised, self, p50\n(default: count=0%,raised=0%,self=0%,p50=0%)',
    },
    write: {
      type: 'string',
      value: 'FILE',
      help: 'write a budget file with the counts of the profiles, instead of checking',
    },
    per: {
      type: 'string',
      value: 'UNIT',
      help: 'with --write, a budget for each site, function, module or category\n(default: function)',
    },
    headroom: {
      type: 'string',
      value: 'PERCENT',
      help: 'with --write, what counts may grow by (default: 0)',
    },
    all: { type: 'boolean', help: 'list the limits that are kept, too' },
    junit: { type: 'string', value: 'FILE', help: 'write the results as JUnit XML' },
    github: { type: 'boolean', help: 'annotate places for GitHub (default where GITHUB_ACTIONS is true)' },
    json: { type: 'boolean', help: 'print the results as JSON; docs/reference/budget-file.md' },
  },
  exitStatus:
    '0 means that all limits are kept, 1 that one is not or a profile cannot be read, 2 also that a budget is wrong',
  run,
};

async function run(args: Args, io: Io): Promise<number> {
  if (args.positionals.length === 0) {
    throw new PyrewriteError('usage', 'no PROFILE given', { remedy: `usage: ${command.usage}` });
  }
  refuseTogether(args, ['write', 'baseline', 'budget']);
  if (args.string('write') !== undefined) return await write(args, io);
  const { failures } = await import('../../check/index.ts');
  const results =
    args.strings('baseline').length > 0 ? await compareWithBaseline(args, io) : await checkBudgets(args, io);
  await show(results, args, io);
  return failures(results).length > 0 ? 1 : 0;
}

function refuseTogether(args: Args, names: readonly string[]): void {
  const given = names.filter((name) => args.string(name) !== undefined);
  if (given.length > 1)
    throw new PyrewriteError('usage', `--${given[0]} and --${given[1]} do not go together`);
}

async function checkBudgets(args: Args, io: Io): Promise<LimitResult[]> {
  const { evaluate, readBudgets } = await import('../../check/index.ts');
  const { readProfileFiles } = await import('../profile-files.ts');
  const { aboutFile } = await import('../input-file.ts');
  const file = args.string('budget') ?? DEFAULT_FILE;
  const path = resolve(io.cwd, file);
  if (args.string('budget') === undefined && !existsSync(path)) {
    throw new PyrewriteError('usage', `there is no ${DEFAULT_FILE} here`, {
      remedy: '--budget names another file, --write FILE makes one, --baseline compares with other profiles',
    });
  }
  const text = readFileSync(path, 'utf8');
  try {
    const budgets = readBudgets(text);
    return evaluate(budgets, readProfileFiles(args.positionals, io.cwd), io.cwd);
  } catch (error) {
    throw error instanceof PyrewriteError && error.code === 'bad-budget' ? aboutFile(error, file) : error;
  }
}

async function compareWithBaseline(args: Args, io: Io): Promise<LimitResult[]> {
  const { evaluateGrowth } = await import('../../check/index.ts');
  const growth = await growthOf(args.string('growth'));
  const { openRuns } = await import('../diff/runs.ts');
  const { compareRuns } = await import('../../diff/index.ts');
  const [a, b] = [openRuns(args.strings('baseline'), io.cwd), openRuns(args.positionals, io.cwd)];
  const comparison = compareRuns(a.profiles, b.profiles, { textA: a.textOf, textB: b.textOf });
  for (const note of comparison.notes) io.stderr.write(`${note}\n`);
  const results = evaluateGrowth(comparison, growth, io.cwd);
  if (results.length === 0) {
    throw new PyrewriteError('bad-budget', 'the baseline and the profiles have no function in common', {
      remedy: 'record both from the same program, with the same --opcodes',
    });
  }
  return results;
}

async function growthOf(text: string | undefined): Promise<AllowedGrowth> {
  const { DEFAULT_GROWTH, parseGrowth } = await import('../../check/index.ts');
  if (text === undefined) return DEFAULT_GROWTH;
  const growth = parseGrowth(text);
  if (growth === undefined) {
    throw new PyrewriteError('usage', `--growth does not understand '${text}'`, {
      remedy: 'for example --growth count=0%,self=10%; there are count, raised, self and p50',
    });
  }
  return growth;
}

async function show(results: readonly LimitResult[], args: Args, io: Io): Promise<void> {
  const { checkToJson, formatAnnotations, formatCheck, formatJunit } = await import('../../check/index.ts');
  const junit = args.string('junit');
  if (junit !== undefined) {
    const { writeAtomically } = await import('../rewrite/atomic.ts');
    writeAtomically(resolve(io.cwd, junit), Buffer.from(formatJunit(results, io.cwd)));
  }
  if (args.flag('json')) {
    printJson(io.stdout, checkToJson(results));
    return;
  }
  const options = { color: io.stdout.colors, cwd: io.cwd, all: args.flag('all') };
  io.stdout.write(formatCheck(results, options));
  if (args.flag('github') || io.env['GITHUB_ACTIONS'] === 'true') {
    io.stdout.write(formatAnnotations(results, io.cwd));
  }
}

async function write(args: Args, io: Io): Promise<number> {
  const { BUDGET_UNITS, WRITTEN_MARK, writeBudgets } = await import('../../check/index.ts');
  const { readProfileFiles } = await import('../profile-files.ts');
  const { writeAtomically } = await import('../rewrite/atomic.ts');
  const word = args.string('per') ?? 'function';
  const per: BudgetUnit | undefined = BUDGET_UNITS.find((unit) => unit === word);
  const headroom = Number((args.string('headroom') ?? '0').replace(/\s*%$/, '')) / 100;
  if (per === undefined || !(headroom >= 0 && headroom <= 100)) {
    const remedy = `--per takes ${BUDGET_UNITS.join(', ')}; --headroom a percentage`;
    throw new PyrewriteError('usage', 'the budgets to write are not clear', { remedy });
  }
  const file = args.string('write') ?? DEFAULT_FILE;
  const path = resolve(io.cwd, file);
  if (existsSync(path) && !readFileSync(path, 'utf8').startsWith(WRITTEN_MARK)) {
    throw new PyrewriteError('usage', `${file} was not written by pyrewrite and is left as it is`, {
      remedy: 'name another file, or remove it',
    });
  }
  const text = writeBudgets(readProfileFiles(args.positionals, io.cwd), { per, headroom, cwd: io.cwd });
  const budgets = text.split('[[budget]]').length - 1;
  if (budgets === 0)
    throw new PyrewriteError('bad-profile', 'nothing was executed: there is nothing to budget');
  writeAtomically(path, Buffer.from(text));
  io.stderr.write(`${file}: ${budgets} budgets\n`);
  return 0;
}
