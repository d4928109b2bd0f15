import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { DUMPS } from '../../tools/generate.ts';
import { describePythons, runPython } from '../support/pythons.ts';

const DUMP_OPCODES = fileURLToPath(new URL('../../tools/dump_opcodes.py', import.meta.url));

describePythons(
  'the committed dump',
  (python) => {
    test('is what the interpreter prints now', () => {
      const printed = runPython(python, [DUMP_OPCODES]);
      expect(printed).toBe(readFileSync(join(DUMPS, `cpython-${python.name}.json`), 'utf8'));
      console.log(`dumps: ${python.label} ${JSON.parse(printed).opcodes.length} opcodes, all equal`);
    });
  },
  { debug: true },
);
