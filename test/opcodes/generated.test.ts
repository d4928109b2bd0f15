import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DUMPS, type DumpedOpcode, factsOf, GENERATED, generateOpcodeTables } from '../../tools/generate.ts';

describe('src/opcodes/generated', () => {
  const tables = generateOpcodeTables();

  test('is what the dumps give, file by file', () => {
    let bytes = 0;
    for (const [name, text] of tables) {
      expect(readFileSync(join(GENERATED, name), 'utf8'), `${name}: run npm run generate`).toBe(text);
      bytes += text.length;
    }
    console.log(`generated: ${tables.size} files, ${bytes} characters, all equal`);
    expect(tables.size).toBe(8);
  });

  test('has no file without a dump', () => {
    expect(readdirSync(GENERATED).sort()).toEqual([...tables.keys()].sort());
    expect(readdirSync(DUMPS)).toHaveLength(tables.size);
  });
});

describe('the generator refuses, and never guesses,', () => {
  const dumped: DumpedOpcode = {
    opcode: 1,
    opname: 'FOR_ITER',
    caches: 0,
    takesOparg: true,
    lists: [],
    effect: 1,
    jumpEffect: ['linear', 1, 1],
    operandShift: 0,
    jump: { from: 'end', unit: 2 },
  };

  test('nothing that it knows', () => {
    expect(factsOf('3.99', dumped)).toMatchObject({ jump: 'forward', oparg: 'jump', refers: 'none' });
    expect(
      factsOf('3.99', { ...dumped, opname: 'END_ASYNC_FOR', jump: { from: 'end', unit: -2 } }),
    ).toMatchObject({
      jump: 'none',
      refers: 'backward',
    });
  });

  test.each([
    ['a stack effect that fits no shape', { effect: [1, 2, 4, 8] }],
    ['a missing stack effect', { jumpEffect: null }],
    ['a jump from an unknown place', { jump: { from: 'unknown', unit: 2 } }],
    ['a reference forward', { opname: 'END_ASYNC_FOR' }],
  ] as const)('%s', (_what, change) => {
    expect(() => factsOf('3.99', { ...dumped, ...change })).toThrow(
      /^3\.99 \w+: .*teach tools\/generate\.ts/,
    );
  });
});
