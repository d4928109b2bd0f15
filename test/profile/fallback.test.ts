import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  CLOCK_SOURCES,
  HEADER,
  PROFILE_CONSTANTS,
  PROFILE_FLAGS,
  RECORD_TYPES,
  SITE,
} from '../../src/profile/format.ts';
import { FALLBACK_COMPANION } from '../../src/runtime/sources.ts';

const source = readFileSync(FALLBACK_COMPANION, 'utf8');

/** Values of a line like `A, B = 1, 2` of the recorder in Python. */
function constants(first: string): Record<string, number> {
  const line = source
    .split('\n')
    .find((text) => text.startsWith(`${first},`) || text.startsWith(`${first} =`));
  const [names, values] = (line ?? '').split(' = ').map((side) => side.split(', '));
  return Object.fromEntries(names.map((name, i) => [name, Number(values[i])]));
}

test('the recorder in Python uses the numbers of the format', () => {
  const { ALIGNMENT, BLOCK_UNIT, SUB_BUCKETS, OCTAVES } = PROFILE_CONSTANTS;
  expect(constants('HEADER_SIZE')).toEqual({
    HEADER_SIZE: HEADER.size,
    SITE_SIZE: SITE.size,
    ALIGNMENT,
    BLOCK_UNIT,
  });
  expect(constants('SUB_BUCKETS')).toEqual({ SUB_BUCKETS, OCTAVES });
  const { FINISHED, FORKED, COARSE } = PROFILE_FLAGS;
  expect(constants('FINISHED')).toEqual({ FINISHED, FORKED, COARSE });
  expect(constants('PERF_COUNTER')).toEqual({ PERF_COUNTER: CLOCK_SOURCES.PERF_COUNTER });
  const { PROCESS, TABLE, SITES, BLOCKS } = RECORD_TYPES;
  expect(constants('PROCESS')).toEqual({ PROCESS, TABLE, SITES, BLOCKS });
});
