import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { idiomsOf, NO_OPCODE } from '../../src/opcodes/idioms.ts';
import { VERSIONS } from '../../src/opcodes/versions.ts';
import { NATIVE_FOLDER } from '../../src/runtime/sources.ts';

test('native/code_text.c knows the opcodes of every version', () => {
  const source = readFileSync(join(NATIVE_FOLDER, 'code_text.c'), 'utf8');
  const rows = [...source.matchAll(/\{(0x03[0-9A-F]{2}(?:, \d+){10})\}/g)];
  const known = rows.map(([, row]) => row.split(', ').map(Number));
  expect(known).toEqual(
    VERSIONS.map((version) => {
      const { loadConst, raised, popTop, reraise, toBool, nop, jumpForward } = idiomsOf(version);
      const [major, minor] = version.number;
      const caches = version.opcodes[raised]?.caches;
      expect([version.opcodes[popTop]?.caches, version.opcodes[loadConst]?.caches]).toEqual([0, 0]);
      const test = toBool === NO_OPCODE ? 0 : 1 + (version.opcodes[toBool]?.caches ?? 0);
      return [
        (major << 8) | minor,
        loadConst,
        version.extendedArg,
        raised,
        caches,
        popTop,
        reraise.opcode,
        test,
        nop,
        jumpForward,
        version.jumpUnit,
      ];
    }),
  );
});
