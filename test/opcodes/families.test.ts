import { expect, test } from 'vitest';
import { FAMILIES, type Family, familyOf } from '../../src/opcodes/families.ts';
import { groupsOf } from '../../src/opcodes/groups.ts';
import type { BytecodeVersion } from '../../src/opcodes/types.ts';
import { VERSIONS } from '../../src/opcodes/versions.ts';

/** Groups that hold operations of a family; stores of attributes and items belong to what they store to. */
const GROUPS_OF: Readonly<Record<Family, readonly string[]>> = {
  attr: ['attr', 'store'],
  call: ['call'],
  arith: ['arith', 'unary'],
  compare: ['compare', 'unary'],
  contains: ['contains'],
  subscript: ['subscript', 'slice', 'build', 'store'],
  // since GET_ITER also begins a `yield from`, whose sites are awaits
  iter: ['iter', 'await'],
  global: ['global'],
  import: ['import'],
  build: ['build', 'format'],
  await: ['await'],
  raise: ['raise'],
  with: ['with'],
  store: ['store', 'dealloc'],
  other: [],
};

/** What a profile says of the operand, where it decides. */
function operandOf(version: BytecodeVersion, opcode: number, oparg: number): string | null {
  const info = version.opcodes[opcode];
  if (info === undefined) return null;
  const lists: Readonly<Record<string, readonly string[]>> = {
    BINARY_OP: version.nbOps.map(([, symbol]) => symbol),
    CALL_INTRINSIC_1: version.intrinsics1,
    CALL_INTRINSIC_2: version.intrinsics2,
    COMPARE_OP: version.cmpOps,
  };
  return lists[info.opname]?.[info.opname === 'COMPARE_OP' ? oparg >> info.operandShift : oparg] ?? null;
}

test('every operation of a group has a family of that group, on every version', () => {
  const wrong: string[] = [];
  const seen = new Set<Family>();
  let checked = 0;
  for (const version of VERSIONS) {
    for (const info of version.opcodes) {
      if (info === undefined) continue;
      for (let oparg = 0; oparg < (info.operandShift > 0 ? 256 : 32); oparg++) {
        const groups = groupsOf(version, info.opcode, oparg);
        if (groups.length === 0) continue;
        const family = familyOf(info.opname, operandOf(version, info.opcode, oparg));
        seen.add(family);
        checked++;
        if (!GROUPS_OF[family].some((group) => groups.includes(group))) {
          wrong.push(`${version.name} ${info.opname} ${oparg}: ${family}, but in ${groups.join(' ')}`);
        }
      }
    }
  }
  expect(wrong.slice(0, 20)).toEqual([]);
  expect(FAMILIES.filter((family) => !seen.has(family))).toEqual(['other']);
  console.log(`families: ${checked} operations`);
  expect(checked).toBeGreaterThan(5_000);
});
