/** Each invariant by name: code that breaks it, and it is told; and no code, however broken, keeps the check busy. */
import { expect, test } from 'vitest';
import { assembleCode } from '../../src/code/assemble-code.ts';
import { checkCode, type Invariant } from '../../src/code/check.ts';
import { disassemble } from '../../src/code/index.ts';
import { bytesValue, type CodeObject, newBytes, newTuple } from '../../src/marshal/index.ts';
import type { BytecodeVersion } from '../../src/opcodes/types.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { CodeEditor } from '../../src/rewrite/code-editor.ts';
import { codeNamed, compileOne } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

const SOURCE = `
def f(a):
    global b
    while a:
        try:
            b = a.c(1)
        except ValueError:
            b = [a, 'text']
    return b

def g(a):
    def h():
        return a
    return h
`;

/** co_code from names and opargs, without caches where the version has none for them. */
function codeOf(
  version: BytecodeVersion,
  ...instructions: readonly (readonly [string, number])[]
): Uint8Array {
  return Uint8Array.from(
    instructions.flatMap(([opname, oparg]) => {
      const opcode = version.opmap.get(opname) ?? 0;
      return [opcode, oparg, ...new Array<number>(2 * (version.opcodes[opcode]?.caches ?? 0)).fill(0)];
    }),
  );
}

describePythons('checkCode', (python) => {
  const version = versionByName(python.name);
  const pyc = compileOne(python, SOURCE);
  const f = codeNamed(pyc.code, 'f');
  const broken = (changes: Partial<CodeObject>, code = f): Set<Invariant> =>
    new Set(checkCode({ ...code, ...changes }, version).map(({ invariant }) => invariant));
  const withCode = (...instructions: readonly (readonly [string, number])[]): Set<Invariant> =>
    broken({
      co_code: newBytes(codeOf(version, ...instructions)),
      ...(version.hasExceptionTable ? { co_exceptiontable: newBytes(Uint8Array.of()) } : {}),
      ...(version.locationFormat === 'lnotab' ? { co_lnotab: newBytes(Uint8Array.of()) } : {}),
    });

  test('finds nothing in sound code', () => {
    for (const name of ['f', 'g', 'h']) expect(broken({}, codeNamed(pyc.code, name))).toEqual(new Set());
  });

  test('finds what is out of range', () => {
    const empty = newTuple([]);
    expect(broken({ co_consts: empty })).toContain('consts-in-range');
    expect(broken({ co_names: empty })).toContain('names-in-range');
    const names = version.hasExceptionTable ? 'co_localsplusnames' : 'co_varnames';
    expect(broken({ [names]: empty })).toContain('locals-in-range');
  });

  test('finds a stack that is too small, below zero, or of two depths', () => {
    expect(broken({ co_stacksize: 0 })).toContain('stacksize-sufficient');
    expect(withCode(['POP_TOP', 0], ['LOAD_CONST', 0], ['RETURN_VALUE', 0])).toContain(
      'never-negative-stack',
    );
    expect(withCode(['POP_TOP', 0], ['POP_TOP', 0], ['RETURN_VALUE', 0])).toContain('never-negative-stack');
    // a value more with each pass of the loop
    const editor = new CodeEditor(f, version);
    const store = editor.instructions.find(({ opname }) => opname === 'STORE_GLOBAL');
    if (store === undefined) throw new Error('no store');
    editor.insertBefore(store, [{ opname: 'LOAD_CONST', oparg: 0 }]);
    const uneven = checkCode(editor.toCode(), version).map(({ invariant }) => invariant);
    expect(uneven.includes('stack-consistent')).toBe(version.locationFormat !== 'lnotab');
  });

  test('finds code that does not end, that is none, and that nothing follows', () => {
    expect(withCode(['NOP', 0], ['NOP', 0])).toContain('ends-in-terminator');
    expect(broken({ co_code: newBytes(Uint8Array.of(255, 255)) })).toContain('decodable');
    if (!version.opmap.has('NOT_TAKEN')) return;
    expect(withCode(['NOP', 0], ['NOT_TAKEN', 0], ['LOAD_CONST', 0], ['RETURN_VALUE', 0])).toContain(
      'neighbours-kept',
    );
  });

  test.runIf(version.locationFormat !== 'lnotab')('finds locations that cover something else', () => {
    expect(broken({ co_linetable: newBytes(Uint8Array.of()) })).toContain('locations-cover-code');
  });

  test.runIf(version.hasExceptionTable)('finds handlers out of order, or deeper than the code', () => {
    const list = disassemble(f, version);
    const { handlers } = list;
    const deeper = {
      ...list,
      handlers: handlers.map((handler) => ({ ...handler, depth: handler.depth + 5 })),
    };
    expect(broken({}, assembleCode(f, deeper))).toContain('handler-depth');
    // start 0, length, target 0, depth 0; twice
    const h = codeNamed(pyc.code, 'h');
    const units = bytesValue(h.co_code).length >> 1;
    expect(units).toBeLessThan(64);
    const entry = [0x80, units, 0, 0];
    expect(broken({ co_exceptiontable: newBytes(Uint8Array.of(...entry, ...entry)) }, h)).toContain(
      'handlers-sorted',
    );
  });

  test('ends, whatever the code', () => {
    // a loop of which each pass takes a value from an empty stack: depth -1 is a depth like any other
    const jumps = [...version.opmap.keys()].filter((name) => /^JUMP_(BACKWARD|ABSOLUTE)/.test(name));
    for (const jump of jumps) {
      const code = withCode(['POP_TOP', 0], ['NOP', 0], [jump, jump === 'JUMP_ABSOLUTE' ? 0 : 3]);
      expect(code).toContain('never-negative-stack');
    }
    expect(jumps.length).toBeGreaterThan(0);
  });
});
