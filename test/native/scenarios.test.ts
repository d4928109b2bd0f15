import { expect, test } from 'vitest';
import { everySecond, FULL } from '../support/full.ts';
import { describePythons, PYTHONS, type Python } from '../support/pythons.ts';
import { checkScenario, SCENARIOS } from './check-scenario.ts';
import { nativeRuntime, pythonRuntime, runScript } from './runtime.ts';

/** What the recorder in Python does as well: it writes when the process ends, and probes are Python functions. */
const COARSE = [
  'basic',
  'reload',
  'threads',
  'multiprocessing',
  'await',
  'refused',
  'off',
  'switched',
  'switched_threads',
  'switched_awaits',
  'blocks',
  'start_off',
];

/** The oldest and the newest release run all. */
function scenariosFor(python: Python, names: readonly string[]): readonly string[] {
  const releases = PYTHONS.filter(({ debug }) => !debug);
  return FULL || python === releases[0] || python === releases.at(-1) ? names : everySecond(names, python);
}

describePythons(
  'the C recorder',
  (python) => {
    test.each(scenariosFor(python, Object.keys(SCENARIOS)))('%s', (name) =>
      checkScenario(python, name, nativeRuntime()),
    );
    test('unwritable', () => {
      const run = runScript(python, ['scenarios.py', 'unwritable'], { out: '/proc/nowhere/' });
      expect(run.status).toBe(0);
      const messages = run.stderr.split('\n').filter((line) => line.startsWith('pyrewrite'));
      expect(messages).toEqual([
        expect.stringMatching(/^pyrewrite: cannot create \/proc\/nowhere\/.*; this process is not recorded$/),
      ]);
    });
  },
  { debug: true },
);

describePythons('the recorder in Python', (python) => {
  test.each(everySecond(COARSE, python))('%s', (name) => checkScenario(python, name, pythonRuntime()));
});
