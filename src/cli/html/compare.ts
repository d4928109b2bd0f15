import { basename } from 'node:path';
import { compareRuns } from '../../diff/index.ts';
import type { PageComparison } from '../../html/data.ts';
import { toComparison } from '../../html/to-comparison.ts';
import { mergeProfiles } from '../../profile/merge.ts';
import type { Profile } from '../../profile/profile.ts';
import { openRuns } from '../diff/runs.ts';

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
  const folders: (string | undefined)[] = [];
  const sum: Profile[] = [];
  const a = openRuns(before, cwd, ({ processes }) => folders.push(processes[0]?.cwd));
  const b = openRuns(after, cwd, (profile) => sum.splice(0, 1, mergeProfiles([...sum, profile])));
  const comparison = compareRuns(a.profiles, b.profiles, { textA: a.textOf, textB: b.textOf });
  const names = { before: sideName(before), after: sideName(after) };
  const [profile] = sum;
  return { profile, comparison: toComparison(comparison, profile, names, folders[0]) };
}

function sideName(names: readonly string[]): string {
  const more = names.length > 1 ? ` and ${names.length - 1} more` : '';
  return `${basename(names[0])}${more}`;
}
