export { toJson } from './json.ts';
export {
  type NotMeasured,
  REPORT_SCHEMA,
  type Report,
  type ReportProcess,
  type ReportSite,
  type SkippedFile,
  type SkippedOperation,
} from './report.ts';
export { formatReportScreen, formatScreen, type ScreenOptions } from './screen.ts';
export { isSortKey, SORT_KEYS, type SortKey } from './sort.ts';
export { formatReport, formatTable, type TableOptions } from './table.ts';
