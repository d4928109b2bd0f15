/** What a call calls is told however many arguments lie above it, of real code on every version. */
import { expect, test } from 'vitest';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { SiteStats } from '../../src/profile/profile.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { compileOne, runProgram } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

const PROGRAM = `
class Point:
    def __init__(self, *args, **kwargs):
        self.own = take
        self.made = Point

    def method(self, *args, **kwargs):
        return 1

    @classmethod
    def of(cls, *args, **kwargs):
        return 1


class Caller:
    def __call__(self, *args, **kwargs):
        return 1


def take(*args, **kwargs):
    return 1


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        return True


point, caller, one, args = Point(), Caller(), 1, (1, 2)
lambdas = [lambda *args, **kwargs: 1]


def calls(n):
    for _ in range(n):
`;

/** Callable, how it is told, what is told; and in which of the forms below it can be called. */
const CALLABLES = [
  ['take', 'python function', '__main__.take'],
  ['max', 'C function', 'max'],
  ['Point', 'new object', '__main__.Point'],
  ['point.method', 'python function', '__main__.Point.method'],
  ['point.own', 'python function', '__main__.take'],
  ['point.made', 'new object', '__main__.Point'],
  ['Point.of', 'python function', '__main__.Point.of'],
  ['"{}{}".format', 'C method', 'str.format'],
  ['caller', 'callable', '__main__.Caller'],
  ['lambdas[0]', 'python function', '__main__.<lambda>'],
] as const;

const MOST_ARGUMENTS = 12;
const TIMES = 3;

interface Call {
  readonly statement: readonly string[];
  readonly told: string;
}

function callsOf([callable, how, callee]: (typeof CALLABLES)[number]): Call[] {
  const takesKeywords = callable !== 'max' && !callable.startsWith('"');
  const told = `${how} ${callee}`;
  const calls: Call[] = [];
  for (let count = 2; count <= MOST_ARGUMENTS; count++) {
    const values = Array<string>(count).fill('one').join(', ');
    const forms = [[`${callable}(${values})`]];
    if (takesKeywords) forms.push([`${callable}(${values}, key=one, other=one)`]);
    if (count === 4 || count === 9) {
      forms.push([`[one, one, ${callable}(${values}), {one: one}]`]);
      forms.push(['try: one', `finally: ${callable}(${values})`]);
      forms.push(['try: one.missing', `except AttributeError: ${callable}(${values})`]);
      forms.push(['try:', '    try: one.missing', `    finally: ${callable}(${values})`, 'except: pass']);
      forms.push(['with Manager():', `    ${callable}(${values})`, '    one.missing']);
    }
    if (count === 2) forms.push([`${callable}(*args)`, `${callable}(one, *args)`]);
    if (count === 2 && takesKeywords) forms.push([`${callable}(*args, **{"key": one})`]);
    calls.push(...forms.map((statement) => ({ statement, told })));
  }
  return calls;
}

/** Calls of the functions that generator expressions are: up to 3.10 nothing may stand between GET_ITER and CALL_FUNCTION. */
const GENERATORS: readonly Call[] = [
  ['one in (each for each in args)'],
  ['[one, one, (each for each in args for _ in args if each), {one: one}]'],
  ['try: one', 'finally: [*(each for each in lambdas)]'],
  ['try: one.missing', 'except AttributeError: {*(args for each in args)}'],
  ['with Manager():', '    one + (each for each in args)'],
].map((statement) => ({ statement, told: 'python function __main__.calls.<locals>.<genexpr>' }));

/** What leaves a block by an exception: manager, what is told of its `__exit__`. */
const LEAVING = [
  ['Manager()', 'python function __main__.Manager.__exit__'],
  ['threading.Lock()', 'C method _thread.lock.__exit__'],
  ['LeavesBy(Caller())', 'callable __main__.Caller'],
  ['LeavesBy(Point)', 'new object __main__.Point'],
  ['LeavesBy(staticmethod(take))', 'python function __main__.take'],
] as const;

const LEAVES = `
import threading


def LeavesBy(leaves):
    return type("Leaves", (), {"__enter__": lambda self: 1, "__exit__": leaves})()


def leaves():
`;

/** What was told of each line's calls in a function. */
function toldOf(sites: readonly SiteStats[], within: string, opcodes: RegExp): Map<number, string[]> {
  const lines = new Map<number, string[]>();
  for (const { line, opcode, count, variants, function: where } of sites) {
    if (!opcodes.test(opcode) || line === null || count === 0 || where !== within) continue;
    const told = variants.map(({ how, callee, type }) => `${how} ${callee ?? type}`);
    lines.set(line, [...(lines.get(line) ?? []), ...(told.length === 0 ? ['nothing'] : told)]);
  }
  return lines;
}

describePythons(
  'what calls call',
  (python) => {
    test('is told whatever lies above it', () => {
      const calls = [...CALLABLES.flatMap(callsOf), ...GENERATORS];
      const indent = ' '.repeat(8);
      let line = PROGRAM.split('\n').length;
      const expected = new Map<number, string>();
      for (const { statement, told } of calls) {
        statement.forEach((text, k) => {
          if (text.includes('(') && !text.includes('Manager')) expected.set(line + k, told);
        });
        line += statement.length;
      }
      const body = calls.flatMap(({ statement }) => statement.map((text) => indent + text)).join('\n');
      const source = `${PROGRAM}${body}\n\n\ncalls(${TIMES})\n`;
      const pyc = compileOne(python, source);
      const select = selectOpcodes('call', pyc.version);
      const run = runProgram(python, instrument(pyc, { select, types: true }).pyc);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      const told = toldOf(run.profile?.sites ?? [], 'calls', /^CALL/);
      const wrong = [...expected].flatMap(([at, what]) => {
        const found = told.get(at) ?? ['no call'];
        const right = found.length > 0 && found.every((one) => one === what);
        return right ? [] : [`${source.split('\n')[at - 1].trim()}: ${found.join(', ')}, not ${what}`];
      });
      console.log(`calls, Python ${python.label}: ${expected.size} lines, ${wrong.length} wrong`);
      expect(wrong).toEqual([]);
      expect(expected.size).toBeGreaterThan(200);
    });

    test('is told where an exception leaves a block', () => {
      // An assertion of 3.14 ends its debug build, probes or not, where what leaves has no self.
      const leaving = python.debug ? LEAVING.slice(0, 2) : LEAVING;
      const lines = leaving.map(
        ([manager]) => `    try:\n        with ${manager}: one.missing\n    except AttributeError: pass`,
      );
      const source = `${PROGRAM}        pass\n${LEAVES}${lines.join('\n')}\n\n\nleaves()\nleaves()\n`;
      const pyc = compileOne(python, source);
      const select = selectOpcodes('with', pyc.version);
      const run = runProgram(python, instrument(pyc, { select, types: true }).pyc);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      const told = [...toldOf(run.profile?.sites ?? [], 'leaves', /^WITH_EXCEPT_START$/).values()];
      console.log(`exceptions that leave blocks, Python ${python.label}: ${told.length} callees`);
      const isTimed = pyc.version.opmap.has('WITH_EXCEPT_START');
      expect(told).toEqual(isTimed ? leaving.map(([, callee]) => [callee]) : []);
    });
  },
  { debug: true, freeThreaded: true },
);
