/** What a thread loses to other programs on its CPU is in no operation that windows time. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { selectOpcodes } from '../../src/opcodes/selection.ts';
import { instrument } from '../../src/rewrite/instrument.ts';
import { MEASURED, measured } from '../support/measured.ts';
import { compileOne, runProgram } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

const PROGRAM = readFileSync(fileURLToPath(new URL('busy.py', import.meta.url)), 'utf8');

/** The system takes the CPU for milliseconds; nothing that the program does takes a tenth of one. */
const LONGEST_NS = 1_000_000;

describePythons(
  'a CPU that others use, too',
  (python) => {
    test('lengthens no operation', MEASURED, () => {
      const pyc = compileOne(python, PROGRAM);
      const select = selectOpcodes('all', pyc.version);
      const functions = (name: string): boolean => name === 'work' || name === 'Point.double';
      const sampled = instrument(pyc, { select, functions, sample: true }).pyc;
      const { stdout, stderr, profile } = runProgram(python, sampled, { PYREWRITE_OVERHEAD: '0.5' });
      expect(stderr).toBe('');
      const sites = (profile?.sites ?? []).filter(({ count }) => count > 0);
      const windows = profile?.sampling?.bursts ?? 0;
      const longest = Math.max(...sites.map(({ maxNs }) => maxNs ?? 0));
      const property = sites.find(({ name }) => name === 'double')?.estimate;
      const each = property ? property.selfNs.value / property.count.value : 0;
      console.log(
        `busy ${python.label}: ${windows} windows, put off the CPU ${Number(stdout)} times, longest ${(longest / 1000).toFixed(0)} µs, ` +
          `a property ${each.toFixed(0)} ns by itself`,
      );
      expect(sites.length).toBeGreaterThan(8);
      expect(Number(stdout), measured('how often others got the CPU')).toBeGreaterThan(20);
      expect(windows, measured('windows')).toBeGreaterThan(50);
      expect(longest, measured('the longest operation')).toBeLessThan(LONGEST_NS);
    });
  },
  { names: ['3.8', '3.12', '3.15'] },
);
