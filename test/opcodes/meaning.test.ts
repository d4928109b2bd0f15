import { expect, test } from 'vitest';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { describePythons, pythonJson } from '../support/pythons.ts';

/** Bodies of a function, and how many of its instructions a list selects, on every version. */
const MEANINGS: readonly (readonly [body: string, list: string, count: number])[] = [
  ['return a + b', 'BINARY_ADD', 1],
  ['return a + b', 'BINARY_OP', 1],
  ['return a + b', 'BINARY_OP,-BINARY_ADD', 0],
  ['return a - b % c', 'BINARY_MODULO', 1],
  ['return a - b % c', 'arith', 2],
  ['a += b', 'INPLACE_ADD', 1],
  ['a += b', 'BINARY_ADD', 0],
  ['return a[b]', 'BINARY_SUBSCR', 1],
  ['return a[b]', 'BINARY_OP', 0],
  ['return a[b]', 'slice', 0],
  ['return a[b:c]', 'BINARY_SLICE', 1],
  ['return a[b:c:d]', 'BINARY_SLICE', 1],
  ['return a[b:c:d]', 'slice', 2],
  ['a[b:c] = d', 'STORE_SLICE', 1],
  ['a[b] = c', 'STORE_SUBSCR', 1],
  ['a[b] = c', 'STORE_SLICE', 0],
  ['return a in b', 'CONTAINS_OP', 1],
  ['return a in b', 'compare', 0],
  ['return a is not b', 'IS_OP', 1],
  ['return a is not b', 'COMPARE_OP', 0],
  ['return a < b', 'COMPARE_OP', 1],
  ['return a < b', 'contains', 0],
  ['return f"{a}"', 'FORMAT_SIMPLE', 1],
  ['return f"{a}"', 'FORMAT_VALUE', 1],
  ['return f"{a}"', 'FORMAT_WITH_SPEC', 0],
  ['return f"{a:3}"', 'FORMAT_WITH_SPEC', 1],
  ['return f"{a!r}"', 'CONVERT_VALUE', 1],
  ['return +a', 'UNARY_POSITIVE', 1],
  ['return -a', 'UNARY_NEGATIVE', 1],
  ['return not a', 'TO_BOOL', 1],
  ['if a: b()', 'TO_BOOL', 1],
  ['return a.b', 'LOAD_ATTR', 1],
  ['return a.b', 'LOAD_METHOD', 0],
  ['return a.b()', 'LOAD_METHOD', 1],
  ['return a.b()', 'LOAD_ATTR', 1],
  ['return a.b()', 'CALL', 1],
  ['return a(b)', 'CALL_FUNCTION', 1],
  ['return a(b=c)', 'CALL_KW', 1],
  ['return a(b=c)', 'KW_NAMES', 1],
  ['return a(*b)', 'CALL_FUNCTION_EX', 1],
  ['return a(*b) + a(b) + a(b=c) + a.b()', 'call', 4],
  ['for b in a: pass', 'GET_ITER', 1],
  ['for b in a: pass', 'FOR_ITER', 1],
  ['for b in a: pass', 'await', 0],
  ['yield from a', 'GET_YIELD_FROM_ITER', 1],
  ['yield from a', 'SEND', 1],
  ['yield from a', 'YIELD_FROM', 1],
  ['yield from a', 'await', 1],
  ['yield from a', 'GET_ITER', 0],
  ['with a: pass', 'BEFORE_WITH', 1],
  ['with a: pass', 'BEFORE_ASYNC_WITH', 0],
  ['import os', 'IMPORT_NAME', 1],
  ['from os import path', 'IMPORT_FROM', 1],
  ['try: a()\n except b: pass', 'CHECK_EXC_MATCH', 1],
  ['try: a()\n except b: pass', 'JUMP_IF_NOT_EXC_MATCH', 1],
  ['try: a()\n except b: pass', 'compare', 0],
  ['raise a', 'RAISE_VARARGS', 1],
  ['return len', 'LOAD_GLOBAL', 1],
  ['return len', 'global', 1],
  ['b = a; c = a', 'STORE_FAST', 2],
  ['a.b = c', 'STORE_ATTR', 1],
  ['a.b = c', 'dealloc', 0],
  ['return [a, b]', 'BUILD_LIST', 1],
  ['return [*a, b]', 'LIST_EXTEND', 1],
  ['return {**a, **b}', 'BUILD_MAP', 1],
  ['b, c = a', 'UNPACK_SEQUENCE', 1],
  ['return lambda: 1', 'MAKE_FUNCTION', 1],
  ['await a', 'GET_AWAITABLE', 1],
  ['await a', 'await', 1],
  ['await a', 'YIELD_FROM', 1],
  ['async with a: pass', 'BEFORE_ASYNC_WITH', 1],
  ['async with a: pass', 'BEFORE_WITH', 0],
  ['async for b in a: pass', 'GET_ANEXT', 1],
  ['async for b in a: pass', 'await', 2],
];

/** Prints, for each body, its instructions as [opcode, oparg, opcode of the instruction before]. */
const SCRIPT = `
import dis, json, sys
def instructions(body):
    scope = {}
    exec(("async " if body.startswith(("await", "async")) else "") + "def f(a, b=0, c=0, d=0):\\n " + body, scope)
    found, previous = [], -1
    for instruction in dis.get_instructions(scope["f"]):
        if instruction.opname != "EXTENDED_ARG":
            found.append([instruction.opcode, instruction.arg or 0, previous])
            previous = instruction.opcode
    return found
print(json.dumps([instructions(body) for body in json.load(sys.stdin)]))
`;

type Row = readonly [opcode: number, oparg: number, previous: number];

/** Where a version compiles a body to more or fewer instructions of that meaning, and why that is right. */
const EXCEPTIONS: Readonly<Record<string, number>> = {
  // a list that starts with an unpacking is one BUILD_LIST_UNPACK there, and a dict BUILD_MAP_UNPACK
  '3.8 return {**a, **b} BUILD_MAP': 0,
};

describePythons('what a name selects', (python) => {
  test('is what the source does', () => {
    const version = versionByName(python.name);
    const bodies = JSON.stringify(MEANINGS.map(([body]) => body));
    const rows = pythonJson<readonly (readonly Row[])[]>(python, SCRIPT, { input: bodies });
    const wrong: string[] = [];
    MEANINGS.forEach(([body, list, count], i) => {
      const { has } = selectOpcodes(list, version);
      const found = (rows[i] ?? []).filter(([opcode, oparg, previous]) =>
        has(opcode, oparg, previous),
      ).length;
      const expected = EXCEPTIONS[`${python.name} ${body} ${list}`] ?? count;
      if (found !== expected) wrong.push(`${body} | ${list}: ${found}, not ${expected}`);
    });
    expect(wrong).toEqual([]);
    console.log(`meaning: ${python.label} ${MEANINGS.length} pieces of source`);
  });
});
