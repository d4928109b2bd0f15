import { describe, expect, test } from 'vitest';
import { groupsOf, whyUngrouped } from '../../src/opcodes/groups.ts';
import { type Timing, timingOf } from '../../src/opcodes/timing.ts';
import { VERSIONS, versionByName } from '../../src/opcodes/versions.ts';

function timing(name: string, opname: string, oparg = 0): Timing {
  const version = versionByName(name);
  return timingOf(version, version.opmap.get(opname) ?? -1, oparg);
}

describe('timingOf', () => {
  test('knows every opcode of every version, and so do the groups', () => {
    const kinds = { plain: 0, special: 0, refused: 0 };
    for (const version of VERSIONS) {
      for (const [opname, opcode] of version.opmap) {
        const found = timingOf(version, opcode);
        const where = `${version.name} ${opname}`;
        if (found.kind === 'refused') expect(found.reason, where).not.toContain('no rule');
        const place = groupsOf(version, opcode, 0)[0] ?? whyUngrouped(version, opcode, 0);
        expect(place, where).toBeDefined();
        kinds[found.kind]++;
      }
    }
    console.log(`timing: ${kinds.plain} plain, ${kinds.special} special, ${kinds.refused} refused`);
    expect(kinds.plain).toBeGreaterThan(600);
  });

  test('refuses what has no opcode', () => {
    expect(timingOf(versionByName('3.12'), 255).kind).toBe('refused');
    expect(timingOf(versionByName('3.12'), 999).kind).toBe('refused');
  });

  test.each([
    ['3.12', 'FOR_ITER', 0, 'for-iter'],
    ['3.8', 'CALL_METHOD', 0, 'call'],
    ['3.11', 'PRECALL', 0, 'call'],
    ['3.8', 'YIELD_FROM', 0, 'await'],
    ['3.12', 'SEND', 0, 'await'],
    ['3.15', 'GET_ITER', 3, 'await'],
    ['3.14', 'LOAD_SPECIAL', 0, 'with-enter'],
    ['3.12', 'POP_JUMP_IF_TRUE', 0, 'truth-test'],
    ['3.11', 'POP_JUMP_BACKWARD_IF_TRUE', 0, 'truth-test'],
    ['3.8', 'JUMP_IF_TRUE_OR_POP', 0, 'truth-test'],
  ])('%s %s %i is special: %s', (name, opname, oparg, idiom) => {
    expect(timing(name, opname, oparg)).toEqual({ kind: 'special', idiom });
  });

  test.each([
    ['3.8', 'SETUP_WITH', 0],
    ['3.10', 'BEFORE_ASYNC_WITH', 0],
    ['3.13', 'POP_JUMP_IF_TRUE', 0],
    ['3.12', 'RESUME', 0],
    ['3.12', 'RETURN_CONST', 0],
    ['3.12', 'YIELD_VALUE', 0],
    ['3.12', 'CALL_INTRINSIC_1', 4],
    ['3.14', 'POP_ITER', 0],
  ])('%s %s %i is refused', (name, opname, oparg) => {
    expect(timing(name, opname, oparg).kind).toBe('refused');
  });

  test.each([
    ['3.11', 'BEFORE_ASYNC_WITH', 0],
    ['3.11', 'BEFORE_WITH', 0],
    ['3.15', 'GET_ITER', 0],
    ['3.14', 'GET_ITER', 0],
    ['3.12', 'CALL_INTRINSIC_1', 5],
    ['3.12', 'RAISE_VARARGS', 1],
  ])('%s %s %i is plain', (name, opname, oparg) => {
    expect(timing(name, opname, oparg)).toEqual({ kind: 'plain' });
  });

  test('an instruction that ends a frame or jumps always is never plain, but for raising', () => {
    for (const version of VERSIONS) {
      for (const info of version.opcodes) {
        if (info?.terminates === true && info.opname !== 'RAISE_VARARGS') {
          expect(timingOf(version, info.opcode).kind, info.opname).toBe('refused');
        }
        if (info !== undefined && info.jump !== 'none') {
          expect(timingOf(version, info.opcode).kind, info.opname).not.toBe('plain');
        }
      }
    }
  });
});
