/**
 * Rule: operands and jumps beyond 255 and 65,535 get their prefixes, also where only the probes push them there, and
 * code nested as deep as the interpreter's block stack is left alone.
 */
import { expect, test } from 'vitest';
import { checkCode } from '../../src/code/check.ts';
import { disassemble, walkCode } from '../../src/code/index.ts';
import type { Pyc } from '../../src/marshal/index.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { codeNamed, compileAll, compileOne, probe, runBoth, targetOf, totals } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

/** What the programs work on. */
const SETTING = `
class A:
    x = 1
    def __getattr__(self, name):
        return len(name)
a = A()
`;

/** A function of which a checksum is printed, called with a small and a larger number. */
function work(k: number, lines: readonly string[]): string {
  const body = lines.map((line) => `    ${line}\n`).join('');
  return `def work_${k}(a, n):\n    total = 0\n${body}    return total\nprint(work_${k}(a, 2), work_${k}(a, 5))\n`;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, k) => k);

/** A loop and a branch over `size` additions. */
function jumpOver(size: number): string[] {
  return [
    'for i in range(n):',
    '    if i % 2:',
    ...numbers(size).map(() => '        total += a.x'),
    '    else:',
    '        total -= 1',
    '    while total > 10 ** 6:',
    '        total //= 2',
  ];
}

/** Distances around the place where the plain jump still fits a byte and the probed one does not, and two bytes. */
const JUMPS = [...numbers(16), 20, 3000];

const BODIES: readonly (readonly string[])[] = [
  numbers(300).map((k) => `total += ${k + 1000}.5`),
  numbers(300).map((k) => `total += a.name_${k}`),
  numbers(300).flatMap((k) => [`v${k} = a.x`, `total += v${k}`]),
  [
    `total += sum([${numbers(66_000)
      .map((k) => `${k}.5`)
      .join(',')}, a.x])`,
  ],
  ...JUMPS.map((size) => jumpOver(size + 1)),
];

/** Code units of each function's widest jump, prefixes included. */
function widestJumps(pyc: Pyc): number[] {
  return BODIES.map((_, k) => {
    const list = disassemble(codeNamed(pyc.code, `work_${k}`), pyc.version);
    let width = 0;
    for (let i = 0; i < list.count; i++)
      if (targetOf(list, i) !== undefined) width = Math.max(width, list.width[i]);
    return width;
  });
}

function nested(depth: number): string {
  const lines = numbers(depth).map((k) => `${'    '.repeat(k + 1)}try:`);
  lines.push(`${'    '.repeat(depth + 1)}a.x`);
  for (let k = depth - 1; k >= 0; k--)
    lines.push(`${'    '.repeat(k + 1)}finally:`, `${'    '.repeat(k + 2)}n += 1`);
  return `${SETTING}def work(a, n):\n${lines.join('\n')}\n    return n\nprint(work(a, 2), work(a, 5))\n`;
}

describePythons(
  'large code',
  (python) => {
    const version = versionByName(python.name);

    test('runs as the original, with operands and jumps of every size', () => {
      const pyc = compileOne(python, SETTING + BODIES.map((lines, k) => work(k, lines)).join(''));
      const probed = probe(pyc, 'attr,arith,iter').pyc;
      let codes = 0;
      for (const code of walkCode(probed.code)) {
        expect(checkCode(code, version)).toEqual([]);
        codes++;
      }
      expect(codes).toBeGreaterThan(BODIES.length);
      const before = widestJumps(pyc);
      const changes = new Set(widestJumps(probed).map((width, k) => `${before[k]}→${width}`));
      // jumps that the probes push over 255, and over 65,535
      expect([...changes]).toEqual(expect.arrayContaining(['1→2', '2→3']));
      const { sites } = runBoth(python, pyc, 'attr,arith,iter');
      for (const [k, lines] of BODIES.entries()) {
        const reads = lines.filter((line) => line.includes('a.')).length;
        const { count } = totals(sites, `work_${k}`, /^LOAD_ATTR/);
        // odd passes of a loop read: one of two, two of five
        expect(count, `work_${k}`).toBe(k < 4 ? 2 * reads : 3 * reads);
      }
      console.log(
        `large, Python ${python.label}: ${codes} code objects of up to 66,000 constants; units of jumps ${[...changes].join(' ')}`,
      );
    });

    test('the deepest nesting of blocks is refused, one less is timed', () => {
      // the compiler allows as many blocks as there are
      const limit = version.maxBlocks === 0 ? 20 : version.maxBlocks;
      const [full, oneLess] = compileAll(python, [nested(limit), nested(limit - 1)]);
      const refused = probe(full, 'LOAD_ATTR').report.skipped.filter(({ reason }) => /blocks/.test(reason));
      expect(refused.length).toBe(version.maxBlocks === 0 ? 0 : 1);
      const select = 'LOAD_ATTR,arith';
      const { sites } = runBoth(python, full, select);
      expect(totals(sites, 'work', /LOAD_ATTR/).count).toBe(version.maxBlocks === 0 ? 2 : 0);
      expect(totals(runBoth(python, oneLess, select).sites, 'work', /LOAD_ATTR/).count).toBe(2);
      expect(codeNamed(oneLess.code, 'work')).toBeDefined();
    });
  },
  { debug: true },
);
