import { expect, test } from 'vitest';
import {
  blankCode,
  CODE_FIELD_KINDS,
  completeCode,
  copyCode,
  fieldSpecs,
  getField,
  setField,
} from '../../src/marshal/code-fields.ts';
import { VERSIONS } from '../../src/opcodes/versions.ts';

test('a slot is the same field for reading and for writing', () => {
  const fields = VERSIONS.flatMap(({ codeFields }) => codeFields);
  const specs = fieldSpecs([...new Set(fields)]);
  expect(specs.map(({ field }) => field).sort()).toEqual(Object.keys(CODE_FIELD_KINDS).sort());
  for (const { field, slot } of specs) {
    const blank = blankCode(0);
    setField(blank, slot, 77);
    expect(blank[field]).toBe(77);
    expect(getField(completeCode(blank), slot)).toBe(77);
    expect(Object.values(blank).filter((value) => value === 77)).toHaveLength(1);
  }
  console.log(`code fields: ${specs.length} slots`);
});

test('a copy has every property, and the changes', () => {
  const blank = blankCode(128);
  for (const [index, { slot }] of fieldSpecs(VERSIONS[0].codeFields).entries()) setField(blank, slot, index);
  const code = completeCode(blank);
  expect(copyCode(code, {})).toEqual(code);
  expect(copyCode(code, { co_stacksize: 99, flag: 0 })).toEqual({ ...code, co_stacksize: 99, flag: 0 });
});
