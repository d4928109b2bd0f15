/** What tracers and tools of sys.monitoring are told of programs whose gates are open, or toss a coin. */
import { expect, it } from 'vitest';
import { VERSIONS } from '../../src/opcodes/versions.ts';
import { compareJobs, OPENED, TOSSED } from '../random/machine.ts';
import { describePythons, type Python } from '../support/pythons.ts';

const BRANCHES = `import sys


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

/**
 * From 3.12 on no line begins behind a loop if the code that stands before the loop's end is of the same line.
 * Before 3.10 one begins where the copy of its code does.
 */
const LINES = `import sys


def few(items):
    result = []
    for item in items:
        result.append(item)
        if len(result) == 3:
            break
    return result


async def gather(items):
    result = []
    async for item in items:
        result.append(item)
        if len(result) == 3:
            break
    return result


def run(coroutine):
    try:
        coroutine.send(None)
    except StopIteration as error:
        return error.value


class Pair:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        yield self.n
        return 3

    async def __aiter__(self):
        yield self.n


def leave_early(numbers):
    left = 0
    for n in numbers:
        try:
            return 1 // n + left
        except ZeroDivisionError as error:
            left += len(error.args)
        else:  # never: before 3.10 its code is there nevertheless
            left += 100
        finally:
            left += 1


def trace(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        print(event, frame.f_code.co_name, frame.f_lineno)
    return trace


sys.settrace(trace)
for n in range(25):
    leave_early([0, 2]), few([1]), few(Pair(2)), few([1, 2, 3, 4]), run(gather(Pair(4)))
sys.settrace(None)
`;

function compare(python: Python, source: string, selections: readonly string[]): void {
  const [verdict] = compareJobs(python, [{ source, selections }]);
  const told = verdict.plain?.stdout.split('\n').length ?? 0;
  console.log(`observers of gates, ${python.label}: ${told} lines, in ${verdict.compared} forms`);
  expect(verdict.error).toBeNull();
  for (const { plain, probed } of verdict.differences) expect(probed.stdout).toBe(plain.stdout);
  expect(verdict.differences).toEqual([]);
  expect(verdict.compared).toBe(selections.length);
  expect(told).toBeGreaterThan(15);
}

describePythons(
  'observers of gates',
  (python) => {
    it('are told of the same lines', () => {
      compare(python, LINES, [`${OPENED}all`, `${TOSSED}all`, `${TOSSED}attr`, `${TOSSED}call`]);
    });
  },
  { debug: true },
);

describePythons(
  'observers of branches',
  (python) => {
    it('are told of the same destinations', () => {
      compare(python, BRANCHES, [`${OPENED}all`, `${OPENED}attr`, `${OPENED}call`, `${TOSSED}all`]);
    });
  },
  { debug: true, names: VERSIONS.filter(({ number }) => number[1] >= 12).map(({ name }) => name) },
);
