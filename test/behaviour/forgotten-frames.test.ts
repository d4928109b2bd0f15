/** Frames of tracebacks that an interpreter forgets, and that probes' handlers save (docs/explanation/what-is-visible.md). */
import { expect, test } from 'vitest';
import { compareJobs, LOOKING, OPENED } from '../random/machine.ts';
import { forgetsFrames, lacksOnlyEntries } from '../support/forgotten-frames.ts';
import { describePythons, minorOf } from '../support/pythons.ts';
import { runForms } from './run-both.ts';

const PROGRAM = `import traceback


class Wait:
    def __await__(self):
        yield 1


async def inner():
    await Wait()


async def outer(n):
    try:
        n / 0
    except ZeroDivisionError:
        try:
            await inner()
        finally:
            print('left')


async def careless(n):
    await inner()


for coroutine in careless(1), outer(1):
    coroutine.send(None)
    try:
        coroutine.throw(KeyError('thrown'))
    except KeyError as error:
        print([entry.name for entry in traceback.extract_tb(error.__traceback__)])
        last = error
raise last
`;

const [careless, outer] = ['careless', 'outer'].map(
  (name) => `['<module>', '${name}', 'inner', '__await__']`,
);

describePythons('an exception thrown into a coroutine that handles another', (python) => {
  test('its traceback is whole with probes', () => {
    const { plain, seen: all, executions } = runForms(python, { source: PROGRAM }, ['probed', 'looking']);
    const forgets = forgetsFrames(minorOf(python));
    expect(executions.probed).toBeGreaterThan(10);
    expect(plain.stdout.trim().split('\n')).toEqual([
      careless,
      'left',
      forgets ? "['<module>', 'outer']" : outer,
    ]);
    for (const seen of [all.probed, all.looking]) {
      expect(seen.stdout.trim().split('\n')).toEqual([careless, 'left', outer]);
      expect(seen.stderr === plain.stderr).toBe(!forgets);
      expect(lacksOnlyEntries(plain.stderr, seen.stderr)).toBe(true);
      expect(seen.status).toBe(plain.status);
    }
    const [{ compared, differences }] = compareJobs(python, [
      { source: PROGRAM, selections: ['all', `${LOOKING}await`, `${OPENED}all`] },
    ]);
    expect([compared, differences.length]).toEqual([3, forgets ? 3 : 0]);
  });
});

test('what is taken for forgotten', () => {
  const entry = (name: string): string => `  File "p.py", line 7, in ${name}\n    await x\n    ^^^^^^^\n`;
  const text = (...names: string[]): string =>
    `Traceback (most recent call last):\n${names.map(entry).join('')}KeyError: 1\n`;
  expect(lacksOnlyEntries(text('a'), text('a', 'b', 'c'))).toBe(true);
  expect(lacksOnlyEntries(text('a') + text('d'), text('a', 'b') + text('d', 'e'))).toBe(true);
  expect(lacksOnlyEntries(text('a', 'b'), text('a'))).toBe(false);
  expect(lacksOnlyEntries(text('b'), text('a', 'b'))).toBe(false);
  expect(lacksOnlyEntries(text('a'), text('a', 'b').replace('KeyError', 'IndexError'))).toBe(false);
  expect(lacksOnlyEntries(text('a'), `${text('a', 'b')}more\n`)).toBe(false);
});
