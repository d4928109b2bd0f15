/** Ways of watching a program that bench/overhead.ts compares, in the order of its tables. */
import type { InstrumentOptions } from '../../src/rewrite/instrument.ts';

export interface Way {
  readonly name: string;
  /** Probes of ours: what is selected, and the options; undefined for other tools. */
  readonly probes?: { readonly opcodes: string; readonly options?: Omit<InstrumentOptions, 'select'> };
  /** Needs an interpreter that has this, e.g. `sys.monitoring`, as an expression of Python. */
  readonly needs?: string;
  /** What it sees, in a few words. */
  readonly sees: string;
}

export const WAYS: readonly Way[] = [
  {
    name: 'pyrewrite attr',
    probes: { opcodes: 'attr' },
    sees: 'attribute loads and stores, begin to end, by place',
  },
  {
    name: 'pyrewrite',
    probes: { opcodes: 'attr,call' },
    sees: 'the same and calls (what is selected by default)',
  },
  {
    name: '--callers',
    probes: { opcodes: 'attr,call,await', options: { callers: true } },
    sees: 'the same and awaits, by the chain of operations around each',
  },
  {
    name: '--types',
    probes: { opcodes: 'attr,call', options: { types: true } },
    sees: 'attributes and calls by type, and how each was found',
  },
  { name: 'pyrewrite all', probes: { opcodes: 'all' }, sees: 'every operation, begin to end' },
  { name: 'cProfile', sees: 'calls, by function' },
  { name: 'VizTracer', needs: 'viztracer', sees: 'calls, each in time' },
  {
    name: 'line_profiler',
    needs: 'line_profiler',
    sees: 'lines of chosen functions (a C callback of sys.settrace)',
  },
  { name: 'setprofile', sees: 'calls and returns, in Python' },
  { name: 'monitoring', needs: 'sys.monitoring', sees: 'begins of instructions, no ends' },
  { name: 'settrace', sees: 'begins of instructions (f_trace_opcodes), no ends' },
  { name: '__getattribute__', sees: 'attribute loads of classes that were changed' },
  { name: 'gc.callbacks', sees: 'garbage collections, not where' },
  {
    name: 'sampling',
    needs: 'profiling.sampling',
    sees: 'stacks, a thousand a second; no operations, no counts',
  },
];
