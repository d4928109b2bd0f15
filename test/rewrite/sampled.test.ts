/**
 * Laws of sampled code: with its gates shut and with its gates open a program does what it does without probes, and each
 * site of the table is found in the original body.
 */
import { expect, test } from 'vitest';
import { layOut } from '../../src/code/assemble.ts';
import { checkCode } from '../../src/code/check.ts';
import { disassemble, locationAt, walkCode } from '../../src/code/index.ts';
import { type Pyc, readPyc, writePyc } from '../../src/marshal/index.ts';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { probedCodes } from '../../src/rewrite/probed-codes.ts';
import { openGates } from '../support/gates.ts';
import { compileOne, runProgram } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

const SOURCE = `
import asyncio

def loops(n):
    t = 0
    for i in range(n):
        for j in range(3):
            t += i * j
            if t > 50: break
        else:
            t -= 1
        while t % 7:
            t += 1
            if t == 8: continue
    return t

def handlers(a):
    for x in a:
        try:
            if x == 2: raise ValueError(x)
            if x == 3: continue
            yield x.real
        except ValueError as e:
            yield str(e)
        finally:
            yield -x

def contexts(a):
    with open('/dev/null') as outer:
        for x in a:
            with open('/dev/null') as inner:
                if x > 2: return inner.name
                try:
                    for y in range(2):
                        if x == y: break
                    else: 1/0
                except ZeroDivisionError:
                    outer.read()

def comprehensions(n):
    for _ in n:
        pass
    return [x.real for x in n if x]

async def numbers(n):
    for i in range(n): yield i

async def first():
    async for x in numbers(4):
        if x.real == 2: return x

async def awaits(n):
    return [x async for x in numbers(n) if x] + [await first() for _ in range(2)]

print(loops(9), list(handlers([1, 2, 3, 4])), contexts([1, 0, 3]), comprehensions([1, 2]), asyncio.run(awaits(3)))
`;

function sampled(pyc: Pyc, select: string, types: boolean): Pyc {
  return instrument(pyc, { select: selectOpcodes(select, pyc.version), sample: true, types }).pyc;
}

const SELECTIONS = ['all', 'attr', 'call', 'iter', 'COMPARE_OP', 'await', 'raise,attr'];

describePythons(
  'sampled code',
  (python) => {
    const pyc = compileOne(python, SOURCE);

    test('runs the same with its gates shut and open', () => {
      const off = { PYREWRITE: 'off' };
      const plain = runProgram(python, pyc, off);
      expect(plain.stdout).toMatch(/^\d+ \[/);
      for (const [k, select] of SELECTIONS.entries()) {
        const shut = sampled(pyc, select, k % 2 === 1);
        const open = { ...shut, code: openGates(shut.code) };
        expect(open.code, select).not.toBe(shut.code);
        for (const form of [shut, open])
          expect([select, runProgram(python, form, off)]).toEqual([select, plain]);
      }
    });

    test('is sound, and is read back as it was written', () => {
      let codes = 0;
      for (const select of SELECTIONS) {
        for (const code of walkCode(readPyc(writePyc(sampled(pyc, select, true))).code)) {
          expect(checkCode(code, pyc.version)).toEqual([]);
          codes++;
        }
      }
      expect(codes).toBeGreaterThan(50);
    });

    test('has each site in its original body, where the table says', () => {
      let sites = 0;
      for (const { code, record } of probedCodes(sampled(pyc, 'all', false).code) ?? []) {
        if (code === undefined || record.sites.length === 0) continue;
        const list = disassemble(code, pyc.version);
        const { starts, widths } = layOut(list);
        const places = new Map([...widths].map((width, i) => [starts[i] + width - 1, i]));
        expect(record.origins).toHaveLength(record.sites.length);
        record.sites.forEach((site, k) => {
          const at = places.get(record.origins?.[k] ?? -1) ?? -1;
          expect(list.opcode[at]).toBe(site.opcode);
          const { lineno, colOffset } = locationAt(list.locations, list.location[at]);
          expect([lineno ?? -1, colOffset ?? -1]).toEqual([site.lineno, site.colOffset]);
          // no probe stands before it: that is in the other body
          if (at > 0) expect(list.opcode[at - 1]).not.toBe(pyc.version.opmap.get('UNARY_NEGATIVE'));
          sites++;
        });
      }
      expect(sites).toBeGreaterThan(100);
    });
  },
  { debug: true },
);
