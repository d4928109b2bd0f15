/** Rules of the woven instructions themselves, version by version. Each has a test here that fails without it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { parseExceptionTable } from '../../src/code/exception-table.ts';
import { disassemble, NO_HANDLER, NO_LOCATION, stackDepths, walkCode } from '../../src/code/index.ts';
import { bytesValue, type CodeObject, intValue, type Pyc, strValue } from '../../src/marshal/index.ts';
import { idiomsOf } from '../../src/opcodes/idioms.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import type { BytecodeVersion } from '../../src/opcodes/types.ts';
import { VERSIONS, versionByName } from '../../src/opcodes/versions.ts';
import { codeNamed, compileOne, probe, wovenItems, wovenNames } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

const SOURCE = `
import os.path, sys as system
from json import loads

def attribute(a):
    "Documented."
    return a.b

def attribute_again(a):
    return a.c

def call(a):
    return a(1)

def append(items):
    items.append(1)

def append_used(items):
    return items.append(1)

def glue(t):
    s = ''
    s += t
    s = s + t
    return s

def glue_cell(t):
    s = ''
    s += t
    return lambda: s

def no_glue(s, t):
    u = s + t
    return u

def loop(xs):
    for x in xs:
        pass

def truth(a, b):
    if a:
        return b or a

def raising(a):
    raise a

def protected(a):
    for i in a:
        with a:
            try:
                a.b
            finally:
                a.c

async def waiting(a):
    await a

def delegating(a):
    yield from a

def imports():
    import json
    from json import dumps
`;

/** Names of instructions and probes with `…` for what is between the rule's own. */
function excerpt(names: readonly string[], from: RegExp, length: number): string[] {
  const at = names.findIndex((name) => from.test(name));
  return names.slice(at, at + length);
}

/** Opnames of which a version has one. */
function oneOf(version: BytecodeVersion, ...names: string[]): string {
  return names.find((name) => version.opmap.has(name)) ?? '';
}

describePythons('woven code', (python) => {
  const version = versionByName(python.name);
  let pyc: Pyc;
  beforeAll(() => {
    pyc = compileOne(python, SOURCE);
  });
  const woven = (select: string, name: string): string[] => wovenNames(pyc, select, name);
  const probedCode = (select: string, name: string): CodeObject =>
    codeNamed(probe(pyc, select).pyc.code, name);
  const [setup, popBlock] = version.hasExceptionTable ? [[], []] : [['SETUP_FINALLY'], ['POP_BLOCK']];

  test('an operation has a probe on each way out', () => {
    const names = woven('LOAD_ATTR', 'attribute');
    expect(excerpt(names, /^begin/, 4 + setup.length + popBlock.length - 1)).toEqual(
      ['begin 0', ...setup, 'LOAD_ATTR', ...popBlock, 'end 0'].slice(0, 3 + setup.length + popBlock.length),
    );
    const reraise = oneOf(version, 'RERAISE', 'END_FINALLY');
    expect(excerpt(names, /^raised/, 2)).toEqual(['raised 0', reraise]);
  });

  test('the handler covers the operation, and on versions that look there the code unit before it', () => {
    const code = probedCode('LOAD_ATTR', 'attribute');
    if (code.co_exceptiontable === undefined) return;
    const list = disassemble(code, version);
    const [entry] = parseExceptionTable(bytesValue(code.co_exceptiontable));
    const at = list.opcode.indexOf(version.opmap.get('LOAD_ATTR') ?? -1);
    const covered = [...list.handler.subarray(0, list.count)].map((number) => number !== NO_HANDLER);
    const early = version.looksUpCallerBeforeInstruction;
    expect(covered.slice(at - 2, at + 2)).toEqual([false, early, true, false]);
    // its last cache entry is the last unit of the range, and the end probe, which calls nothing, follows
    const caches = version.opcodes[list.opcode[at]]?.caches ?? 0;
    expect(entry.end - entry.start).toBe(1 + caches + (early ? 1 : 0));
    expect(list.opcode[at + 1]).toBe(idiomsOf(version).loadConst);
    expect(entry).toMatchObject({ depth: 0, lasti: true });
  });

  test('cold handlers have no position and keep what the outer handler keeps', () => {
    const code = probedCode('LOAD_ATTR', 'protected');
    const list = disassemble(code, version);
    const items = wovenItems(list, codeNamed(pyc.code, 'protected'));
    const raised = items.filter(({ text }) => text.startsWith('raised'));
    expect(raised.length).toBeGreaterThan(1);
    if (version.locationFormat !== 'lnotab')
      for (const { at } of raised)
        expect([0, 1, 2, 3].map((k) => list.location[at + k])).toEqual(Array(4).fill(NO_LOCATION));
    if (!version.hasExceptionTable) return;
    const outerOf = new Map(raised.map(({ at }) => [at, list.handler[at]]));
    expect([...outerOf.values()].every((number) => number !== NO_HANDLER)).toBe(true);
    for (const handler of list.handlers) {
      const outer = outerOf.get(list.labels[handler.target]);
      if (outer !== undefined)
        expect(handler).toMatchObject({ depth: list.handlers[outer].depth, lasti: true });
    }
    // RERAISE 1 takes the offset that lasti asks for
    for (const { at } of raised)
      expect([list.handler[at + 3], list.oparg[at + 3]]).toEqual([outerOf.get(at), 1]);
  });

  test('probes have the position of their operation', () => {
    for (const name of ['attribute', 'call', 'append', 'loop', 'truth', 'protected']) {
      const original = codeNamed(pyc.code, name);
      const list = disassemble(probedCode('all', name), version);
      for (const { at, count, text } of wovenItems(list, original)) {
        if (!/^(begin|end)/.test(text)) continue;
        const places = Array.from({ length: count }, (_, k) => list.location[at + k]);
        expect(new Set(places.map((row) => list.locations.lineno[row])).size).toBe(1);
        // the exit of a loop belongs to what follows it
        if (!text.startsWith('begin') || version.locationFormat === 'lnotab') continue;
        const allowed = [list.location[at + 3]];
        // what monitoring tools are told of when the callee raises
        if (version.looksUpCallerBeforeInstruction && version.opcodes[list.opcode[at + 3]]?.opname === 'CALL')
          allowed.push(list.location[at - 1]);
        expect(allowed).toContain(places[0]);
      }
    }
  });

  test('the stack has room for probes and handlers', () => {
    for (const select of ['all', 'LOAD_ATTR', 'call']) {
      for (const code of walkCode(probe(pyc, select).pyc.code)) {
        const { max } = stackDepths(disassemble(code, version), code.co_flags);
        expect(code.co_stacksize).toBeGreaterThanOrEqual(max);
      }
    }
  });

  test('list.append keeps the POP_TOP that its specialized form skips', () => {
    const call = oneOf(version, 'CALL_METHOD', 'CALL');
    const names = woven('call', 'append');
    expect(excerpt(names, new RegExp(`^${call}$`), 3 + popBlock.length)).toEqual([
      call,
      'POP_TOP',
      ...popBlock,
      'end 0',
    ]);
    expect(woven('call', 'append_used')).not.toContain('POP_TOP');
  });

  test('string += keeps the store that lets it work in place', () => {
    const add = /^(INPLACE_ADD|BINARY_ADD|BINARY_OP)$/;
    const names = woven('arith', 'glue');
    const stores = names.flatMap((name, k) =>
      add.test(name) ? [names.slice(k + 1, k + 3 + popBlock.length)] : [],
    );
    expect(stores).toEqual([0, 1].map((k) => ['STORE_FAST', ...popBlock, `end ${k}`]));
    if (!version.hasExceptionTable) {
      const cell = woven('arith', 'glue_cell');
      expect(excerpt(cell, add, 4)).toEqual(['INPLACE_ADD', 'STORE_DEREF', 'POP_BLOCK', 'end 0']);
    }
    expect(excerpt(woven('arith', 'no_glue'), add, 2 + popBlock.length).slice(1)).toEqual([
      ...popBlock,
      'end 0',
    ]);
  });

  test('a loop has an end probe behind an item and one at its exit', () => {
    const names = woven('FOR_ITER', 'loop');
    const body = excerpt(names, /^FOR_ITER$/, 2 + popBlock.length);
    expect(body).toEqual(['FOR_ITER', ...popBlock, 'end 0']);
    expect(names.filter((name) => name === 'end 0').length).toBe(2);
    const exits = ['POP_ITER', 'END_FOR'].filter((name) => names.includes(name));
    if (exits.length === 0) return;
    const [last] = exits;
    const behind = names.slice(names.indexOf(last) + 1);
    // where END_FOR pops one value, the POP_TOP behind it is skipped along with it
    const skipped = last === 'END_FOR' && version.opcodes[version.opmap.get('END_FOR') ?? 0]?.effect === -1;
    expect(behind.slice(0, skipped ? 2 : 1)).toEqual(skipped ? ['POP_TOP', 'end 0'] : ['end 0']);
  });

  test('a truth test is timed without its jump, and the jump turned around', () => {
    const names = woven('POP_JUMP_IF_FALSE,TO_BOOL', 'truth');
    if (version.opmap.has('TO_BOOL')) {
      expect(excerpt(names, /^begin/, 3)).toEqual(['begin 0', 'TO_BOOL', 'end 0']);
      return;
    }
    const jump = names.find((name) => /^POP_JUMP_(FORWARD_)?IF_TRUE$/.test(name));
    expect(excerpt(names, /^begin/, 4 + setup.length + popBlock.length)).toEqual([
      'begin 0',
      ...setup,
      'UNARY_NOT',
      ...popBlock,
      'end 0',
      jump,
    ]);
  });

  test('an await is one unit from its start to its value', () => {
    for (const [name, start] of [
      ['waiting', /^GET_AWAITABLE$/],
      ['delegating', /^(GET_YIELD_FROM_ITER|GET_ITER)$/],
    ] as const) {
      const names = woven('await', name);
      const begun = names.indexOf('begin 0');
      expect(names[begun + 1 + setup.length]).toMatch(start);
      const end = names.indexOf('end 0');
      expect(names[end - 1 - popBlock.length]).toMatch(/^(YIELD_FROM|END_SEND|JUMP_BACKWARD_NO_INTERRUPT)$/);
      expect(names.filter((text) => text.startsWith('begin')).length).toBe(1);
    }
  });

  test('an import begins before the loads that modulefinder wants next to it', () => {
    for (const name of ['imports', '<module>']) {
      const names = woven('IMPORT_NAME', name);
      const at = names.flatMap((text, k) => (text === 'IMPORT_NAME' ? [k] : []));
      const own = name === '<module>' ? at.slice(1) : at;
      expect(own.length).toBeGreaterThan(1);
      for (const k of own) {
        expect(names[k - 1]).toMatch(/^LOAD_/);
        expect(names[k - 2]).toMatch(/^LOAD_/);
        expect(names[k - 3 - setup.length]).toMatch(/^begin/);
      }
    }
  });

  test('placeholders are zeros at the end of constants of its own', () => {
    const { pyc: probed, report } = probe(pyc, 'all');
    const tuples = new Set<unknown>();
    let placeholders = 0;
    const before = [...walkCode(pyc.code)];
    for (const [k, code] of [...walkCode(probed.code)].entries()) {
      const { items, flag } = code.co_consts;
      const old = before[k].co_consts.items;
      if (items.length === old.length) continue;
      expect(flag).toBe(0);
      expect(tuples.has(code.co_consts)).toBe(false);
      tuples.add(code.co_consts);
      for (const [index, item] of old.entries()) if (item.type !== code.type) expect(items[index]).toBe(item);
      if (strValue(code.co_name) === '<module>') continue;
      for (const item of items.slice(old.length)) expect(intValue(item)).toBe(0);
      placeholders += items.length - old.length;
    }
    expect(tuples.size).toBeGreaterThan(10);
    expect(placeholders).toBeGreaterThan(20);
    expect(report.sites).toBeGreaterThanOrEqual(placeholders);
  });

  test('code that is not selected is the same object, shared constants and all', () => {
    const { pyc: probed, report } = probe(pyc, 'LOAD_ATTR', (qualname) => qualname === 'attribute');
    expect(report.instrumentedCodeObjects).toBe(1);
    const before = [...walkCode(pyc.code)];
    const changed = [...walkCode(probed.code)].filter((code, k) => code !== before[k]);
    expect(changed.map((code) => strValue(code.co_name))).toEqual(['<module>', 'attribute']);
    expect(codeNamed(probed.code, 'attribute').co_consts.items[0]).toBe(
      codeNamed(pyc.code, 'attribute').co_consts.items[0],
    );
  });

  test('operations that cannot be timed are told with the reason', () => {
    const every = [...version.opmap.keys()].filter((name) => name !== 'EXTENDED_ARG').join(',');
    const { report } = probe(pyc, every);
    const reasons = new Map(report.skipped.map(({ opname, reason }) => [opname, reason]));
    expect(reasons.get('RETURN_VALUE') ?? reasons.get('RETURN_CONST')).toMatch(/leaves the frame/);
    if (version.maxBlocks > 0) expect(reasons.get('SETUP_WITH')).toMatch(/signal/);
    for (const { reason } of report.skipped) expect(reason).not.toBe('');
    const { has } = selectOpcodes(every, version);
    let selected = 0;
    for (const code of walkCode(pyc.code)) {
      const { count, opcode, oparg } = disassemble(code, version);
      for (let i = 0; i < count; i++)
        if (has(opcode[i], oparg[i] >>> 0, i === 0 ? -1 : opcode[i - 1])) selected++;
    }
    expect(selected).toBeGreaterThan(150);
    expect(report.sites + report.skipped.length).toBe(selected);
  });
});

describe('rules by version', () => {
  test('every version has an idiom for each part of a probe', () => {
    for (const version of VERSIONS) {
      const idioms = idiomsOf(version);
      const end = version.hasExceptionTable ? idioms.end : idioms.jumpIfFalse;
      for (const opcode of [idioms.loadConst, idioms.begin, end, idioms.raised, idioms.reraise.opcode])
        expect(version.opcodes[opcode]).toBeDefined();
    }
    expect(VERSIONS.length).toBe(8);
  });
});
