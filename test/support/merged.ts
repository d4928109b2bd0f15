import { encodeMerged } from '../../src/profile/merged-writer.ts';
import type { Profile } from '../../src/profile/profile.ts';

/** The bytes of a merged profile. */
export function mergedBytes(profile: Profile): Buffer {
  return Buffer.concat(encodeMerged(profile));
}
