/**
 * Rule: an operation that is left by an exception is closed and counted as raised, whoever raised it: C code, a Python
 * callee in a frame of its own, or one that the interpreter runs inline (whose exception 3.13 and later look up one
 * code unit before the instruction). And no neighbour is counted for it.
 */
import { beforeAll, expect, test } from 'vitest';
import type { Pyc } from '../../src/marshal/index.ts';
import { compileOne, runBoth, totals } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

/** How often each case runs: enough for the interpreter to specialize its instructions. */
const TIMES = 60;

const SETTING = `
class Boom(Exception):
    pass

def callee(*args, **kwargs):
    raise Boom

class Bad:
    def __init__(self, *args):
        if args:
            raise Boom
    @property
    def value(self):
        raise Boom
    def method(self):
        raise Boom
    def __getattr__(self, name):
        raise Boom
    def __getitem__(self, index):
        raise Boom
    __setitem__ = __delitem__ = __add__ = __lt__ = __contains__ = __neg__ = __call__ = callee
    __iadd__ = __iter__ = __enter__ = __format__ = __bool__ = callee
    def __exit__(self, *exc):
        return None

class Hooked:
    def __getattribute__(self, name):
        raise Boom
    def __setattr__(self, name, value):
        raise Boom
    __delattr__ = __getattribute__

class BadNext:
    def __iter__(self):
        return self
    def __next__(self):
        raise Boom

def generator():
    yield 1
    raise Boom

def delegate():
    yield from generator()

async def coroutine():
    raise Boom

o, hooked, args, bad_next = Bad(), Hooked(), (1,), BadNext()

def drive(awaitable):
    while True:
        awaitable.send(None)

def run(case):
    for _ in range(${TIMES}):
        try:
            case()
        except (Boom, ImportError, NameError, AttributeError):
            pass
        else:
            print(case.__name__, "did not raise")
`;

/** An operation that raises. `opcode`: the site that must be told; undefined where no version times it by itself. */
interface Case {
  readonly name: string;
  readonly statement: string;
  readonly opcode: RegExp;
  /** Successful executions before the one that raises. */
  readonly successes?: number;
  readonly kind?: 'async' | 'generator';
}

const CASES: readonly Case[] = [
  { name: 'call', statement: 'callee()', opcode: /^CALL/ },
  { name: 'call_keyword', statement: 'callee(key=1)', opcode: /^CALL/ },
  { name: 'call_star', statement: 'callee(*args)', opcode: /^CALL_FUNCTION_EX/ },
  { name: 'call_object', statement: 'o()', opcode: /^CALL/ },
  { name: 'method', statement: 'o.method()', opcode: /^CALL/ },
  { name: 'init', statement: 'Bad(1)', opcode: /^CALL/ },
  { name: 'attribute_property', statement: 'o.value', opcode: /^LOAD_ATTR/ },
  { name: 'attribute_missing', statement: 'o.missing', opcode: /^LOAD_ATTR/ },
  { name: 'attribute_hook', statement: 'hooked.any', opcode: /^LOAD_ATTR/ },
  { name: 'attribute_store', statement: 'hooked.any = 1', opcode: /^STORE_ATTR/ },
  { name: 'attribute_delete', statement: 'del hooked.any', opcode: /^DELETE_ATTR/ },
  { name: 'subscript', statement: 'o[0]', opcode: /^BINARY_(SUBSCR|OP)/ },
  { name: 'slice', statement: 'o[0:1]', opcode: /^BINARY_(SUBSCR|SLICE|OP)/ },
  { name: 'subscript_store', statement: 'o[0] = 1', opcode: /^STORE_SUBSCR/ },
  { name: 'subscript_delete', statement: 'del o[0]', opcode: /^DELETE_SUBSCR/ },
  { name: 'add', statement: 'o + 1', opcode: /^BINARY_(ADD|OP)/ },
  { name: 'add_in_place', statement: 'local = o; local += 1', opcode: /^(INPLACE_ADD|BINARY_OP)/ },
  { name: 'compare', statement: 'o < 1', opcode: /^COMPARE_OP/ },
  { name: 'contains', statement: '1 in o', opcode: /^(CONTAINS|COMPARE)_OP/ },
  { name: 'negative', statement: '-o', opcode: /^UNARY_NEGATIVE/ },
  { name: 'truth', statement: 'if o: print()', opcode: /^(POP_JUMP|TO_BOOL)/ },
  { name: 'truth_not', statement: 'x = not o', opcode: /^(UNARY_NOT|TO_BOOL)/ },
  { name: 'truth_or', statement: 'x = o or 1', opcode: /^(JUMP_IF|POP_JUMP|TO_BOOL)/ },
  { name: 'get_iter', statement: 'for x in o: print()', opcode: /^GET_ITER/ },
  { name: 'for_next', statement: 'for x in bad_next: print()', opcode: /^FOR_ITER/ },
  { name: 'for_generator', statement: 'for x in generator(): x + 1', opcode: /^FOR_ITER/, successes: 1 },
  { name: 'unpack', statement: 'a, b = bad_next', opcode: /^UNPACK_SEQUENCE/ },
  { name: 'format', statement: 'f"{o}"', opcode: /^FORMAT_/ },
  { name: 'import', statement: 'import no_such_module', opcode: /^IMPORT_NAME/ },
  { name: 'import_from', statement: 'from sys import no_such_name', opcode: /^IMPORT_FROM/ },
  { name: 'global', statement: 'no_such_name', opcode: /^LOAD_GLOBAL/ },
  { name: 'unbound', statement: 'unbound\n    unbound = 1', opcode: /^LOAD_FAST/ },
  { name: 'raise', statement: 'raise Boom', opcode: /^RAISE_VARARGS/ },
  {
    name: 'yield_from',
    statement: 'yield from generator()',
    opcode: /^GET_(YIELD_FROM_)?ITER/,
    kind: 'generator',
  },
  { name: 'await', statement: 'await coroutine()', opcode: /^GET_AWAITABLE/, kind: 'async' },
];

/** What the operation stands in. */
const PLACES = {
  plain: (statement: string) => `    ${statement}`,
  tried: (statement: string) =>
    `    try:\n        ${statement.replace('\n', '\n    ')}\n    except ZeroDivisionError:\n        pass`,
  /** Other operations' results are on the stack, and an outer handler keeps some of them. */
  nested: (statement: string) =>
    `    for i in (1,):\n        try:\n            ${statement.replace('\n', '\n        ')}\n        finally:\n            i = None`,
} as const;

function caseSource({ name, statement, kind }: Case, place: keyof typeof PLACES): string {
  const id = `${name}_${place}`;
  const start = kind === 'async' ? 'async def' : 'def';
  const call = kind === undefined ? `run(${id})` : `run(lambda: drive(${id}()))`;
  return `${start} ${id}():\n${PLACES[place](statement)}\n\n${call}\n`;
}

const PLACE_NAMES = Object.keys(PLACES) as (keyof typeof PLACES)[];

/** Each operation with all others timed too, and with few neighbours. */
const SELECTIONS = [
  'all',
  'attr,call,subscript,slice,iter,await',
  'arith,compare,contains,unary,format,UNPACK_SEQUENCE,LOAD_FAST,LOAD_FAST_CHECK,import,global,raise,store',
];

describePythons(
  'operations that raise',
  (python) => {
    let program: Pyc;
    const checked = new Set<string>();
    beforeAll(() => {
      const cases = CASES.flatMap((one) => PLACE_NAMES.map((place) => caseSource(one, place)));
      program = compileOne(python, SETTING + cases.join('\n'));
    });

    test.each(SELECTIONS)('are closed and counted: --opcodes %s', (select) => {
      const { sites } = runBoth(python, program, select);
      const wrong: string[] = [];
      let cases = 0;
      for (const { name, opcode, successes = 0 } of CASES) {
        for (const place of PLACE_NAMES) {
          const id = `${name}_${place}`;
          const own = totals(sites, id, opcode);
          if (own.sites === 0) continue;
          checked.add(id);
          cases++;
          const any = totals(sites, id);
          const expected = `${own.sites} sites, ${TIMES * (successes + 1)} times, ${TIMES} raised of ${TIMES}`;
          const found = `${own.sites} sites, ${own.count} times, ${own.raised} raised of ${any.raised}`;
          // other operations of the same opcode may have run before: count is only exact where it is alone
          const isExact = own.sites === 1 ? found === expected : own.raised === TIMES && any.raised === TIMES;
          if (!isExact) wrong.push(`${id}: ${found}, not ${expected}`);
        }
      }
      expect(wrong).toEqual([]);
      expect(cases).toBeGreaterThan(30);
      console.log(`raised, Python ${python.label}, ${select}: ${cases} cases of ${TIMES} exceptions`);
    });

    test('and every one of them was timed', () => {
      expect(checked.size).toBe(CASES.length * PLACE_NAMES.length);
    });
  },
  { debug: true },
);
