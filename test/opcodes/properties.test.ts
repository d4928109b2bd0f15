import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OpcodeInfo } from '../../src/opcodes/types.ts';
import { VERSIONS, versionByName } from '../../src/opcodes/versions.ts';
import { describePythons, type Python } from '../support/pythons.ts';

/** A header that CPython installs; undefined where the distribution has left it out. */
function header(python: Python, name: string): string | undefined {
  const path = join(python.stdlib, '..', '..', 'include', `python${python.name}`, 'internal', name);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

function realOpcodes(python: Python): readonly OpcodeInfo[] {
  return versionByName(python.name).opcodes.filter((info) => info !== undefined);
}

/** Opcodes that are not marked HAS_ERROR in the metadata table. */
function withoutErrors(metadata: string): ReadonlySet<string> {
  const table = /_PyOpcode_opcode_metadata\[\d+\] = \{([\s\S]*?)\n\};/.exec(metadata)?.[1] ?? '';
  const rows = [...table.matchAll(/\[(\w+)\] = \{ true, \w+, ([^}]*)\}/g)];
  return new Set(rows.filter(([, , flags]) => !/HAS_ERROR/.test(flags ?? '')).map(([, name = '']) => name));
}

/** Opcodes in the body of a predicate macro: `(opcode) == NAME`. */
function macro(utils: string, name: string): readonly string[] {
  const body = new RegExp(`#define ${name}\\(opcode\\)((?:.*\\\\\\n)*.*)`).exec(utils)?.[1] ?? '';
  return [...body.matchAll(/== (\w+)/g)].map(([, opname = '']) => opname);
}

describePythons(
  'canRaise',
  (python) => {
    test('is what the interpreter says of errors', () => {
      const metadata = header(python, 'pycore_opcode_metadata.h');
      if (metadata === undefined) throw new Error(`${python.path} has no pycore_opcode_metadata.h`);
      const safe = withoutErrors(metadata);
      const real = realOpcodes(python);
      const differing = real.filter(({ opname, canRaise }) => canRaise === safe.has(opname));
      // left out on purpose: setting it may fail in 3.14, and one rule serves all
      expect(
        differing.filter(({ opname }) => opname !== 'SET_FUNCTION_ATTRIBUTE').map(({ opname }) => opname),
      ).toEqual([]);
      console.log(`canRaise: ${python.label} ${real.length} opcodes compared, ${safe.size} safe`);
    });
  },
  { names: ['3.13', '3.14', '3.15'] },
);

describePythons(
  'terminates',
  (python) => {
    test('is what the compiler says of scope exits and jumps', () => {
      const utils = header(python, 'pycore_opcode_utils.h');
      if (utils === undefined) throw new Error(`${python.path} has no pycore_opcode_utils.h`);
      const exits = macro(utils, 'IS_SCOPE_EXIT_OPCODE');
      const jumps = [...macro(utils, 'IS_UNCONDITIONAL_JUMP_OPCODE'), ...macro(utils, 'IS_ASSEMBLER_OPCODE')];
      expect(exits.length).toBeGreaterThan(2);
      expect(jumps.length).toBeGreaterThan(2);
      const real = realOpcodes(python);
      for (const { opname, terminates } of real) {
        expect(terminates, opname).toBe(exits.includes(opname) || jumps.includes(opname));
      }
      console.log(`terminates: ${python.label} ${real.length} opcodes compared`);
    });
  },
  { names: ['3.12', '3.13', '3.14', '3.15'] },
);

describe('in every version', () => {
  test('what ends control either leaves, raises or always jumps', () => {
    for (const { name, opcodes } of VERSIONS) {
      for (const info of opcodes) {
        if (info === undefined) continue;
        const always =
          /^(RETURN_(VALUE|CONST)|RAISE_VARARGS|RERAISE|JUMP_(ABSOLUTE|FORWARD|BACKWARD(_NO_INTERRUPT)?))$/;
        expect(info.terminates, `${name} ${info.opname}`).toBe(always.test(info.opname));
      }
    }
  });

  test('what runs code of the program may raise', () => {
    const calls =
      /^(BINARY_|INPLACE_|CALL|LOAD_ATTR|STORE_ATTR|COMPARE_OP|FOR_ITER|GET_ITER|IMPORT_|UNARY_NEG)/;
    for (const { name, opcodes } of VERSIONS) {
      for (const info of opcodes) {
        if (info === undefined || !calls.test(info.opname) || info.opname === 'CALL_FINALLY') continue;
        expect(info.canRaise, `${name} ${info.opname}`).toBe(true);
      }
    }
  });
});
