/** Law: a program with probes everywhere prints what it prints without them, on standard output and error, and ends the same. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describePythons, type Python } from '../support/pythons.ts';
import { type Program, runBoth } from './run-both.ts';

const FOLDER = fileURLToPath(new URL('programs', import.meta.url));

/** A program, the first and the last minor version that it is for, and what is left out. */
interface Case extends Program {
  readonly first: number;
  readonly last: number;
  /** Not run with debug builds. */
  readonly releaseOnly: boolean;
  /** The versions with which it shows probes where the runtime is missing, as '3.9'. */
  readonly notOrphaned: readonly string[];
}

/**
 * Comments at the top: `# requires 3.10`, `# until 3.9`, `# release builds: why`, `# orphaned not 3.9 3.12: why`,
 * `# options -O -W error`, `# env NAME=value`.
 */
function readProgram(name: string): Case {
  const source = readFileSync(join(FOLDER, name), 'utf8');
  const [head] = source.split('\n"""');
  const wordsOf = (key: string): readonly string[] =>
    new RegExp(`^# ${key} (.*)$`, 'm').exec(head)?.[1].split(' ') ?? [];
  const minor = (words: readonly string[], otherwise: number): number =>
    words.length === 0 ? otherwise : Number(words[0].slice(2));
  return {
    source,
    options: wordsOf('options'),
    env: Object.fromEntries(wordsOf('env').map((pair) => pair.split('=', 2))),
    first: minor(wordsOf('requires'), 0),
    last: minor(wordsOf('until'), 99),
    releaseOnly: wordsOf('release').length > 0,
    notOrphaned: /^# orphaned not ([\d. ]+):/m.exec(head)?.[1].split(' ') ?? [],
  };
}

const wanted = process.env['PYREWRITE_PROGRAMS']?.split(',');
const names = readdirSync(FOLDER).filter((name) => name.endsWith('.py') && wanted?.includes(name) !== false);

function fits(python: Python, { first, last, releaseOnly }: Case): boolean {
  const minor = Number(python.name.slice(2));
  return first <= minor && minor <= last && !(releaseOnly && python.debug);
}

describePythons(
  'programs behave the same with probes',
  (python) => {
    for (const name of names) {
      const program = readProgram(name);
      if (!fits(python, program)) continue;
      test(name, () => {
        const { plain, probed, looking, orphaned, sites, executions } = runBoth(python, program);
        expect(probed).toEqual(plain);
        expect(looking).toEqual(plain);
        if (!program.notOrphaned.includes(python.name)) expect(orphaned).toEqual(plain);
        expect(plain.stdout.length).toBeGreaterThan(50);
        expect(sites).toBeGreaterThan(20);
        expect(executions).toBeGreaterThan(20);
      });
    }
  },
  { debug: true },
);
