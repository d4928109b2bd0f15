/** An interpreter's two trees, its test modules and what their runs gave. */
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Python } from '../../test/support/pythons.ts';
import { presentRewriter } from './commit.ts';
import type { Interpreter } from './line.ts';
import { LEFT_OUT, LONG, REPRESENTATIVE, TELLING } from './modules.ts';
import { Results } from './results.ts';
import {
  compileTree,
  copiedTree,
  copyInterpreter,
  probedTree,
  probeTree,
  type Tree,
  testModules,
} from './trees.ts';

/** A tree and what its runs gave. */
export interface Side {
  readonly tree: Tree;
  readonly results: Results;
}

/** What an interpreter is, and how many test modules it has. */
export interface Inspected extends Interpreter {
  readonly available: number;
}

export interface Suite {
  readonly python: Python;
  readonly interpreter: Inspected;
  readonly plain: Side;
  readonly probed: Side;
  /** Of the rewriter that made the probed tree. */
  readonly commit: string;
}

export interface Preparation {
  /** The folder of the trees and results. */
  readonly work: string;
  /** What `pyrewrite --opcodes` takes. */
  readonly opcodes: string;
  /** `pyrewrite --types`. */
  readonly types: boolean;
  /** `pyrewrite --sample`. */
  readonly sample: boolean;
  /** Makes the tree with probes anew, even if the rewriter is the same. */
  readonly probe: boolean;
}

/** Makes the trees of an interpreter, unless they are there. */
export function prepare(python: Python, { work, opcodes, types, sample, probe }: Preparation): Suite {
  const plain = copyInterpreter(python, work);
  const compiled = join(work, python.label, 'compiled');
  if (!existsSync(compiled)) compileTree(plain);
  writeFileSync(compiled, '');
  const commit = presentRewriter();
  let probed = probe ? undefined : probedTree(python, work, commit);
  if (probed === undefined) {
    const { tree, report } = probeTree(python, work, { opcodes, types, sample, commit });
    console.log(`${python.label}: ${report.files} files, ${report.sites} sites, ${report.skipped} not timed`);
    probed = tree;
  }
  return {
    python,
    interpreter: inspect(python, work),
    plain: { tree: plain, results: new Results(work, python, 'plain') },
    probed: { tree: probed, results: new Results(work, python, 'probed') },
    commit,
  };
}

/** Looks at the copy of an interpreter in the work folder, where there is one, because that is what runs. */
export function inspect(python: Python, work: string): Inspected {
  const { executable, stdlib } = copiedTree(python, work) ?? {
    executable: python.path,
    stdlib: python.stdlib,
  };
  const { stdout } = spawnSync(executable, ['-V'], { encoding: 'utf8' });
  const version = stdout.trim().split(' ').at(-1) ?? '';
  return { name: python.name, version, available: testModules({ stdlib }).length };
}

/**
 * The modules of a selection, in the order in which they are run.
 * @throws Error if there is no such selection
 */
export function selectModules(tree: Tree, selection: string): readonly string[] {
  const all = testModules(tree).filter((module) => !LEFT_OUT.has(module));
  const others = all.filter((module) => !LONG.includes(module));
  const selections = {
    telling: TELLING,
    quick: REPRESENTATIVE,
    representative: [...REPRESENTATIVE, ...LONG],
    short: [...REPRESENTATIVE, ...others],
    all: [...REPRESENTATIVE, ...others, ...LONG],
  };
  const selected = Object.entries(selections).find(([name]) => name === selection)?.[1];
  if (selected === undefined) throw new Error(`no such --modules: ${selection}`);
  return [...new Set(selected)].filter((module) => all.includes(module));
}
