/** Rule: tools that read imports from bytecode (modulefinder, py2exe, cx_Freeze) find them between probes. */
import { expect, test } from 'vitest';
import { compileOne, inspect, probe } from '../support/programs.ts';
import { describePythons } from '../support/pythons.ts';

const IMPORTS = `
import os.path, json as j
from collections import abc
def late():
    import tokenize
    from email import message
    return tokenize, message
`;

const FINDER = `
import json, marshal, sys
from modulefinder import ModuleFinder
with open(sys.argv[1], 'rb') as file:
    code = marshal.loads(file.read()[16:])
finder = ModuleFinder()
found = []
def scan(code):
    found.extend([what, list(map(str, args))] for what, args in finder.scan_opcodes(code))
    for constant in code.co_consts:
        if hasattr(constant, 'co_code'):
            scan(constant)
scan(code)
print(json.dumps(sorted(found)))
`;

describePythons('modulefinder', (python) => {
  test('finds the imports of code with probes', () => {
    const pyc = compileOne(python, IMPORTS);
    const imports: unknown[] = JSON.parse(inspect(python, pyc, FINDER));
    const probed: unknown[] = JSON.parse(inspect(python, probe(pyc, 'all').pyc, FINDER));
    expect(probed.filter((found) => !JSON.stringify(found).includes('_pyrewrite'))).toEqual(imports);
    expect(JSON.stringify(imports)).toContain('tokenize');
    expect(imports.length).toBeGreaterThan(4);
  });
});
