/** The programs of this folder, and for whom each is. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Python } from '../support/pythons.ts';
import type { Program } from './run-both.ts';

const FOLDER = fileURLToPath(new URL('programs', import.meta.url));

/** A program, the first and the last minor version that it is for, and what is left out. */
export interface Case extends Program {
  readonly first: number;
  readonly last: number;
  /** Not run with debug builds. */
  readonly releaseOnly: boolean;
  /** The versions with which it shows probes where the runtime is missing, as '3.9'. */
  readonly notOrphaned: readonly string[];
  /** The versions with which it shows that it is sampled; and those where it does so if the runtime is missing. */
  readonly notSampled: readonly string[];
  readonly notShut: readonly string[];
  /** How it ends: what fails halfway checks nothing behind that. */
  readonly ends: number | string;
}

/**
 * Comments at the top: `# requires 3.10`, `# until 3.9`, `# release builds: why`, `# orphaned not 3.9 3.12: why`,
 * `# sampled not 3.8: why`, `# shut not 3.12: why`,
 * `# options -O -W error`, `# env NAME=value`, `# ends 12` or `# ends SIGINT` where it does not end with status 0.
 */
export function readProgram(name: string): Case {
  const source = readFileSync(join(FOLDER, name), 'utf8');
  const [head] = source.split('\n"""');
  const wordsOf = (key: string): readonly string[] =>
    new RegExp(`^# ${key} (.*)$`, 'm').exec(head)?.[1].split(' ') ?? [];
  const minor = (words: readonly string[], otherwise: number): number =>
    words.length === 0 ? otherwise : Number(words[0].slice(2));
  const [ends = '0'] = wordsOf('ends');
  return {
    source,
    options: wordsOf('options'),
    env: Object.fromEntries(wordsOf('env').map((pair) => pair.split('=', 2))),
    ends: /^SIG/.test(ends) ? ends : Number(ends),
    first: minor(wordsOf('requires'), 0),
    last: minor(wordsOf('until'), 99),
    releaseOnly: wordsOf('release').length > 0,
    notOrphaned: /^# orphaned not ([\d. ]+):/m.exec(head)?.[1].split(' ') ?? [],
    notSampled: /^# sampled not ([\d. ]+):/m.exec(head)?.[1].split(' ') ?? [],
    notShut: /^# shut not ([\d. ]+):/m.exec(head)?.[1].split(' ') ?? [],
  };
}

/** Names of all programs. */
export function programNames(): readonly string[] {
  return readdirSync(FOLDER).filter((name) => name.endsWith('.py'));
}

/** Whether a program is for this interpreter. */
export function fits(python: Python, { first, last, releaseOnly }: Case): boolean {
  const minor = Number(python.name.slice(2));
  return first <= minor && minor <= last && !(releaseOnly && python.debug);
}
