import type { Run } from '../../tools/cpython-suite/results.ts';

/** A run of a test module that ended well, except for what is given. */
export function makeRun(module: string, given: Partial<Run> = {}): Run {
  return {
    module,
    date: '2026-01-02',
    status: 'exit 0',
    seconds: 1.234567,
    methods: { 'test.a.T.test_x': 'ok', 'test.a.T.test_y': 'ok', 'test.a.T.test_z': 'skipped' },
    texts: {},
    probes: 7,
    output: '',
    ...given,
  };
}
