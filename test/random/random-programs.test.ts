/**
 * Law: random programs print the same with probes, whatever is selected, and the recorder loses nothing.
 * A failure names its program: `npx tsx test/random/run.ts --seed S --first K --count 1 --python V` shrinks it.
 */
import { expect, test } from 'vitest';
import { FULL } from '../support/full.ts';
import { describePythons } from '../support/pythons.ts';
import { runCampaign } from './campaign.ts';

const SEED = 4242;

describePythons(
  'random programs',
  (python) => {
    test('behave the same', () => {
      const count = (python.debug ? 20 : 80) * (FULL ? 12 : 1);
      const result = runCampaign({ python, seed: SEED, count, tossed: FULL });
      const { programs, compared, sites, lines } = result;
      console.log(
        `random, Python ${python.label}: ${programs} programs, ${compared} forms, ${sites} sites, ${lines} lines`,
      );
      expect(result.invalid).toEqual([]);
      expect(
        result.failures.map(({ number, difference: { what, selection } }) => [number, what, selection]),
      ).toEqual([]);
      expect(compared).toBe(2 * count);
      expect(lines / programs).toBeGreaterThan(20);
    });
  },
  { debug: true },
);
