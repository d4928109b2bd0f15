/** Law: a program with probes everywhere prints what it prints without them, on standard output and error, and ends the same. */
import { expect, test } from 'vitest';
import { everySecond } from '../support/full.ts';
import { describePythons } from '../support/pythons.ts';
import { fits, programNames, readProgram } from './read-program.ts';
import { runBoth, runSampled } from './run-both.ts';

const wanted = process.env['PYREWRITE_PROGRAMS']?.split(',');
const names = programNames().filter((name) => wanted?.includes(name) !== false);

describePythons(
  'programs behave the same with probes',
  (python) => {
    for (const name of python.debug && wanted === undefined ? everySecond(names, python) : names) {
      const program = readProgram(name);
      if (!fits(python, program)) continue;
      test(name, () => {
        const { plain, probed, looking, orphaned, sites, executions } = runBoth(python, program);
        expect(plain.status, plain.stderr).toBe(program.ends);
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

describePythons('programs behave the same in two bodies', (python) => {
  for (const name of wanted === undefined ? everySecond(names, python) : names) {
    const program = readProgram(name);
    if (!fits(python, program) || program.notSampled.includes(python.name)) continue;
    test(name, () => {
      const { plain, open, shut, executions } = runSampled(python, program);
      expect(open).toEqual(plain);
      if (![...program.notOrphaned, ...program.notShut].includes(python.name)) expect(shut).toEqual(plain);
      expect(plain.stdout.length).toBeGreaterThan(50);
      expect(executions).toBeGreaterThan(20);
    });
  }
});
