import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RUN_OPCODES } from '../../src/cli/selection-options.ts';
import type { Finding } from '../../src/findings/finding.ts';
import { findFindings } from '../../src/findings/findings.ts';
import { readProfile } from '../../src/profile/reader.ts';

/** What a bench needs to let copies of the example take turns. */
export interface Turns {
  readonly python: string;
  /** Runs a command in the folder with the copies and gives what it prints. */
  readonly run: (command: string, args: readonly string[], env?: Readonly<Record<string, string>>) => string;
  /** The built command line. */
  readonly main: string;
  /** With a copy of each of these names, `probed` to be given its probes. */
  readonly folder: string;
  readonly rows: string;
  readonly rounds: string;
}

/** Nanoseconds of each copy in one turn. */
type Turn = Readonly<Record<string, number>>;

/**
 * Lets the copies run in turn, a hundred rows each, in one process: all at the same pace of the machine.
 * @returns the findings of the copy with probes, and by the name of each other copy what it saved in each turn, nanoseconds
 */
export function takeTurns(
  { python, run, main, folder, rows, rounds }: Turns,
  names: readonly string[],
): { readonly findings: Finding[]; readonly saved: ReadonlyMap<string, readonly number[]> } {
  const probed = join(folder, 'probed');
  run(process.execPath, [main, 'rewrite', '--python', python, '--types', '--opcodes', RUN_OPCODES, probed]);
  const runtime = run(process.execPath, [main, 'runtime', '--python', python]).trim();
  const out = join(folder, 'turns');
  mkdirSync(out);
  const driver = fileURLToPath(new URL('turns.py', import.meta.url));
  const printed = run(python, [driver, folder, rows, rounds, 'original', ...names, 'probed'], {
    PYTHONPATH: runtime,
    PYREWRITE_OUT: out,
  });
  const { summing, writing } = JSON.parse(printed) as { summing: Turn[]; writing: Turn[] };
  const saved = new Map(
    names.map((name) => {
      const turns = name === 'string-growth' ? writing : summing;
      return [name, turns.map((turn) => turn['original'] - turn[name])] as const;
    }),
  );
  const source = (file: string): string[] => readFileSync(file, 'utf8').split('\n');
  const profile = readdirSync(out)[0];
  return { findings: findFindings(readProfile(readFileSync(join(out, profile))), source, 0), saved };
}

/** The sum of all turns as it is without those that something else struck: by the mean of the middle half. */
export function steadySum(turns: readonly number[]): number {
  const sorted = turns.toSorted((a, b) => a - b);
  const cut = sorted.length >> 2;
  const middle = sorted.slice(cut, sorted.length - cut);
  return (turns.length * middle.reduce((sum, ns) => sum + ns, 0)) / middle.length;
}
