/** Rule: a program with probes computes the same values, and its constants stay its own. */
import { expect, test } from 'vitest';
import { compileOne, probe, runProgram } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

const CONSTANTS = `
import sys

def zero(a=0):
    "Nothing."
    total = 0
    for i in range(3):
        total += a
    return total, 0, (0, 0), -0.0

def without_docstring():
    x = 'text'.upper()
    return x

def twin(a):
    return a.real

def twin_again(a):
    return a.imag

def shared(a):
    return a, 'shared constant', 12345678901234567890, (1, 'two', 3.0)

def shared_again(a):
    return a.real, 'shared constant', 12345678901234567890, (1, 'two', 3.0)

print(zero(), zero.__doc__, without_docstring.__doc__)
functions = [zero, without_docstring, twin, twin_again, shared, shared_again]
codes = [function.__code__ for function in functions]
# constants that were one object are one object
constants = [[c for c in code.co_consts if isinstance(c, (str, tuple)) or type(c) is int and c] for code in codes]
same = [[a is b for row in constants for b in row] for other in constants for a in other]
print([sum(row) for row in same])
print(shared(1)[1] is shared_again(1)[1], shared(1)[2] is shared_again(1)[2], shared(1)[3] is shared_again(1)[3])
print([code.co_varnames for code in codes], [code.co_flags for code in codes])
`;

const DELEGATION = `
import sys
log = []

def inner():
    while True:
        try:
            value = yield len(log)
            log.append(value)
        except ValueError as error:
            log.append(repr(error))
        except GeneratorExit:
            log.append('closed')
            raise
        except KeyError:
            return 'done'

def middle():
    result = yield from inner()
    log.append(result)
    yield result

def outer():
    try:
        yield from middle()
    finally:
        log.append('outer')

g = outer()
next(g)
g.send(1)
g.throw(ValueError(2))
g.send(3)
print(g.throw(KeyError()))
g.close()
h = outer()
next(h)
h.close()

class Awaitable:
    def __await__(self):
        return (yield from inner())

async def waiting():
    async with Manager() as m:
        return await Awaitable()

class Manager:
    async def __aenter__(self):
        return self
    async def __aexit__(self, *exc):
        log.append(exc[0] and exc[0].__name__)
        return True

c = waiting()
c.send(None)
c.throw(ValueError(4))
try:
    c.throw(KeyError())
except StopIteration as stop:
    print(stop.value)
d = waiting()
d.send(None)
try:
    d.throw(TypeError(5))
except StopIteration as stop:
    print(stop.value)
e = waiting()
e.send(None)
e.close()
print(log)
print(type(sys.exc_info()[1]))
`;

describePythons(
  'values',
  (python) => {
    test('constants keep their values, their identity and their docstrings', () => {
      const pyc = compileOne(python, CONSTANTS);
      const plain = runProgram(python, pyc).stdout.trimEnd().split('\n');
      for (const select of ['all', 'LOAD_ATTR', 'arith']) {
        const probed = runProgram(python, probe(pyc, select).pyc);
        expect(probed.stderr).toBe('');
        expect(probed.stdout.trimEnd().split('\n')).toEqual(plain);
      }
      expect(plain.length).toBe(4);
    });

    test('generators and coroutines delegate as without probes', () => {
      const pyc = compileOne(python, DELEGATION);
      const plain = runProgram(python, pyc);
      for (const select of ['all', 'await', 'call,attr']) {
        // closed generators leave awaits behind, which are told as abandoned
        const probed = runProgram(python, probe(pyc, select).pyc);
        expect(probed).toMatchObject({ status: 0, stdout: plain.stdout, stderr: '' });
      }
      expect(plain.stdout).toContain('closed');
    });
  },
  { debug: true },
);
