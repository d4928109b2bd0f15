import type { Profile } from '../profile/profile.ts';
import type { Finding, Rule, SourceLines } from './finding.ts';
import { measuredOf } from './measured.ts';
import { collections } from './rules/collections.ts';
import { concatenation } from './rules/concatenation.ts';
import { consumedSlices } from './rules/consumed-slices.ts';
import { controlFlow } from './rules/control-flow.ts';
import { idleAwait } from './rules/idle-await.ts';
import { linearSearch } from './rules/linear-search.ts';
import { localImport } from './rules/local-import.ts';
import { loopedGlobal } from './rules/looped-global.ts';
import { megamorphic } from './rules/megamorphic.ts';
import { moduleNames } from './rules/module-names.ts';
import { regexCompile } from './rules/regex-compile.ts';
import { repeatedProperty } from './rules/repeated-property.ts';
import { stringGrowth } from './rules/string-growth.ts';
import { swallowedError } from './rules/swallowed-error.ts';
import { temporaryContainer } from './rules/temporary-container.ts';

const LEAST_PART = 0.005;

/** Every rule. */
export const RULES: readonly Rule[] = [
  repeatedProperty,
  swallowedError,
  linearSearch,
  stringGrowth,
  consumedSlices,
  concatenation,
  temporaryContainer,
  collections,
  controlFlow,
  localImport,
  regexCompile,
  megamorphic,
  moduleNames,
  loopedGlobal,
  idleAwait,
];

/**
 * What could be faster, the largest gain first. Gains are of one change each: two changes to one piece of code
 * save less than both numbers.
 * @param source lines of the program's files, for rules that ask what stands there
 * @param leastPart part of the measured work that a change must save to be named
 */
export function findFindings(
  profile: Profile,
  source: SourceLines = () => undefined,
  leastPart: number = LEAST_PART,
): Finding[] {
  const measured = measuredOf(profile, source, leastPart);
  const found = RULES.flatMap((rule) => rule.find(measured));
  return found.toSorted((a, b) => b.gainNs.value - a.gainNs.value);
}
