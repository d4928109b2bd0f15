import { expect, test } from 'vitest';
import { sourceHash } from '../../src/marshal/index.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { describePythons, pythonJson } from '../support/pythons.ts';

/** Every length modulo 8, and lengths past one byte. */
const LENGTHS = [...Array.from({ length: 34 }, (_, n) => n), 255, 256, 257, 1000, 65_537];

function sourceOf(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 31 + length * 7) & 0xff);
}

describePythons('source hash', (python) => {
  test('equals importlib.util.source_hash', () => {
    const theirs = pythonJson<string[]>(
      python,
      `import json, importlib.util as u
lengths = ${JSON.stringify(LENGTHS)}
print(json.dumps([u.source_hash(bytes((i * 31 + n * 7) & 255 for i in range(n))).hex() for n in lengths]))`,
    );
    const version = versionByName(python.name);
    const ours = LENGTHS.map((length) => Buffer.from(sourceHash(sourceOf(length), version)).toString('hex'));
    expect(ours).toEqual(theirs);
    console.log(`source hash: ${ours.length} sources, Python ${python.name}`);
  });
});
