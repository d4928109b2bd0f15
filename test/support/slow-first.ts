import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes a minute or more of CI, longest first. One that is missing here costs some idle time, and nothing else. */
const SLOW: readonly string[] = [
  'behaviour/programs',
  'native/faults',
  'laws/cpython-suite',
  'rewrite/neighbours',
  'cli/run-fidelity',
  'native/sanitizers',
  'cli/rewrite',
  'native/scenarios',
  'native/arm64',
  'cli/run-processes',
  'docs',
  'programs/tools',
  'random/random-programs',
  'cli/run-programs',
  'laws/instrument-stdlib',
  'programs/own',
  'behaviour/coverage',
  'native/unit',
];

function rank({ moduleId }: TestSpecification): number {
  const at = SLOW.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
  return at < 0 ? SLOW.length : at;
}

/**
 * Begins with the files that take longest, so that no CPU is idle at the end while the other has one of them to do. By
 * itself vitest begins with the largest, where it has not seen them before; and some of the slowest have few lines.
 */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}
