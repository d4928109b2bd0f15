import type { Profile } from '../profile/profile.ts';
import type { Finding, Rule, SourceLines } from './finding.ts';

/** Every rule. */
export const RULES: readonly Rule[] = [];

/**
 * What could be faster, the largest gain first. Gains are of one change each: two changes to one piece of code
 * save less than both numbers.
 * @param source lines of the program's files, for rules that ask what stands there
 */
export function findFindings(profile: Profile, source: SourceLines = () => undefined): Finding[] {
  const found = RULES.flatMap((rule) => rule.find({ profile, source }));
  return found.toSorted((a, b) => b.gainNs.value - a.gainNs.value);
}
