/**
 * Law: a program with probes everywhere prints what it prints without them, on standard output and error, and ends the same.
 * PYREWRITE_FULL=1 runs each on each version in all forms; else each is run with probes, and either looks at operands or is
 * sampled, in turns.
 */
import { expect, test } from 'vitest';
import { everySecond, FULL } from '../support/full.ts';
import { describePythons, type Python } from '../support/pythons.ts';
import { type Case, fits, programNames, readProgram } from './read-program.ts';
import { type Form, runForms } from './run-both.ts';

const wanted = process.env['PYREWRITE_PROGRAMS']?.split(',');
const names = programNames().filter((name) => wanted?.includes(name) !== false);
const isThorough = FULL || wanted !== undefined;

const LOOKING: readonly Form[] = ['looking', 'orphaned'];
const SAMPLED: readonly Form[] = ['open', 'shut'];

/** The forms of a program beside the one that is not sampled and does not look; debug builds are not sampled. */
function moreForms(python: Python, program: Case, turn: boolean): readonly Form[] {
  const isSampled = !python.debug && !program.notSampled.includes(python.name);
  if (isThorough) return isSampled ? [...LOOKING, ...SAMPLED] : LOOKING;
  if (python.debug) return ['looking'];
  return isSampled && turn ? SAMPLED : LOOKING;
}

/** Whether a form of a program may be seen to be one. */
function mayDiffer(form: Form, { name }: Python, { notOrphaned, notShut }: Case): boolean {
  const known = { orphaned: notOrphaned, shut: [...notOrphaned, ...notShut] };
  return (form === 'orphaned' || form === 'shut') && known[form].includes(name);
}

describePythons(
  'programs behave the same with probes',
  (python) => {
    const turns = everySecond(names, python);
    for (const name of python.debug && !isThorough ? turns : names) {
      const program = readProgram(name);
      if (!fits(python, program)) continue;
      const forms = ['probed', ...moreForms(python, program, turns.includes(name))] as const;
      test(`${name}: ${forms.join(', ')}`, () => {
        const { plain, seen, sites, executions } = runForms(python, program, forms);
        expect(plain.status, plain.stderr).toBe(program.ends);
        for (const form of forms)
          if (!mayDiffer(form, python, program)) expect(seen[form], form).toEqual(plain);
        expect(plain.stdout.length).toBeGreaterThan(50);
        expect(sites).toBeGreaterThan(20);
        for (const form of forms)
          if (form === 'probed' || form === 'open') expect(executions[form], form).toBeGreaterThan(20);
      });
    }
  },
  { debug: true },
);
