import type { Comparison } from '../../diff/index.ts';

/** Version of the JSON interface; its second part grows when a field changes its meaning or goes away. */
export const DIFF_SCHEMA = 'pyrewrite-diff/1';

/** The object that `pyrewrite diff --json` prints; described in docs/reference/diff-json.md. */
export interface DiffReport extends Comparison {
  readonly schema: typeof DIFF_SCHEMA;
}

/** The comparison as the object that `pyrewrite diff --json` prints. */
export function comparisonToJson(comparison: Comparison): DiffReport {
  return { schema: DIFF_SCHEMA, ...comparison };
}
