export { comparisonToJson, DIFF_SCHEMA, type DiffReport } from './json.ts';
export { formatComparisonMarkdown } from './markdown.ts';
export { type ComparisonOptions, formatComparison } from './table.ts';
