export {
  CATEGORY_IDS,
  type Category,
  type CategoryId,
  categoryAbout,
  categoryLabel,
  categoryOf,
  type Taxes,
} from './categories.ts';
export type { Finding, SourceLines } from './finding.ts';
export { findFindings } from './findings.ts';
export { divideTime } from './taxes.ts';
