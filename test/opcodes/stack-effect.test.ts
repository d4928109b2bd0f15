import { expect, test } from 'vitest';
import { stackEffect } from '../../src/opcodes/stack-effect.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { describePythons, pythonJson } from '../support/pythons.ts';

/** Prints dis.stack_effect of every opcode below 256 for opargs 0 … 2047, not jumping and jumping. */
const SCRIPT = `
import dis, json, opcode
def effects(number, jump):
    try:
        return [dis.stack_effect(number, oparg, jump=jump) for oparg in range(2048)]
    except ValueError:
        return [dis.stack_effect(number, None, jump=jump)] * 2048
def both(name, number):
    return {} if number > 255 or name == "INSTRUMENTED_LINE" else {name: [effects(number, False), effects(number, True)]}
found = {}
for name, number in dis.opmap.items():
    found.update(both(name, number))
print(json.dumps(found))
`;

describePythons('stackEffect', (python) => {
  test('is dis.stack_effect for every opcode and oparg', () => {
    const version = versionByName(python.name);
    const expected = pythonJson<Record<string, [number[], number[]]>>(python, SCRIPT);
    let compared = 0;
    for (const info of version.opcodes) {
      if (info === undefined) continue;
      const [straight, jumping] = expected[info.opname] ?? [];
      expect(straight, info.opname).toHaveLength(2048);
      expect(straight?.map((_, oparg) => stackEffect(info, oparg, false))).toEqual(straight);
      expect(jumping?.map((_, oparg) => stackEffect(info, oparg, true))).toEqual(jumping);
      compared += 2 * 2048;
    }
    console.log(`stack effects: ${python.label} ${compared} compared, all equal`);
    expect(compared).toBeGreaterThan(100 * 4096);
  });
});
