/** What calls call is told as the interpreter tells it, of real programs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { SiteStats } from '../../src/profile/profile.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { compileOne, inspect, runProgram } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

/** Two modules of the standard library, and what uses them and every kind of `with`. */
const REAL_PROGRAM = `
import asyncio, threading

class Manager:
    def __enter__(self):
        return self
    def __exit__(self, *exception):
        return True

class Derived(Manager):
    def __enter__(self):
        return super().__enter__()

class Callable:
    def __init__(self, *values): pass
    def __call__(self, *values):
        return True

class Odd:
    __enter__ = staticmethod(lambda *values: 1)
    __exit__ = Callable()

class Made:
    __enter__ = classmethod(lambda cls: cls)
    __exit__ = staticmethod(Callable)

class Hidden(Manager):
    __enter__ = property(lambda self: lambda: 1)

class AsyncManager:
    async def __aenter__(self):
        return self
    async def __aexit__(self, *exception):
        return True

@contextmanager
def managed():
    yield 1

def enter_all():
    with Manager() as one, Derived(): one.missing
    with threading.Lock(), threading.RLock(): pass
    with open(__import__('os').devnull) as file, managed(), closing(file): file.read()
    with Made(): pass
    with Odd(): pass
    with Hidden(): pass
    with suppress(KeyError): {}['missing']

async def wait_all():
    async with AsyncManager(): await asyncio.sleep(0)
    async with AsyncManager() as one: one.missing
    async with asyncio.Lock(): pass
    return [each async for each in each_of(range(4))]

async def each_of(values):
    for value in values:
        yield value

def main():
    print(fill(dedent(' words' * 40 + '. More  words.'), width=30, subsequent_indent='  '))
    print(shorten(indent('much' * 9, '- '), 20))
    enter_all()
    print(asyncio.run(wait_all()))

for _ in range(8): main()
`;

const TRUTH = readFileSync(fileURLToPath(new URL('called_of.py', import.meta.url)), 'utf8');
const MODULES = ['contextlib.py', 'textwrap.py'];

/** Line, kind and last name of what was called → how often. */
type Calls = Map<string, number>;

interface Truth {
  /** Whether all calls are reported, or those in C alone but for slots. */
  readonly all: boolean;
  /** Whether calls of functions in Python are reported where arguments are unpacked. */
  readonly unpacked: boolean;
  readonly calls: Readonly<Record<string, number>>;
}

function toldCalls(sites: readonly SiteStats[], { all, unpacked }: Truth): Calls {
  const calls: Calls = new Map();
  for (const { line, opcode, variants, count } of sites) {
    const told = variants.reduce((sum, variant) => sum + variant.count, 0);
    if (told < count && all) calls.set(`${line}\tnothing`, count - told);
    for (const { how, callee, type, count: times } of variants) {
      const name = (callee ?? type ?? '').split('.').pop() ?? '';
      const isReported = all
        ? unpacked || opcode !== 'CALL_FUNCTION_EX' || how !== 'python function'
        : how.startsWith('C ') && !name.endsWith('__');
      if (!isReported) continue;
      const key = `${line}\t${how}\t${name}`;
      calls.set(key, (calls.get(key) ?? 0) + times);
    }
  }
  return calls;
}

describePythons(
  'what real calls call',
  (python) => {
    test('is told as the interpreter tells it', () => {
      const source = MODULES.map((name) => readFileSync(join(python.stdlib, name), 'utf8'));
      const text = [...source, REAL_PROGRAM].join('\n');
      const pyc = compileOne(python, text);
      const lines = inspect(python, pyc, TRUTH).trimEnd().split('\n');
      const truth: Truth = JSON.parse(lines[lines.length - 1]);
      const select = selectOpcodes('call', pyc.version);
      const probed = instrument(pyc, { select, types: true });
      const run = runProgram(python, probed.pyc);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout.trimEnd()).toBe(lines.slice(0, -1).join('\n').trimEnd());
      const told = toldCalls(run.profile?.sites ?? [], truth);
      const expected = new Map(
        Object.entries(truth.calls).filter(([key]) => truth.all || !key.endsWith('__')),
      );
      for (const { lineno } of probed.report.skipped) {
        for (const calls of [told, expected])
          for (const key of calls.keys()) if (key.startsWith(`${lineno}\t`)) calls.delete(key);
      }
      const keys = new Set([...told.keys(), ...expected.keys()]);
      const wrong = [...keys].filter((key) => told.get(key) !== expected.get(key));
      // What a property gives as __enter__ is known only when it is asked, and so is not told where that is one with the call.
      const isGlued = pyc.version.opmap.has('LOAD_SPECIAL');
      const calls = [...expected.values()].reduce((sum, count) => sum + count, 0);
      console.log(
        `real calls, Python ${python.label}: ${keys.size} callees, ${calls} calls, ${wrong.length} wrong`,
      );
      const describe = (key: string): string =>
        `${text.split('\n')[Number(key.split('\t')[0]) - 1]?.trim()}: ${key} ${told.get(key)}, not ${expected.get(key)}`;
      expect(wrong.map(describe).filter((text) => !text.includes('Hidden()'))).toEqual([]);
      expect(wrong).toHaveLength(isGlued ? 2 : 0);
      expect(calls).toBeGreaterThan(truth.all ? 1000 : 500);
    });
  },
  { debug: true, freeThreaded: true },
);
