import { availableParallelism } from 'node:os';
import { relative } from 'node:path';
import type { Interpreter } from '../../python/interpreter.ts';
import { integerOption } from '../args.ts';
import type { Args } from '../command.ts';
import { interruptible } from '../interrupt.ts';
import type { Io } from '../io.ts';
import { Progress } from '../progress.ts';
import { listOption, overheadOption } from '../selection-options.ts';
import type { TreeFile } from './collect.ts';
import type { RewriteJob } from './destination.ts';
import { type FileOutcome, rewriteFiles } from './engine.ts';
import { rewriteInLanes, shareOut, usefulLanes } from './lanes.ts';
import { addOutcome, type Summary } from './summary.ts';
import { type Staging, stageTree } from './tree.ts';

const MOST_JOBS = 64;

/** Where a `rewrite` goes, and what is counted. */
export interface Target {
  readonly python: Interpreter;
  readonly out: string | undefined;
  readonly summary: Summary;
}

function jobOf(args: Args, { python, out, summary }: Target, staging: Staging | undefined): RewriteJob {
  const tree = staging !== undefined && out !== undefined;
  return {
    python: python.command,
    release: python.release,
    magic: python.magic,
    opcodes: summary.opcodes,
    functions: listOption(args, 'functions'),
    types: args.flag('types'),
    gc: args.flag('gc'),
    callers: args.flag('callers'),
    sample: args.flag('sample'),
    overhead: overheadOption(args) ?? null,
    optimize: integerOption(args.string('optimize') ?? '0', 'optimize', 0, 2),
    place: tree
      ? { kind: 'tree', staging: staging.staging, final: out, sourceless: args.flag('sourceless') }
      : { kind: summary.dryRun ? 'nowhere' : 'in-place' },
  };
}

/**
 * Rewrites all files; a tree under --out appears when all of it is done.
 * @returns what became of the files that the user named one by one
 */
export async function rewriteAll(
  files: readonly TreeFile[],
  args: Args,
  io: Io,
  target: Target,
): Promise<FileOutcome[]> {
  const { out, summary } = target;
  const note = { schema: 'pyrewrite-tree/1', opcodes: summary.opcodes, python: summary.python };
  const staging = out === undefined || summary.dryRun ? undefined : stageTree(out, note);
  try {
    const job = jobOf(args, target, staging);
    const outcomes = await interruptible(
      () => rewriteLanes(files, job, args, io, summary),
      () => staging?.abandon(),
    );
    if (summary.sites > 0) staging?.commit();
    return outcomes;
  } finally {
    staging?.abandon();
  }
}

async function rewriteLanes(
  files: readonly TreeFile[],
  job: RewriteJob,
  args: Args,
  io: Io,
  summary: Summary,
): Promise<FileOutcome[]> {
  const progress = new Progress(io.stderr);
  const code = files.filter(({ kind }) => kind === 'source' || kind === 'pyc').length;
  const named: FileOutcome[] = [];
  let done = 0;
  const onOutcome = (outcome: FileOutcome): void => {
    done++;
    addOutcome(summary, outcome);
    if (outcome.named) named.push(outcome);
    progress.show(
      () => `${done}/${code} files, ${summary.sites} operations  ${relative(io.cwd, outcome.path)}`,
    );
  };
  const wanted = args.string('jobs');
  const useful = usefulLanes(code, availableParallelism());
  const lanes = wanted === undefined ? useful : integerOption(wanted, 'jobs', 1, MOST_JOBS);
  try {
    if (lanes > 1) await rewriteInLanes(shareOut(files, lanes), job, onOutcome);
    else for await (const outcome of rewriteFiles(files, job)) onOutcome(outcome);
  } finally {
    progress.end();
  }
  return named;
}
