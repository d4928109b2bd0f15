import { describe, expect, test } from 'vitest';
import { PyrewriteError } from '../../src/errors.ts';
import { GROUPS, groupsOf, whyUngrouped } from '../../src/opcodes/groups.ts';
import { GROUP_NAMES, OPCODE_NAMES, selectOpcodes } from '../../src/opcodes/selection.ts';
import type { BytecodeVersion } from '../../src/opcodes/types.ts';
import { VERSIONS, versionByName } from '../../src/opcodes/versions.ts';

/** Whether a list selects an instruction, given by opname. */
function selects(list: string, name: string, opname: string, oparg = 0, previous?: string): boolean {
  const version = versionByName(name);
  const opcode = version.opmap.get(opname);
  if (opcode === undefined) throw new Error(`${name} has no ${opname}`);
  const before = previous === undefined ? -1 : (version.opmap.get(previous) ?? -1);
  return selectOpcodes(list, version).has(opcode, oparg, before);
}

function selected(list: string, name: string): readonly string[] {
  return [...selectOpcodes(list, versionByName(name)).names].sort();
}

function refusal(list: string): PyrewriteError {
  try {
    selectOpcodes(list, versionByName('3.12'));
  } catch (error) {
    if (error instanceof PyrewriteError) return error;
  }
  throw new Error(`${list} was accepted`);
}

describe('names mean the same operation in every version', () => {
  test.each(['3.8', '3.9', '3.10'])('BINARY_OP is every arithmetic opcode (%s)', (name) => {
    const names = selected('BINARY_OP', name);
    expect(names).toHaveLength(26);
    expect(names.every((opname) => /^(BINARY|INPLACE)_/.test(opname))).toBe(true);
    expect(names).not.toContain('BINARY_SUBSCR');
  });

  test('an arithmetic opcode is the BINARY_OP with that operator', () => {
    let checked = 0;
    for (const version of VERSIONS.filter(({ nbOps }) => nbOps.length > 0)) {
      const opcode = version.opmap.get('BINARY_OP') ?? -1;
      version.nbOps.forEach(([nb], oparg) => {
        const old = nb
          .replace(/^NB_INPLACE_/, 'INPLACE_')
          .replace(/^NB_/, 'BINARY_')
          .replace('REMAINDER', 'MODULO');
        const { has } = selectOpcodes(old, version);
        expect(version.nbOps.map((_, other) => has(opcode, other))).toEqual(
          version.nbOps.map((_, i) => i === oparg),
        );
        checked++;
      });
    }
    console.log(`selection: ${checked} operators checked`);
    expect(checked).toBe(3 * 26 + 2 * 27);
  });

  test('subscripts', () => {
    expect(selected('BINARY_SUBSCR', '3.8')).toEqual(['BINARY_SUBSCR']);
    expect(selects('BINARY_SUBSCR', '3.14', 'BINARY_OP', 26)).toBe(true);
    expect(selects('BINARY_SUBSCR', '3.14', 'BINARY_OP', 0)).toBe(false);
    expect(selects('BINARY_OP', '3.14', 'BINARY_OP', 26)).toBe(false);
  });

  test('comparisons: 3.8 tells them apart by oparg', () => {
    const expected = {
      COMPARE_OP: [0, 1, 2, 3, 4, 5],
      CONTAINS_OP: [6, 7],
      IS_OP: [8, 9],
      CHECK_EXC_MATCH: [10],
    };
    for (const [name, opargs] of Object.entries(expected)) {
      const found = Array.from({ length: 12 }, (_, i) => i).filter((i) =>
        selects(name, '3.8', 'COMPARE_OP', i),
      );
      expect(found, name).toEqual(opargs);
    }
    expect(selected('COMPARE_OP', '3.12')).toEqual(['COMPARE_OP']);
    expect(selects('COMPARE_OP', '3.13', 'COMPARE_OP', (5 << 5) | 16)).toBe(true);
  });

  test('slices are subscripts with a slice right before them, up to 3.11', () => {
    expect(selects('BINARY_SLICE', '3.8', 'BINARY_SUBSCR', 0, 'BUILD_SLICE')).toBe(true);
    expect(selects('BINARY_SLICE', '3.8', 'BINARY_SUBSCR', 0, 'LOAD_FAST')).toBe(false);
    expect(selects('STORE_SLICE', '3.11', 'STORE_SUBSCR', 0, 'BUILD_SLICE')).toBe(true);
    expect(selects('BINARY_SLICE', '3.14', 'BINARY_OP', 26, 'BUILD_SLICE')).toBe(true);
    expect(selects('BINARY_SLICE', '3.14', 'BINARY_OP', 0, 'BUILD_SLICE')).toBe(false);
    expect(selected('BINARY_SLICE', '3.12')).toContain('BINARY_SLICE');
  });

  test.each([
    ['LOAD_ATTR', '3.8', ['LOAD_ATTR', 'LOAD_METHOD']],
    ['LOAD_ATTR', '3.12', ['LOAD_ATTR', 'LOAD_SUPER_ATTR']],
    ['LOAD_METHOD', '3.12', ['LOAD_ATTR', 'LOAD_SUPER_ATTR']],
    ['CALL', '3.8', ['CALL_FUNCTION', 'CALL_FUNCTION_EX', 'CALL_FUNCTION_KW', 'CALL_METHOD']],
    ['CALL', '3.11', ['CALL', 'CALL_FUNCTION_EX']],
    ['CALL', '3.13', ['CALL', 'CALL_FUNCTION_EX', 'CALL_KW']],
    ['PRECALL', '3.11', ['CALL']],
    ['KW_NAMES', '3.12', ['CALL']],
    ['CALL_KW', '3.8', ['CALL_FUNCTION_KW']],
    ['CALL_FUNCTION', '3.14', ['CALL']],
    ['TO_BOOL', '3.13', ['TO_BOOL']],
    [
      'TO_BOOL',
      '3.8',
      ['JUMP_IF_FALSE_OR_POP', 'JUMP_IF_TRUE_OR_POP', 'POP_JUMP_IF_FALSE', 'POP_JUMP_IF_TRUE', 'UNARY_NOT'],
    ],
    ['TO_BOOL', '3.12', ['POP_JUMP_IF_FALSE', 'POP_JUMP_IF_TRUE', 'UNARY_NOT']],
    ['UNARY_NOT', '3.12', ['UNARY_NOT']],
    ['FORMAT_VALUE', '3.13', ['CONVERT_VALUE', 'FORMAT_SIMPLE', 'FORMAT_WITH_SPEC']],
    ['STORE_FAST', '3.12', ['STORE_FAST']],
    ['STORE_FAST', '3.13', ['STORE_FAST', 'STORE_FAST_LOAD_FAST', 'STORE_FAST_STORE_FAST']],
    ['YIELD_FROM', '3.12', ['GET_ANEXT', 'GET_AWAITABLE', 'GET_YIELD_FROM_ITER']],
    ['SEND', '3.8', ['GET_ANEXT', 'GET_AWAITABLE', 'GET_YIELD_FROM_ITER']],
    ['GET_YIELD_FROM_ITER', '3.15', ['GET_ITER']],
    ['BEFORE_WITH', '3.8', ['SETUP_WITH']],
    ['BEFORE_WITH', '3.14', ['LOAD_SPECIAL']],
    ['IMPORT_STAR', '3.12', ['CALL_INTRINSIC_1']],
    ['UNARY_POSITIVE', '3.15', ['CALL_INTRINSIC_1']],
    ['LOAD_CLASSDEREF', '3.12', ['LOAD_FROM_DICT_OR_DEREF']],
    ['RERAISE', '3.8', ['END_FINALLY']],
  ])('%s on %s', (list, name, expected) => {
    expect(selected(list, name)).toEqual(expected);
  });

  test('opargs tell merged operations apart', () => {
    expect(selects('LOAD_METHOD', '3.12', 'LOAD_ATTR', 1)).toBe(true);
    expect(selects('LOAD_METHOD', '3.12', 'LOAD_ATTR', 2)).toBe(false);
    expect(selects('FORMAT_WITH_SPEC', '3.12', 'FORMAT_VALUE', 4)).toBe(true);
    expect(selects('FORMAT_SIMPLE', '3.12', 'FORMAT_VALUE', 4)).toBe(false);
    expect(selects('CONVERT_VALUE', '3.12', 'FORMAT_VALUE', 2)).toBe(true);
    expect(selects('GET_ITER', '3.15', 'GET_ITER', 0)).toBe(true);
    expect(selects('GET_ITER', '3.15', 'GET_ITER', 3)).toBe(false);
    expect(selects('await', '3.15', 'GET_ITER', 3)).toBe(true);
    expect(selects('BEFORE_WITH', '3.14', 'LOAD_SPECIAL', 0)).toBe(true);
    expect(selects('BEFORE_WITH', '3.14', 'LOAD_SPECIAL', 2)).toBe(false);
  });

  test('a name selects its own opcode, but for parts of another operation', () => {
    const parts = ['KW_NAMES', 'PRECALL', 'SEND', 'YIELD_FROM'];
    let checked = 0;
    for (const version of VERSIONS) {
      for (const [opname, opcode] of version.opmap) {
        const { opcodes, unmatched } = selectOpcodes(opname, version);
        expect(opcodes[opcode], `${version.name} ${opname}`).toBe(parts.includes(opname) ? 0 : 1);
        expect(unmatched).toEqual([]);
        checked++;
      }
    }
    console.log(`selection: ${checked} names select their own opcode`);
    expect(checked).toBeGreaterThan(900);
  });

  test('every name of every version is understood by every version', () => {
    let pairs = 0;
    const unmatched = new Set<string>();
    for (const version of VERSIONS) {
      for (const name of OPCODE_NAMES) {
        for (const word of selectOpcodes(name, version).unmatched) unmatched.add(`${version.name} ${word}`);
        pairs++;
      }
    }
    console.log(`selection: ${pairs} names by version, ${unmatched.size} with no counterpart`);
    expect(unmatched).toContain('3.8 MATCH_CLASS');
    expect(unmatched).toContain('3.8 LOAD_SUPER_ATTR');
  });
});

describe('lists', () => {
  test('in any case, with commas, spaces or an array', () => {
    expect(selected('load_attr, Call', '3.12')).toEqual(selected('LOAD_ATTR call', '3.12'));
    const version = versionByName('3.12');
    expect(selectOpcodes(['attr', 'call,arith'], version).names).toEqual(
      selectOpcodes('attr,call,arith', version).names,
    );
  });

  test('a minus or an exclamation mark takes away', () => {
    const stores = GROUPS.find(({ name }) => name === 'store')?.members ?? [];
    const left = selected('all,-store', '3.12');
    expect(left).toContain('LOAD_ATTR');
    expect(left.filter((name) => stores.includes(name))).toEqual([]);
    expect(selected('!store', '3.12')).toEqual(left);
    expect(selects('arith,-BINARY_ADD', '3.12', 'BINARY_OP', 0)).toBe(false);
    expect(selects('arith,-BINARY_ADD', '3.12', 'BINARY_OP', 1)).toBe(true);
    expect(selects('-arith,BINARY_ADD', '3.12', 'BINARY_OP', 0)).toBe(true);
  });

  test('an unknown name is refused with the one that was meant', () => {
    expect(refusal('LOAD_ATR').code).toBe('bad-selection');
    expect(refusal('LOAD_ATR').remedy).toContain('did you mean LOAD_ATTR?');
    expect(refusal('LOAD_ATR').remedy).toContain('`pyrewrite opcodes`');
    expect(refusal('ATTR_LOAD').remedy).toContain('did you mean LOAD_ATTR?');
    expect(refusal('attrs').remedy).toContain('did you mean attr?');
    expect(refusal('arithmetic').remedy).toContain('pyrewrite opcodes');
    expect(refusal('xyzzy').remedy).not.toContain('did you mean');
    expect(refusal(' , ').message).toContain('empty');
  });
});

describe('groups', () => {
  test('are those of the documents', () => {
    const names =
      'attr call arith compare contains subscript slice iter global import build format unary await';
    expect([...GROUP_NAMES].sort()).toEqual(
      [...names.split(' '), 'raise', 'with', 'store', 'dealloc', 'all'].sort(),
    );
  });

  test('every instruction is in a group, or there is a reason why not', () => {
    let grouped = 0;
    let ungrouped = 0;
    for (const version of VERSIONS) {
      for (const [opname, opcode] of version.opmap) {
        for (let oparg = 0; oparg < variants(opname, version); oparg++) {
          const where = `${version.name} ${opname} ${oparg}`;
          if (groupsOf(version, opcode, oparg).length > 0) grouped++;
          else expect(whyUngrouped(version, opcode, oparg), where).toBeDefined();
          if (groupsOf(version, opcode, oparg).length === 0) ungrouped++;
        }
      }
    }
    console.log(`groups: ${grouped} instructions in groups, ${ungrouped} with a reason`);
    expect(grouped).toBeGreaterThan(ungrouped);
  });

  test('every member is an opcode of some version', () => {
    for (const { name, members } of GROUPS) {
      for (const member of members) expect(OPCODE_NAMES, name).toContain(member.split(':')[0]);
      expect(new Set(members).size, name).toBe(members.length);
    }
  });

  test('all is their union', () => {
    for (const version of VERSIONS) {
      const union = new Set(GROUPS.flatMap(({ name }) => selectOpcodes(name, version).names));
      expect(new Set(selectOpcodes('all', version).names)).toEqual(union);
    }
  });

  test('no group is empty but those whose operation a version lacks', () => {
    for (const version of VERSIONS)
      for (const name of GROUP_NAMES) {
        expect(selectOpcodes(name, version).names.length, `${version.name} ${name}`).toBeGreaterThan(0);
      }
  });
});

/** Opargs that mean something different each. */
function variants(opname: string, version: BytecodeVersion): number {
  const counts: Readonly<Record<string, number>> = {
    BINARY_OP: version.nbOps.length,
    COMPARE_OP: version.cmpOps.length,
    CALL_INTRINSIC_1: version.intrinsics1.length,
    CALL_INTRINSIC_2: version.intrinsics2.length,
    GET_ITER: 4,
    LOAD_SPECIAL: version.specialMethods.length,
  };
  return counts[opname] ?? 1;
}
