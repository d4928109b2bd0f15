import { afterAll, beforeAll, expect, test } from 'vitest';
import { pyrewrite } from '../cli/cli.ts';
import { everySecond, FULL } from '../support/full.ts';
import { describePythons } from '../support/pythons.ts';
import { compareProgram, type Tally } from './compare.ts';
import type { Program } from './program.ts';

/**
 * Compares each program on each version. Of the short list of CI each is compared on every second one; with PYREWRITE_FULL=1 all are,
 * and each once more with a single group of operations, whose counts must be the same.
 */
export function testPrograms(title: string, programs: readonly Program[]): void {
  const chosen = programs.filter(({ short }) => FULL || short === true);
  const tally: Tally = { runs: 0, executions: 0, sites: 0, recounted: 0 };

  // Compiled here, or the first run would say on standard error that it compiles.
  beforeAll(async () => {
    await pyrewrite(['runtime']);
  });

  describePythons(title, (python) => {
    const fitting = chosen.filter(({ versions }) => versions?.includes(python.name) !== false);
    const here = everySecond(fitting, python);
    test.each(here)('$title', async (program) => {
      await compareProgram(python, program, tally, FULL || program === here[0]);
    });
  });

  afterAll(() => {
    const { runs, sites, executions, recounted } = tally;
    console.log(
      `${title}: ${runs} runs compared, ${sites} sites, ${executions} executions, ${recounted} counts taken twice`,
    );
    expect(runs).toBeGreaterThan(0);
    expect(executions).toBeGreaterThan(0);
  });
}
