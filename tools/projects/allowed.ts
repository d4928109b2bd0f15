import type { Tests } from './types.ts';

/** Tests that assert what a rewriter has to change. */
export interface Allowed extends Tests {
  readonly project: string;
  /** Labels of interpreters; default all. */
  readonly pythons?: readonly string[];
}

/** Every entry was looked at: the test, and what it got instead. */
export const ALLOWED: readonly Allowed[] = [
  {
    project: 'click',
    tests: 'tests/test_imports.py::test_light_imports',
    reason: 'wants a short list of modules to be all that click’s modules import; _pyrewrite is one more',
  },
];

/** Whether an id is the one of a test, of one of its cases, or of a test inside of a class or file. */
export function matches({ tests }: Tests, id: string): boolean {
  const names = tests.trim().split(/\s+/);
  return names.some((name) => id === name || id.startsWith(`${name}[`) || id.startsWith(`${name}::`));
}

/** The entry that says why a test may end otherwise; undefined where it may not. */
export function allowedFor(project: string, label: string, id: string): Allowed | undefined {
  return ALLOWED.find(
    (entry) => entry.project === project && (entry.pythons?.includes(label) ?? true) && matches(entry, id),
  );
}
