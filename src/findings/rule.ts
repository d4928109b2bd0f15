import type { Interval } from '../profile/profile.ts';
import type { Finding, Rule } from './finding.ts';
import { isWorthwhile, type Measured, type Site } from './measured.ts';

/** What a rule found: a {@link Finding} if the gain is worth telling. */
export interface Candidate {
  /** The first is where to look first. */
  readonly sites: readonly [Site, ...Site[]];
  readonly gainNs: Interval;
  /** Asked for only if it is told. */
  readonly words: () => Pick<Finding, 'title' | 'evidence' | 'remedy'>;
}

/** A rule from what looks for its fault. */
export function rule(
  name: string,
  about: string,
  candidates: (measured: Measured) => readonly (Candidate | undefined)[],
): Rule {
  return {
    name,
    about,
    find: (measured) =>
      candidates(measured).flatMap((candidate) =>
        candidate !== undefined && isWorthwhile(measured, candidate.gainNs)
          ? [toFinding(measured, name, candidate)]
          : [],
      ),
  };
}

/** A rule that judges each site for itself. */
export function ruleOfSites(
  name: string,
  about: string,
  judge: (measured: Measured, site: Site) => Candidate | undefined,
): Rule {
  return rule(name, about, (measured) => measured.sites.map((site) => judge(measured, site)));
}

function toFinding({ indexOf }: Measured, name: string, { sites, gainNs, words }: Candidate): Finding {
  const [first] = sites;
  return {
    rule: name,
    ...words(),
    file: first.file,
    function: first.function,
    line: first.line,
    sites: sites.toSorted((a, b) => b.totalNs - a.totalNs).map((site) => indexOf.get(site) ?? -1),
    gainNs,
  };
}
