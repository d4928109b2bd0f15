/** `pythonRepr` says what Python's `repr()` says of what `marshal` loads from the same bytes. */
import { expect, test } from 'vitest';
import { pythonRepr } from '../../src/code/python-repr.ts';
import { readMarshal } from '../../src/marshal/index.ts';
import { versionByName } from '../../src/opcodes/versions.ts';
import { describePythons, pythonJson } from '../support/pythons.ts';

const VALUES = `[
  None, True, False, ..., StopIteration, 0, -1, 2**31, -2**200, 10**40,
  0.0, -0.0, 1.0, 0.1, 1e16, 123456789012345680.0, 9999999999999998.0, 1e-4, 1.5e-5, 1e22, 1.7976931348623157e308, 5e-324,
  float("inf"), -float("inf"), float("nan"), -2.5, 1234.5, 100.0, 1e100,
  1j, -1j, 1+2j, 1.5-0j, complex(-0.0, 1), complex(0, float("nan")), complex(1e20, -1e-7),
  "", "a", "it's", '"', "'\\"", "\\\\ \\n\\r\\t\\x00\\x1f\\x7f", "\\x80\\xa0\\xad\\xe9", "\\u2028\\u200b\\ud800 \\U0001f600", "\\ud834\\udd20",
  "\\U0001d120\\ud834\\udd20", b"", b"it's", b'"', b"'\\"", bytes(range(256)),
  (), (1,), (1, "a", (None,)), [], [1, [2]], {}, {"a": 1, 2: [3]}, set(), {1}, frozenset(), frozenset([1]),
]`;

const SCRIPT = `
import json, marshal
values = ${VALUES}
nested = [1]
nested.append(nested)
values.append(nested)
try:
    marshal.dumps(slice(1, None, -1))
    values.append(slice(1, None, -1))
except ValueError:
    pass
print(json.dumps([[marshal.dumps(value).hex(), "StopIteration" if value is StopIteration else repr(value)] for value in values]))
`;

describePythons('repr()', (python) => {
  test('of constants of every type', () => {
    const version = versionByName(python.name);
    const cases: [string, string][] = pythonJson(python, SCRIPT);
    const texts = cases.map(([hex]) =>
      pythonRepr(readMarshal(new Uint8Array(Buffer.from(hex, 'hex')), version)),
    );
    expect(texts).toEqual(cases.map(([, text]) => text));
    console.log(`repr, Python ${python.name}: ${texts.length} constants`);
    expect(texts.length).toBeGreaterThan(50);
  });
});
