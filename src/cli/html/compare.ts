import { basename } from 'node:path';
import { compareRuns } from '../../diff/index.ts';
import type { PageComparison } from '../../html/data.ts';
import { toComparison } from '../../html/to-comparison.ts';
import { mergeProfiles } from '../../profile/merge.ts';
import type { Profile } from '../../profile/profile.ts';
import { readRuns } from '../diff/runs.ts';
import { sourceTexts } from '../diff/source-text.ts';

/**
 * The runs that a page is about as one profile, and what changed since others.
 * @param before names of earlier runs, as `pyrewrite diff` takes them
 * @param after names of the page's own runs
 * @throws PyrewriteError 'bad-profile' for what is no profile, 'not-found' for a folder or glob without any
 */
export function compareWith(
  before: readonly string[],
  after: readonly string[],
  cwd: string,
): { profile: Profile; comparison: PageComparison } {
  const [a, b] = [before, after].map((names) => readRuns(names, cwd));
  const profile = mergeProfiles(b);
  const comparison = compareRuns(a, b, { textA: sourceTexts(a), textB: sourceTexts(b) });
  const names = { before: sideName(before), after: sideName(after) };
  return { profile, comparison: toComparison(comparison, profile, names, a[0].processes[0]?.cwd) };
}

function sideName(names: readonly string[]): string {
  const more = names.length > 1 ? ` and ${names.length - 1} more` : '';
  return `${basename(names[0])}${more}`;
}
