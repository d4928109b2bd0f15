/**
 * All that the runs gave, one JSON object per line and run: `LABEL/plain.jsonl` and `LABEL/probed.jsonl` of the work
 * folder. What is worth keeping of them is in store.ts.
 */
import { appendFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Python } from '../../test/support/pythons.ts';
import { readWholeLines } from '../compare/json-lines.ts';
import type { Variant } from './trees.ts';

/** One run of one test module. */
export interface ModuleResult {
  /** 'exit 0', 'SIGSEGV', 'timeout' … */
  readonly status: string;
  readonly seconds: number;
  /** What became of each test method; see `Outcome` in driver.py; several are joined by '+'. */
  readonly methods: Readonly<Record<string, string>>;
  /** Traceback or reason of those that were not ok. */
  readonly texts: Readonly<Record<string, string>>;
  /** Probes in the functions that were loaded when it ended. */
  readonly probes: number;
  /** End of what the run printed, unless it succeeded. */
  readonly output: string;
  /** Only the methods that the runs before differed in. */
  readonly partial?: boolean;
}

/** A run that is kept. */
export interface Run extends ModuleResult {
  readonly module: string;
  /** Day of the run. */
  readonly date: string;
  /** See commit.ts; lines from before it was kept have none. */
  readonly commit?: string;
}

/** The runs of this module before this line do not count. */
interface Forgotten {
  readonly module: string;
  readonly forgotten: true;
}

/** The results of one interpreter and variant, kept in a file. */
export class Results {
  readonly file: string;
  readonly #lines = new Map<string, Run[]>();

  constructor(work: string, { label }: Python, variant: Variant) {
    this.file = join(work, label, `${variant}.jsonl`);
    mkdirSync(dirname(this.file), { recursive: true });
    for (const line of readWholeLines<Run | Forgotten>(this.file)) this.#remember(line);
  }

  #remember(line: Run | Forgotten): void {
    if ('forgotten' in line) this.#lines.delete(line.module);
    else this.#lines.set(line.module, [...(this.#lines.get(line.module) ?? []), line]);
  }

  /** All runs of a module, the oldest first. */
  of(module: string): readonly Run[] {
    return this.#lines.get(module) ?? [];
  }

  modules(): readonly string[] {
    return [...this.#lines.keys()];
  }

  /** @param commit of the rewriter that the run was made with */
  add(module: string, result: ModuleResult, commit: string): void {
    const line = { module, date: new Date().toISOString().slice(0, 10), commit, ...result };
    this.#remember(line);
    appendFileSync(this.file, `\n${JSON.stringify(line)}`);
  }

  /** Forgets the runs of a module, to run it again. */
  forget(module: string): void {
    if (!this.#lines.delete(module)) return;
    appendFileSync(this.file, `\n${JSON.stringify({ module, forgotten: true } satisfies Forgotten)}`);
  }
}
