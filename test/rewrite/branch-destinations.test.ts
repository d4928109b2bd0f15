/** Where branches lead to, as tools of sys.monitoring are told, in programs whose gates are open. */
import { describe, expect, it } from 'vitest';
import { versionByName } from '../../src/opcodes/versions.ts';
import { compareJobs, OPENED } from '../random/machine.ts';
import { PYTHONS } from '../support/pythons.ts';

const PROGRAM = `import sys


def told(name):
    def tell(code, offset, to):
        if code.co_filename == __file__:
            lines = {at: line for start, end, line in code.co_lines() for at in range(start, end)}
            print(name, code.co_name, lines[offset], lines[to])
    return tell


monitoring = sys.monitoring
monitoring.use_tool_id(3, 'branches')
wanted = 0
for name in ('BRANCH', 'BRANCH_LEFT', 'BRANCH_RIGHT'):
    event = getattr(monitoring.events, name, 0)
    if event and (name != 'BRANCH' or not hasattr(monitoring.events, 'BRANCH_LEFT')):
        monitoring.register_callback(3, event, told(name))
        wanted |= event


def choose(value):
    if isinstance(value, type):
        return value
    if value.real is None:
        return value

    def inner():
        return value.real
    return inner


class Count:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        self.n -= 1
        if self.n < 0:
            raise StopAsyncIteration
        return self.n


async def total(n):
    found = 0
    async for value in Count(n):
        found += value.real
    return found


def loops(n):
    for value in range(n):
        if value.real:
            continue
        while value.real > n:
            value -= 1
    else:
        return n.real


monitoring.set_events(3, wanted)
choose(int), choose(3)()
try:
    total(2).send(None)
except StopIteration as error:
    print(error.value)
loops(3), loops(0)
monitoring.set_events(3, 0)
`;

describe.each(PYTHONS.filter(({ name }) => versionByName(name).number[1] >= 12))(
  'destinations of branches (Python $label)',
  (python) => {
    it('are those without gates', () => {
      const selections = ['all', 'attr', 'call', 'await'].map((group) => `${OPENED}${group}`);
      const [verdict] = compareJobs(python, [{ source: PROGRAM, selections }]);
      const told = verdict.plain?.stdout.split('\n').length ?? 0;
      console.log(`branches ${python.label}: ${told} told, in ${verdict.compared} forms`);
      expect(verdict.error).toBeNull();
      for (const { plain, probed } of verdict.differences) expect(probed.stdout).toBe(plain.stdout);
      expect(verdict.differences).toEqual([]);
      expect(verdict.compared).toBe(selections.length);
      expect(told).toBeGreaterThan(15);
    });
  },
);
