/** Lines that tracers are told of in functions so long that the interpreter's line table for tracing overflows. */
import { expect, it } from 'vitest';
import { compareJobs, LOOKING, OPENED } from '../random/machine.ts';
import { describePythons } from '../support/pythons.ts';

const HEAD = `import sys


def trace(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        print(event, frame.f_code.co_name, frame.f_lineno)
    return trace


class Leaves:
    def __enter__(self):
        return self

    __exit__ = len  # fails, in C


def f(n, m):
`;

const TAIL = `    for k in range(2):
        n = (n if k else
             m)
    while n > k: n = n - 1000000
    try:
        with Leaves(), Leaves():
            n.missing
    except TypeError as error:
        m = [error for error in 'ab' if error
             > 'a']
    try:
        m.missing; n.missing
    except AttributeError: pass
    try:
        try:
            n = k and (
                n or m)
        finally:
            n = k
    finally: m = [1]
    return (m if n
            else k) + n


sys.settrace(trace)
try:
    print(f(3, 5))
except Exception as error:
    print(repr(error))
sys.settrace(None)
`;

/** Lines of statements between the function's first line and what is looked at. */
const AHEAD = [0, 20, 100];

describePythons(
  'lines of long functions',
  (python) => {
    it('are told as without probes', () => {
      const line = '    n = n + 1; m = m - n; n = -m + n; m = n % 1000; n = m.real\n';
      const jobs = AHEAD.map((lines) => ({
        source: HEAD + line.repeat(lines) + TAIL,
        selections: ['all', `${LOOKING}all`, `${OPENED}all`, `${OPENED}attr`],
      }));
      const verdicts = compareJobs(python, jobs);
      expect(verdicts.map(({ error }) => error)).toEqual(jobs.map(() => null));
      const compared = verdicts.reduce((sum, verdict) => sum + verdict.compared, 0);
      const events = verdicts.reduce((sum, { plain }) => sum + (plain?.stdout.split('\n').length ?? 0), 0);
      console.log(`long functions ${python.label}: ${compared} forms compared, ${events} lines printed`);
      for (const { differences } of verdicts)
        for (const { plain, probed } of differences) expect(probed.stdout).toBe(plain.stdout);
      expect(verdicts.flatMap(({ differences }) => differences.map(({ what }) => what))).toEqual([]);
      expect(compared).toBe(AHEAD.length * 4);
      expect(events).toBeGreaterThan(AHEAD.length * 20);
    });
  },
  { debug: true },
);
