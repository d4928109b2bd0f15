export { type CompareOptions, compareRuns } from './compare.ts';
export type {
  ComparedSide,
  ComparedSite,
  Comparison,
  CountChange,
  CountRange,
  Place,
  TimeChange,
  TimeVerdict,
} from './comparison.ts';
export type { FileMatch, FileMatchHow } from './files.ts';
export {
  type FunctionMatch,
  type MatchableSite,
  type MatchOptions,
  matchSites,
  type SiteMatch,
} from './match.ts';
