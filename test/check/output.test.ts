import { describe, expect, test } from 'vitest';
import {
  checkToJson,
  formatAnnotations,
  formatCheck,
  formatJunit,
  type LimitResult,
} from '../../src/check/index.ts';
import { violations } from '../report/schema.ts';

const RESULT: LimitResult = {
  name: 'prices <&"',
  metric: 'count',
  most: 100,
  actual: 1200,
  verdict: 'exceeded',
  sites: 2,
  worst: [
    {
      site: {
        file: '/work/a,b:c.py',
        function: 'f',
        line: 12,
        column: 4,
        opcode: 'LOAD_ATTR',
        name: 'x\x1b\n',
      },
      value: 900,
    },
  ],
  estimated: false,
};
const KEPT: LimitResult = { ...RESULT, name: 'fine', metric: 'p50', actual: 90, verdict: 'within' };
const IDLE: LimitResult = {
  ...RESULT,
  name: 'idle',
  metric: 'p99',
  actual: null,
  verdict: 'idle',
  worst: [],
};

const options = { color: false, cwd: '/work', all: false };

describe('results', () => {
  test('for a person: what is not kept, where, and how many are', () => {
    expect(
      formatCheck([RESULT, KEPT, IDLE], options),
    ).toBe(`over  prices <&": count is 1,200, at most 100 is allowed
        a,b:c.py:12:4  LOAD_ATTR x\\x1b\\x0a  900
idle  idle: never executed, so p99 says nothing (optional = true allows it)
2 of 3 limits not kept
`);
    expect(formatCheck([KEPT], { ...options, all: true })).toBe(
      'ok    fine: p50 is 90 ns, at most 100 ns allowed\n1 limit kept\n',
    );
    expect(formatCheck([RESULT], { ...options, color: true })).toContain('\x1b[31mover');
  });

  test('for GitHub: one annotation each, escaped', () => {
    expect(formatAnnotations([RESULT, KEPT, IDLE], '/work')).toBe(
      '::error file=a%2Cb%3Ac.py,line=12,col=5,title=pyrewrite%3A count of prices <&"::prices <&": count is 1,200, at most 100 is allowed\n' +
        '::error title=pyrewrite%3A p99 of idle::idle: never executed, so p99 says nothing (optional = true allows it)\n',
    );
  });

  test('for JUnit: a test each, whatever names hold', () => {
    const text = formatJunit([RESULT, KEPT, IDLE], '/work');
    expect(text).toContain('tests="3" failures="2"');
    expect(text).toContain('name="count of prices &lt;&amp;&quot;"');
    expect(text).not.toMatch(/[^\n -~]/);
    expect(text.match(/<testcase/g)).toHaveLength(3);
    expect(text.match(/<failure/g)).toHaveLength(2);
  });

  test('for programs', () => {
    expect(checkToJson([RESULT, KEPT])).toMatchObject({
      schema: 'pyrewrite-check/1',
      limits: 2,
      exceeded: 1,
      results: [{ verdict: 'exceeded' }, { verdict: 'within' }],
    });
    expect(violations(checkToJson([RESULT, KEPT, IDLE]), 'check')).toEqual([]);
    expect(violations({ ...checkToJson([RESULT]), limits: '1' }, 'check')).toHaveLength(1);
  });
});
