/** What the runs gave: one JSON file per interpreter and project. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Rewritten } from './probes.ts';
import type { Executed } from './profiles.ts';

/** One run of a project's tests. */
export interface Run {
  /** 'exit 0', 'SIGSEGV', 'timeout' … */
  readonly status: string;
  readonly seconds: number;
  /** By the tests' ids. Several outcomes of one id are joined by '+'. */
  readonly outcomes: Readonly<Record<string, string>>;
  /** Tracebacks and reasons of those that did not pass. */
  readonly texts: Readonly<Record<string, string>>;
  /** End of what the run printed, unless it succeeded. */
  readonly output: string;
  /** Of a run with probes. */
  readonly executed?: Executed;
}

export interface ProjectResult {
  readonly version: string;
  /** Full version of the interpreter. */
  readonly python: string;
  readonly date: string;
  readonly rewritten: Rewritten;
  readonly plain: readonly Run[];
  readonly probed: readonly Run[];
}

function fileOf(work: string, label: string, name: string): string {
  return join(work, label, `${name}.json`);
}

export function readResult(work: string, label: string, name: string): ProjectResult | undefined {
  const file = fileOf(work, label, name);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined;
}

export function writeResult(work: string, label: string, name: string, result: ProjectResult): void {
  const file = fileOf(work, label, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, JSON.stringify(result));
}
